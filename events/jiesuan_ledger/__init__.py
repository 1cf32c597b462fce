"""The ledger: its facts as structs, its rule of acceptance, the log under it."""
