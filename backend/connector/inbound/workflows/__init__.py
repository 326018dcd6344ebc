"""Routes that HubSpot calls for workflow actions."""
