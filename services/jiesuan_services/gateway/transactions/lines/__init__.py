"""Lines of a charge: their catalogue, and their split."""
