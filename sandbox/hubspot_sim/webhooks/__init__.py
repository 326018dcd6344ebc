"""The webhooks component: subscriptions, the events of changes, and their delivery to the app."""
