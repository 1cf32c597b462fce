"""Whole visits at the counter, over HTTP."""
