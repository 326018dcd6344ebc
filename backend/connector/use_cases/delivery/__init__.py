"""Recording what became of a message at the gateway and the handset."""
