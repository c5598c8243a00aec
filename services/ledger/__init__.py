"""The ledger: creditors, placements, accounts, their money and their plans.

It owns what is owed and what was paid. Every money event maps to balanced postings by a pure
function, so the journal can be rebuilt from the log at any time and the books always sum to zero.
It contacts nobody and decides nothing about contact: it publishes facts that others act upon.
"""
