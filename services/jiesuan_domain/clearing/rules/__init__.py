"""What each request about a month must meet; the fact that it comes to if it does."""
