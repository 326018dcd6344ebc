"""The log of app event occurrences: immutable, unique by (event type, id), shown on records' timelines."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.hubspot_sim.crm.definitions import iso


@dataclass(frozen=True)
class Occurrence:
    """One accepted app event. event_type: the event type's uid. id: the sender's idempotency key."""

    event_type: str
    id: str
    object_type_id: str
    object_id: str
    timestamp: datetime
    accepted_at: datetime
    properties: dict[str, str]
    extra_data: dict[str, Any] | None
    timeline_iframe: dict[str, Any] | None

    def as_json(self) -> dict[str, Any]:
        """The shape of GET /_control/events."""
        return {
            "event_type": self.event_type,
            "id": self.id,
            "object_type_id": self.object_type_id,
            "object_id": self.object_id,
            "timestamp": iso(self.timestamp),
            "accepted_at": iso(self.accepted_at),
            "properties": self.properties,
            "extra_data": self.extra_data,
            "timeline_iframe": self.timeline_iframe,
        }


class Occurrences:
    """All accepted occurrences in order of acceptance. The caller holds the world's lock."""

    def __init__(self) -> None:
        self._all: dict[tuple[str, str], Occurrence] = {}
        self._by_record: defaultdict[tuple[str, str], list[Occurrence]] = defaultdict(list)

    def has(self, event_type: str, occurrence_id: str) -> bool:
        """True when this id was accepted for this event type before."""
        return (event_type, occurrence_id) in self._all

    def add(self, occurrence: Occurrence) -> None:
        """Store an occurrence; the caller has checked that it is new."""
        self._all[(occurrence.event_type, occurrence.id)] = occurrence
        self._by_record[(occurrence.object_type_id, occurrence.object_id)].append(occurrence)

    def all(self) -> list[Occurrence]:
        """Every occurrence, oldest acceptance first."""
        return list(self._all.values())

    def of(self, object_type_id: str, object_ids: set[str]) -> list[Occurrence]:
        """The occurrences on one record (all ids it ever had), in order of acceptance for each id."""
        return [
            occurrence
            for object_id in sorted(object_ids)
            for occurrence in self._by_record.get((object_type_id, object_id), ())
        ]
