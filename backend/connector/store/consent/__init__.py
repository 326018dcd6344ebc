"""Opt-outs and unassigned numbers."""
