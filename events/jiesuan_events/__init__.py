"""What may be said: requests, facts, answers and the names they travel under."""
