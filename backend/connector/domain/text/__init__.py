"""The contents of an SMS: characters, parts, links, merge fields."""
