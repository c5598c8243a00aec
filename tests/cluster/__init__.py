"""Forbear as many machines have it, on this one: a process for each service, Kafka between them."""
