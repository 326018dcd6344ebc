"""Installing a portal and linking its account."""
