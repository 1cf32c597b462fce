"""What is found after the fact of the settlements that stand."""
