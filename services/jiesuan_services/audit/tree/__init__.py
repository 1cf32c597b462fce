"""The formats that prove a ledger: tree, notes and files; pure, bytes in and out."""
