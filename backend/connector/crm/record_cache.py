"""Records read a moment ago, for previews, so that pauses in typing cause no call to HubSpot.

The cache contains personal data, so it stays in the memory of one process, small and short-lived. No decision depends
on it: opening a card and sending read the record again, and a refusal due to a cached record is checked in HubSpot
first.
"""

import threading
from dataclasses import dataclass
from typing import Final

from cachetools import TTLCache

from connector.crm.access import HubSpotAccess
from connector.crm.records import TextableRecord, WantedProperties, read_record
from connector.store.portals.portals import Portal

RECORD_MAX_AGE_S: Final = 20.0
#: Records of all portals in one process: enough for some hundred users who compose at the same time.
MAX_RECORDS: Final = 200


@dataclass(frozen=True, slots=True)
class RecordKey:
    """The key of a cached record. It includes the portal's phone properties, because they change the reading."""

    portal_id: int
    object_type_id: str
    object_id: str
    properties: tuple[str, ...]
    phone_properties: tuple[str, ...]
    company_phone_properties: tuple[str, ...]
    default_country: str
    people_properties: tuple[tuple[str, str], ...] = ()  # object type id, property


class RecordCache:
    """The cached records of one process, for all its threads (cachetools is not thread-safe, hence the lock)."""

    def __init__(self, *, max_age_s: float = RECORD_MAX_AGE_S, max_records: int = MAX_RECORDS) -> None:
        self._lock = threading.Lock()
        self._records: TTLCache[RecordKey, TextableRecord] = TTLCache(max_records, max_age_s)

    def find(self, key: RecordKey) -> TextableRecord | None:
        with self._lock:
            self._records.expire()
            return self._records.get(key)

    def save(self, key: RecordKey, record: TextableRecord) -> None:
        with self._lock:
            self._records[key] = record

    def forget(self, portal_id: int, object_type_id: str, object_id: str) -> None:
        """Drop every reading of this record."""
        record = (portal_id, object_type_id, object_id)
        with self._lock:
            for key in list(self._records):
                if (key.portal_id, key.object_type_id, key.object_id) == record:
                    self._records.pop(key, None)


@dataclass(frozen=True, slots=True)
class PreviewRecord:
    """A record for a preview: from the cache, or read just now."""

    record: TextableRecord
    is_fresh: bool


def read_for_preview(
    cache: RecordCache,
    hubspot: HubSpotAccess,
    portal: Portal,
    object_type_id: str,
    object_id: str,
    wanted: WantedProperties,
    *,
    deadline: float,
    is_fresh: bool = False,
) -> PreviewRecord:
    """As `read_record`. `is_fresh`: read it even if it is cached."""
    key = RecordKey(
        portal.portal_id,
        object_type_id,
        object_id,
        tuple(wanted.own),
        tuple(portal.phone_properties),
        tuple(portal.company_phone_properties),
        portal.default_country,
        tuple((kind, name) for kind, names in wanted.people.items() for name in names),
    )
    cached = None if is_fresh else cache.find(key)
    if cached is not None:
        return PreviewRecord(cached, is_fresh=False)
    record = read_record(
        hubspot,
        portal,
        object_type_id,
        object_id,
        wanted.own,
        people_properties=wanted.people,
        deadline=deadline,
    )
    cache.save(key, record)
    return PreviewRecord(record, is_fresh=True)
