"""A stand-in for the SMSFactor gateway: its HTTP API, a simulated carrier, webhooks, and a page with the
handsets."""
