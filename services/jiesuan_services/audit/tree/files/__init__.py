"""What is written for others: records, seals, receipts, the manifest of an export."""
