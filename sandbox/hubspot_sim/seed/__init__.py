"""The invented content of a new portal, and the generator of records by the thousand."""
