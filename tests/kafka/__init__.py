"""Apache Kafka for the tests, from whichever is there."""
