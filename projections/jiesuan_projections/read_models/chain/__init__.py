"""Which entry of each person comes next, and which ledger all of this retells."""
