"""Real PostgreSQL from a wheel's binaries, also for root."""
