"""Canaries: synthetic consumers of each agency on whom forbidden acts are tried all the time."""
