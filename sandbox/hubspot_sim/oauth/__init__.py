"""Installing the app: consent, tokens, and the account with the installation."""
