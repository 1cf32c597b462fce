"""Rules that hold two bills of one person against each other."""
