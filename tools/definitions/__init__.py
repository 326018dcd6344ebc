"""Generates the definitions for HubSpot from the tables in hubspot-project/definitions."""
