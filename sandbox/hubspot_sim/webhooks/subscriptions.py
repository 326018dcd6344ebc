"""The subscriptions in the project's webhooks file (HubSpot docs, configure webhooks; create generic subscriptions)."""

from dataclasses import dataclass
from typing import Any

from sandbox.hubspot_sim.crm.changes import Change
from sandbox.hubspot_sim.crm.object_types import CONTACT, find_type
from sandbox.hubspot_sim.project_errors import ProjectError

_FIRST_ID = 5_000_001


@dataclass(frozen=True)
class Subscription:
    """One entry. type: "object.propertyChange", or the classic "contact.propertyChange". type_id: of its records."""

    id: int
    type: str
    type_id: str
    property_name: str | None

    @property
    def is_generic(self) -> bool:
        """True for the newer format, whose events carry objectTypeId."""
        return self.type.startswith("object.")

    def covers(self, change: Change) -> bool:
        """True when the change is an event of this subscription."""
        return (
            self.type.partition(".")[2] == change.type
            and self.type_id == change.kind.id
            and self.property_name == change.fields.get("propertyName")
        )


@dataclass(frozen=True)
class Webhooks:
    """The component. Inactive subscriptions are left out."""

    target_url: str
    concurrency: int
    subscriptions: tuple[Subscription, ...]


def load_webhooks(components: list[dict[str, Any]]) -> Webhooks | None:
    """The project's webhooks; None without the component. Raises ProjectError, also for a type without records here."""
    config = next((item["config"] for item in components if item["type"] == "webhooks"), None)
    if config is None:
        return None
    settings, lists = config["settings"], config["subscriptions"]
    concurrency = settings["maxConcurrentRequests"]
    if concurrency <= 5:  # "must be a number greater than five" (HubSpot docs, configure webhooks)
        raise ProjectError("webhooks: maxConcurrentRequests must be greater than five")
    if not settings["targetUrl"].startswith("https://") or "?" in settings["targetUrl"]:
        raise ProjectError("webhooks: targetUrl must be an https URL without a query")
    entries = [
        entry for name in ("crmObjects", "legacyCrmObjects", "hubEvents") for entry in lists.get(name, [])
    ]
    found = [_subscription(_FIRST_ID + place, entry) for place, entry in enumerate(entries)]
    keys = [(each.type, each.type_id, each.property_name) for each in found]
    if len(set(keys)) < len(keys):
        raise ProjectError("webhooks: a subscription is declared twice")
    active = [each for each, entry in zip(found, entries, strict=True) if entry["active"]]
    return Webhooks(settings["targetUrl"], concurrency, tuple(active))


def _subscription(number: int, entry: dict[str, Any]) -> Subscription:
    kind_name = entry.get("objectType") or entry["subscriptionType"].partition(".")[0]
    kind = find_type(kind_name)
    if kind is None:
        raise ProjectError(f"webhooks: the simulator has no object type {kind_name!r}")
    if entry["subscriptionType"].endswith("privacyDeletion"):
        kind = CONTACT
    return Subscription(number, entry["subscriptionType"], kind.id, entry.get("propertyName"))
