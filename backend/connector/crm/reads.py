"""Caches what one piece of work reads from HubSpot: each association, record and list of properties is read once.

The cache outlives a pause: when the portal's calls are used up, or HubSpot is unavailable for a moment, the work
resumes later where it stopped (protocol P23).
"""

import math
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol, TypeVar

from cachetools import TTLCache

from connector.domain.objects import OBJECT_TYPES
from connector.domain.text.property_values import PropertyShape
from connector.hubspot.client import MAX_BATCH_OBJECTS, PortalClient
from connector.hubspot.errors import HubSpotError, NotFound, Rejected, Unavailable
from connector.hubspot.payloads import AssociatedRecord, CrmRecord

#: After a longer pause the work starts again, because records change.
UNFINISHED_MAX_AGE_S: Final = 60.0

T = TypeVar("T")


class Ask(Protocol):
    """Makes one call with the portal's client. The function provides token, budget and deadline."""

    def __call__(self, call: Callable[[PortalClient], T], /) -> T: ...


class NotRead(Exception):
    """The record was not read, and no call is made for it."""


def _nothing(_: object, /) -> Any:
    raise NotRead


@dataclass
class Reads:
    """The cache of one piece of work. If `ask` or `definitions` raises, everything read so far stays cached."""

    ask: Ask
    #: The properties of an object type ("contacts").
    definitions: Callable[[str], Sequence[PropertyShape]]
    #: HubSpot's refusals of reads for single pieces of the work, by the caller's key of the piece.
    refusals: dict[str, HubSpotError] = field(default_factory=dict)
    #: (object, record, object of its people) -> its people.
    _associated: dict[tuple[str, str, str], list[AssociatedRecord]] = field(default_factory=dict)
    _records: dict[tuple[str, str], tuple[frozenset[str], CrmRecord | None]] = field(default_factory=dict)
    _shapes: dict[str, dict[str, PropertyShape]] = field(default_factory=dict)

    def known(self) -> "Reads":
        """The same without calls to HubSpot: a record that was not read raises NotRead."""
        return replace(self, ask=_nothing, definitions=_nothing)

    def read_associated(self, object_type_id: str, record_ids: Iterable[str], people_type_id: str) -> None:
        """Read the people associated with these records (up to 1,000), unless they were read before."""
        known = self._associated
        new = sorted(
            {
                record_id
                for record_id in record_ids
                if (object_type_id, record_id, people_type_id) not in known
            }
        )
        if not new:
            return
        found = self._read_associations(object_type_id, new, people_type_id)
        known.update({(object_type_id, record_id, people_type_id): found[record_id] for record_id in found})
        alone = [record_id for record_id in new if record_id not in found]
        survivors = self._survivors(object_type_id, alone)
        if survivors:
            found = self._read_associations(object_type_id, sorted(set(survivors.values())), people_type_id)
        known.update(
            {
                (object_type_id, record_id, people_type_id): found.get(survivors.get(record_id, ""), [])
                for record_id in alone
            }
        )

    def _read_associations(
        self, object_type_id: str, record_ids: list[str], people_type_id: str
    ) -> dict[str, list[AssociatedRecord]]:
        records, people = OBJECT_TYPES[object_type_id].plural, OBJECT_TYPES[people_type_id].plural
        return self.ask(lambda client: client.read_associations(records, record_ids, people))

    def _survivors(self, object_type_id: str, record_ids: list[str]) -> dict[str, str]:
        """The survivors of those records that were merged, by the old id: associations move to the survivor."""
        self.read_records(object_type_id, record_ids, ["hs_object_id"])
        survivors = {}
        for record_id in record_ids:
            record = self.record(object_type_id, record_id)
            if record and record.record_id != record_id:
                survivors[record_id] = record.record_id
        return survivors

    def associated(
        self, object_type_id: str, record_id: str, people_type_id: str
    ) -> Sequence[AssociatedRecord]:
        """The people associated with a record, in HubSpot's order; empty if they were not read."""
        return self._associated.get((object_type_id, record_id, people_type_id), [])

    def read_records(self, object_type_id: str, record_ids: Iterable[str], names: Collection[str]) -> None:
        """Fetch the given properties for records that lack any of them, 100 a call."""
        wanted = frozenset(names)
        new = [
            record_id
            for record_id in dict.fromkeys(record_ids)
            if not wanted <= self._names(object_type_id, record_id)
        ]
        for start in range(0, len(new), MAX_BATCH_OBJECTS):
            ids = new[start : start + MAX_BATCH_OBJECTS]
            names_read = wanted.union(*(self._names(object_type_id, record_id) for record_id in ids))
            found = self._read_batch(object_type_id, ids, names_read)
            self._records.update(
                {(object_type_id, record_id): (names_read, found.get(record_id)) for record_id in ids}
            )

    def record(self, object_type_id: str, record_id: str) -> CrmRecord | None:
        """The cached record, which is the survivor of a merged one; None: it does not exist, or was not read."""
        return self._records.get((object_type_id, record_id), (frozenset(), None))[1]

    def shapes(self, object_type_id: str) -> Mapping[str, PropertyShape]:
        """The property definitions of an object type, by name."""
        if object_type_id not in self._shapes:
            try:
                found = self.definitions(OBJECT_TYPES[object_type_id].plural)
            except (Rejected, NotFound) as refusal:
                # Not a fault of a record.
                raise Unavailable("no definitions", status=refusal.status) from refusal
            self._shapes[object_type_id] = {shape.name: shape for shape in found}
        return self._shapes[object_type_id]

    def _names(self, object_type_id: str, record_id: str) -> frozenset[str]:
        return self._records.get((object_type_id, record_id), (frozenset[str](), None))[0]

    def _read_batch(self, object_type_id: str, ids: list[str], names: Iterable[str]) -> dict[str, CrmRecord]:
        object_type, properties = OBJECT_TYPES[object_type_id].plural, sorted(names)
        return self.ask(lambda client: client.read_objects(object_type, ids, properties))


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Work that stopped: the pieces left, and everything read for them."""

    keys: frozenset[str]
    reads: Reads


class UnfinishedWork:
    """The unfinished work of one process, by portal. A thread that takes it owns it until it puts it back.

    cachetools is not thread-safe, hence the lock.
    """

    def __init__(self, *, max_age_s: float = UNFINISHED_MAX_AGE_S) -> None:
        self._lock = threading.Lock()
        self._by_portal: TTLCache[int, Unfinished] = TTLCache(math.inf, max_age_s)

    def put(self, portal_id: int, unfinished: Unfinished) -> None:
        with self._lock:
            self._by_portal[portal_id] = unfinished

    def take(self, portal_id: int) -> Unfinished | None:
        with self._lock:
            self._by_portal.expire()
            return self._by_portal.pop(portal_id, None)
