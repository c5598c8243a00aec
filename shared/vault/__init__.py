"""Personal data: sealing, opening and erasing it, and the keys this takes.

Every data subject has a key of its own, wrapped by the tenant's key, which the master key wraps.
Deleting a subject's key erases the person everywhere while every stored byte stays as it was.
"""
