"""Recording consent and opt-outs."""
