"""What facts come to: the accumulators of each pool and year."""
