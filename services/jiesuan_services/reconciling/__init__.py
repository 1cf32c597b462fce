"""Reconciliation: somebody's own figures and rows held against ours (3201, 3202)."""
