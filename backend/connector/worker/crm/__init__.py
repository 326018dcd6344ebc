"""Writing properties and events to HubSpot."""
