"""The lines of a bill: split by the care place or by its catalogue."""
