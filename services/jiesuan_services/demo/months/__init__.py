"""Three months between three invented regions, closed to the last fen."""
