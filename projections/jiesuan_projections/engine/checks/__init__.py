"""Whether read models are what they must be: shape, digest, sums."""
