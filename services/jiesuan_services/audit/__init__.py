"""For auditors: verify the ledger and replay it; nothing here can write to it."""
