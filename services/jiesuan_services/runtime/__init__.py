"""What every process needs: settings, packs, heartbeat, log lines, reference."""
