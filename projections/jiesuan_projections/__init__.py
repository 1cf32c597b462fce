"""The read models: they retell what was written."""
