"""Writes the definitions that HubSpot reads from the tables in hubspot-project/definitions."""
