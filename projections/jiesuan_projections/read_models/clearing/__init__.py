"""The months of the regions: statements, their rows, recoveries, prepayments."""
