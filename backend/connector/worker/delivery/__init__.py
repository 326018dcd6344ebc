"""Handing messages to the gateway and looking up their outcome."""
