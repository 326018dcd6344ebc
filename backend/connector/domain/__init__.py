"""Pure rules: no input or output, no Flask, no SQL. Used by every other part."""
