"""Contacts that were made before a fact was learnt which forbids them."""
