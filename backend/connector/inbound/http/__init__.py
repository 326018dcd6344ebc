"""What every route shares: proof of the caller, parsing, answers."""
