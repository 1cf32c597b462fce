"""Figures of the month: a detail file held against ours, and a month drawn."""
