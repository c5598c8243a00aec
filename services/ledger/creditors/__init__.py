"""Creditors: the companies that place accounts with the agency."""
