"""What the ledger is asked, and what it says: requests, outcomes, refusals."""
