"""The mobile networks and what the phones show."""
