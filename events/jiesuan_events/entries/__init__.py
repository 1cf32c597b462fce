"""What an entry of the ledger is: its chain, its envelope, its rules, its versions."""
