"""Quoting, settling, refunding, compensating."""
