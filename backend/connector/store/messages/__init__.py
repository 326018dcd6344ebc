"""Messages: rows, claims, attempts, limits, and the queries of a card."""
