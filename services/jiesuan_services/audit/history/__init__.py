"""Any state of any day, read from the log or from what is checked against it."""
