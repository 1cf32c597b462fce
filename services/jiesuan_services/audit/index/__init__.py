"""The auditor's index: each person's entries with their stored bytes, found at once."""
