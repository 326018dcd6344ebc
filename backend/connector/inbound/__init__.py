"""HTTP in: prove the caller, parse, run one use case, render."""
