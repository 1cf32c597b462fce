"""Witnesses: second signers who see every checkpoint before it counts."""
