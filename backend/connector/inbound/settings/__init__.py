"""Routes of the settings page."""
