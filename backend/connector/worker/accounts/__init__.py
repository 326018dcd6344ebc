"""Setting up portals and refreshing what is known of their accounts."""
