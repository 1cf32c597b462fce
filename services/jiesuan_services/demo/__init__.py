"""A year of a small invented town, lived on real parts and held to account."""
