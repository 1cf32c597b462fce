"""Daily reconciliation and monthly clearing."""
