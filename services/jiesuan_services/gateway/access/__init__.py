"""Who comes to the counter, and how he proves it."""
