"""Rate limits and the counts of API calls."""
