"""Shared by all routes: proof of the caller, parsing, answers."""
