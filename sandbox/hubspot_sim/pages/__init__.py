"""The pages of app.hubspot.com: their files, their data, and the broker behind hubspot.fetch."""
