"""Commands that ask the past: as-of, diff, what-if, looks."""
