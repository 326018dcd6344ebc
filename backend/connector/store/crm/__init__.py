"""Writes to HubSpot, and the known facts about its records and limits."""
