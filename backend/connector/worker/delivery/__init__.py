"""Handing messages to the gateway and looking up what became of them."""
