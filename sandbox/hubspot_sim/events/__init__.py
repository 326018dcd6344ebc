"""App events: the API that takes them and the log that keeps them."""
