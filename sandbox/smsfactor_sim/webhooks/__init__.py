"""Webhooks: registration and delivery."""
