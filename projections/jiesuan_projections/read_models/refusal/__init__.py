"""Every refused request: answers that the ledger keeps nothing of."""
