"""The append-only event log, its inline rows and the one way to change anything: `transact`."""
