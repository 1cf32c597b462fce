"""Queries of what stands, the counter's own writes visible."""
