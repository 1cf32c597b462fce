"""Transfers, chronic qualifications, designations: filed at the counter."""
