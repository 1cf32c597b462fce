"""Ledger records that are nobody's next entry: shown here, ignored elsewhere."""
