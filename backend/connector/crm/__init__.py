"""Reads HubSpot for a portal: access, call budget, records, people and properties (used by inbound and worker)."""
