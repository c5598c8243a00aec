"""Placements: batches of accounts handed over by a creditor, and what became of each row."""
