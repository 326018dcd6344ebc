"""Sending SMS: orders, texts, recipients, and the look-ups of campaigns and messages."""
