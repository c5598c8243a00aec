"""The demo: weeks of collections, played by a seeded population against the real services.

Everything drawn is drawn by (seed, who, when), never by what happens to finish first, so the same
seed gives the same events.
"""
