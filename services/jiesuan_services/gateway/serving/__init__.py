"""The gateway as a process: its routes, its connections, its followers."""
