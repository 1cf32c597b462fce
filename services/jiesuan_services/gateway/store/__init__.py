"""What the counter keeps in PostgreSQL, schemas `gateway` and `vault`."""
