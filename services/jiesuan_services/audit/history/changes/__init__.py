"""What changed between two points, and why."""
