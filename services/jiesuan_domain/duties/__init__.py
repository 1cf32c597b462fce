"""What others owe and by when: the limits in working days."""
