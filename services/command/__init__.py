"""The `forbear` command: an installation on one machine, and the processes that serve it.

It creates the data folder, runs PostgreSQL and the services under a supervisor, and looks after
both. Nothing here decides anything about accounts or contacts.
"""
