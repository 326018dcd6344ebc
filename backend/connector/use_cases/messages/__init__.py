"""Composing, queueing, cancelling and showing messages."""
