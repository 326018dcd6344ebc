"""Messages: rows, claims, attempts, limits, and what a card reads of them."""
