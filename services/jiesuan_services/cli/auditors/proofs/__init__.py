"""Commands that prove a ledger: seal, receipt, export, import."""
