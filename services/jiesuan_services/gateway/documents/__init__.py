"""What vendors read: generated from the table of transactions, checked by a test."""
