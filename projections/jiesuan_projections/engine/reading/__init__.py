"""Reading the ledger by the rule of all readers."""
