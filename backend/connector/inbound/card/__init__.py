"""Routes of the card and the composer."""
