"""Sealing: the tree of the ledger on disk, its seals on the log, its receipts."""
