"""Contact lists, the STOP list and the NPAI list."""
