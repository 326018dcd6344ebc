"""Drains of the lanes: each loads rows, calls an adapter outside any transaction, and records the result."""
