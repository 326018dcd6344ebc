"""What stands in an SMS: characters, parts, links, merge fields."""
