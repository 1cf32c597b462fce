"""What clearing knows of one care region, and what a fact changes of it."""
