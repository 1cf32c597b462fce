"""What is shown of the months: rows that changed, answers, read models."""
