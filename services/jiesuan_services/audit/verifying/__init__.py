"""Verifying: every chain, sum and seal of the log from its beginning."""
