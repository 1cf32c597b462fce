"""The log: what the processes need of Kafka, and the same in memory."""
