"""What comes by the hundred a second: statements that many messages share."""
