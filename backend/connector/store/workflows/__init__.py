"""Executions of workflow actions, their waits and outcomes."""
