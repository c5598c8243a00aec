"""Attempts: one try each to reach a party, from the decision to the outcome."""
