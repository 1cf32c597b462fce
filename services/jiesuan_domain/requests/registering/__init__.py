"""What agencies and hospitals register, and whether an agency may."""
