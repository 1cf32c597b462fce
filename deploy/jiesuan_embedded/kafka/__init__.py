"""Real Apache Kafka on one node: jars, Java, and the server."""
