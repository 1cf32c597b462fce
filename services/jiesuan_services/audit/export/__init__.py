"""Exports: a sealed ledger as files that others verify, and the way back."""
