"""Files: uploaded, kept for a while, fetched."""
