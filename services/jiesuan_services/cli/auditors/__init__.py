"""Commands for auditors: from the log, read only."""
