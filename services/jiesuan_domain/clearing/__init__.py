"""The months of the regions: what is drawn, declared, audited, paid; by rule alone."""
