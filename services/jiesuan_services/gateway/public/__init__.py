"""What anybody may ask: institutions, notices, one's own qualifications."""
