"""Accounts: one debt each, its parties, balance, holds, payments and its end."""
