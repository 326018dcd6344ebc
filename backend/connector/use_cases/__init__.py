"""The product's operations, one verb per file: `(conn, command) -> result`. No HTTP, no call to a provider."""
