"""Tools for developers: set-up and checks. They run before anything is installed, so they use the standard library."""
