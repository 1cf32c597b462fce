"""The log: what readers and writers need of Kafka, and the same in memory."""
