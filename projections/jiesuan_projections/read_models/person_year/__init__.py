"""The accumulators of each person, scheme and year, as the facts state them."""
