"""Disputes: what people contest, and what has to be done before collection may go on.

It owns every dispute from its receipt to its resolution. It promises that a dispute is never denied
before an answer is on record, and that collection stops before the person is told that it has.
Whether a contact is lawful meanwhile is compliance's to decide; the ledger holds the account.
"""
