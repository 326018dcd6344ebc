"""Accepting, composing and settling executions of workflow actions."""
