"""For whoever sends requests and waits for their answers."""
