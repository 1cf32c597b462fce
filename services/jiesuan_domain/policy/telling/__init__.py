"""A policy pack rendered: in Chinese for the clerk, as plain data for programs."""
