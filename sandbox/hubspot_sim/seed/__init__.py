"""The made-up content of the portal at its start, and records by the thousand."""
