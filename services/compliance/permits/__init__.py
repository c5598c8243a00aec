"""Permits: leave to make one attempt, decided against everything known of one consumer."""
