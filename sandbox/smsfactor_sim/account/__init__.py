"""Accounts, their credits and their API tokens."""
