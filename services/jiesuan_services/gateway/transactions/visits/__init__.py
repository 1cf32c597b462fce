"""The way of a visit up to its settlement."""
