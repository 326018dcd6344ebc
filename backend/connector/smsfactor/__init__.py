"""Adapter for SMSFactor, the SMS gateway: our calls, its answers and its events. See README.md."""
