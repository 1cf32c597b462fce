"""The decider: reads requests, asks the law, enters, and answers after the check."""
