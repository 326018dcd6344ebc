"""The mobile networks and the phones' screens."""
