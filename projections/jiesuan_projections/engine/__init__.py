"""What keeps read models up to date: follow, apply, rebuild, swap."""
