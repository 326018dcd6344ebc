"""Writes that HubSpot is to receive, and what is known of its records and limits."""
