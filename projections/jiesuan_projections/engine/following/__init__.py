"""What a projector follows partition by partition, and where it stands."""
