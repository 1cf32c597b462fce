"""What the rows of the ledger use of the prepayments, whether cleared or not."""
