"""What a person registered for places of care, and how long it counts."""
