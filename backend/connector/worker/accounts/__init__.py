"""Setting up portals and refreshing the state of their accounts."""
