"""What agencies and institutions owe each other, month by month, net of refunds."""
