"""Dated policy packs: every number of the law, with its article and quotation."""
