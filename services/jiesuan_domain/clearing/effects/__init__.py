"""What each fact of clearing does to a region; total, they refuse nothing."""
