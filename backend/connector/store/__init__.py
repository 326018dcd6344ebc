"""PostgreSQL, in explicit SQL: one file per noun. Every query names its portal."""
