"""Commands for the clerk who keeps the policy packs."""
