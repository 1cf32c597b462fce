"""What an answer says: rendered from the fact alone, each step explained."""
