"""The sandbox: everything that plays HubSpot, SMSFactor and production on one machine."""
