"""Clearing as a process: its store, the ledger it follows, the requests it serves."""
