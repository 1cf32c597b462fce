"""Signed rows: every settlement (+) and every mirror of one (−)."""
