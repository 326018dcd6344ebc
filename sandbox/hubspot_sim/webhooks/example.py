"""For tests: an invented webhooks component."""

from typing import Any

TARGET_ORIGIN = "https://connector.sandbox.example"


def example_webhooks() -> dict[str, Any]:
    """The config of a webhooks component."""
    changes = [("contact", "phone"), ("contact", "mobilephone"), ("company", "phone")]
    entries = [
        {
            "subscriptionType": "object.propertyChange",
            "objectType": kind,
            "propertyName": name,
            "active": True,
        }
        for kind, name in changes
    ]
    more = [
        {"subscriptionType": f"object.{what}", "objectType": "contact", "active": what != "creation"}
        for what in ("creation", "deletion", "merge", "restore")
    ]
    return {
        "settings": {"targetUrl": f"{TARGET_ORIGIN}/hubspot/webhooks", "maxConcurrentRequests": 10},
        "subscriptions": {
            "crmObjects": entries + more,
            "legacyCrmObjects": [],
            "hubEvents": [{"subscriptionType": "contact.privacyDeletion", "active": True}],
        },
    }
