"""The town: its people, places and one year of requests; the same for every run."""
