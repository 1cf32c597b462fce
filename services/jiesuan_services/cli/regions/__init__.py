"""Commands for the months of the regions: statements, deadlines, reconciliation."""
