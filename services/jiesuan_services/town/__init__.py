"""A small invented town and one year of it: the same number gives the same year."""
