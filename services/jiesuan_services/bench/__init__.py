"""Measured, not claimed: every figure beside its baseline in the same run."""
