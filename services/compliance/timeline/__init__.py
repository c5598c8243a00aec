"""One account's story in plain words, from the events of all services."""
