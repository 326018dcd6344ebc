"""Installing the app: consent, tokens, the account it is installed in."""
