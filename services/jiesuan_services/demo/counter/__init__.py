"""A clinic at the counter: a small hospital system of ours, and its morning."""
