"""Commands for producers: requests in, answers out."""
