"""The counter: the national interface for hospitals and pharmacies, over HTTP."""
