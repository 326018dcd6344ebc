"""Adapter for SMSFactor, the SMS gateway: what it is asked, answers and tells us. See README.md."""
