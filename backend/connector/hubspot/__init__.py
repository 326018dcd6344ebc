"""Adapter for HubSpot: CRM calls, app events, OAuth. See README.md."""
