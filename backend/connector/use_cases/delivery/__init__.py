"""Recording the fate of a message at the gateway and the handset."""
