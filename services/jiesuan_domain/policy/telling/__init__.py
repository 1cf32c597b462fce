"""A policy pack told: in Chinese for the clerk, as plain data for programs."""
