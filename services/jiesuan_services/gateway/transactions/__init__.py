"""The transactions of the national interface, each a small module of its own."""
