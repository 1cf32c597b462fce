"""Real Kafka and real PostgreSQL on this machine, without Docker."""
