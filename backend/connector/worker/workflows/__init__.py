"""Resolving executions and reporting their outcomes to HubSpot."""
