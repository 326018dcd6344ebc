"""Settings of the webhooks' delivery."""

from sandbox.control import Setting

WEBHOOK_SETTINGS: dict[str, Setting] = {
    "webhook_delay_s": Setting(0.2, "how long events are collected before a batch leaves"),
    "webhook_batch_max": Setting(100, "events in one call (HubSpot docs: up to 100)"),
    "webhook_mixed_portals": Setting(True, "one call may hold events of several portals (unconfirmed)"),
    "webhook_shuffled": Setting(True, "events of a call in any order; HubSpot promises none"),
    "webhook_duplicate_percent": Setting(0, "per cent of the calls that are made again after their success"),
    "webhook_timeout_s": Setting(5, "real seconds that HubSpot waits for an answer"),
    "webhook_retry_compression": Setting(1440, "HubSpot's 24 hours of retries are divided by this"),
    "webhook_retry_event_id": Setting(
        "same", "whether a retry has the eventId of the first call (unconfirmed)", ("same", "new")
    ),
    "webhook_signatures": Setting("v1+v3", "signatures of a call (unconfirmed)", ("v1+v3", "v1")),
    "webhook_merge_object_id": Setting(
        "survivor", "objectId of a merge event (unconfirmed)", ("survivor", "primary")
    ),
    "webhook_deletion_with_privacy": Setting(
        True, "a privacy deletion sends a deletion event as well (unconfirmed)"
    ),
}
WEBHOOK_HELP = """\
  GET  /_control/webhook-calls                every call to the app's webhooks: attempt, status or error, events
  GET  /_control/webhook-idle?timeout_s=10    waits until no event is left to deliver or to retry
  POST /_control/records/{type}/{id}/restore  restore an archived record
  POST /_control/records/contacts/{id}/privacy-delete   delete a contact for good, as a person asks under the GDPR
                                              (?source=IMPORT&source_id=x on any change: changeSource, sourceId)
"""
