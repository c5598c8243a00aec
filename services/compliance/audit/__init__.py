"""The audit trail: one RFC 6962 Merkle log per tenant, with signed checkpoints.

Entries are rows, never events, or they would audit themselves.
"""
