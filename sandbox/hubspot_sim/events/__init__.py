"""App events: the API that accepts them and the log that stores them."""
