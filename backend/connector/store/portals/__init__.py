"""Portals, their accounts, tokens, senders and problems."""
