"""Disputes of one account each, and requests for the original creditor."""
