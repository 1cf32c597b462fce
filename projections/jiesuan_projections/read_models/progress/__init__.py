"""How far the read models have come, and how far the logs go."""
