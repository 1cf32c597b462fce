"""The way to the ledger and back: requests through Kafka, answers by name."""
