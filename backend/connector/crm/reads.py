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
from connector.store.crm.property_cache import MAX_AGE_S

#: Definitions that are read anew are at most this old: a typing error does not ask HubSpot at each pause.
RENEWED_MAX_AGE_S: Final = 10.0
#: After a longer pause the work starts again, because records change.
UNFINISHED_MAX_AGE_S: Final = 60.0

T = TypeVar("T")


class Ask(Protocol):
    """Makes one call with the portal's client. The function provides token, budget and deadline."""

    def __call__(self, call: Callable[[PortalClient], T], /) -> T: ...


class Definitions(Protocol):
    """A portal's definitions; `max_age_s`: older cached ones are read again."""

    def properties(self, object_type: str, max_age_s: float, /) -> Sequence[PropertyShape]:
        """The properties of an object type ("contacts")."""

    def owners(self, max_age_s: float, /) -> Mapping[str, str]:
        """The owners' names by id."""

    def currency(self) -> str | None:
        """The code of the portal's currency."""


class NotRead(Exception):
    """The record was not read, and no call is made for it."""


def _nothing(_: object, /) -> Any:
    raise NotRead


class _NoDefinitions:
    """Stands for definitions that must not be read."""

    def properties(self, _type: str, _max_age_s: float, /) -> Sequence[PropertyShape]:
        raise NotRead

    def owners(self, _max_age_s: float, /) -> Mapping[str, str]:
        raise NotRead

    def currency(self) -> str | None:
        raise NotRead


@dataclass
class Reads:
    """The cache of one piece of work. If `ask` or `definitions` raises, everything read so far stays cached."""

    ask: Ask
    definitions: Definitions
    #: HubSpot's refusals of reads for single pieces of the work, by the caller's key of the piece.
    refusals: dict[str, HubSpotError] = field(default_factory=dict)
    #: (object, record, object of its people) -> its people.
    _associated: dict[tuple[str, str, str], list[AssociatedRecord]] = field(default_factory=dict)
    _records: dict[tuple[str, str], tuple[frozenset[str], CrmRecord | None]] = field(default_factory=dict)
    _shapes: dict[str, dict[str, PropertyShape]] = field(default_factory=dict)
    _owners: dict[bool, Mapping[str, str]] = field(default_factory=dict)  # whether read anew -> names by id
    _currency: list[str | None] = field(default_factory=list)  # empty until it is known
    _renewed: set[str] = field(default_factory=set)  # object types whose definitions were read anew

    def known(self) -> "Reads":
        """The same without calls to HubSpot: a record that was not read raises NotRead."""
        return replace(self, ask=_nothing, definitions=_NoDefinitions())

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

    def shapes(self, object_type_id: str, *, is_anew: bool = False) -> Mapping[str, PropertyShape]:
        """The property definitions of an object type, by name. `is_anew`: not those cached for some minutes."""
        if object_type_id not in self._shapes or (is_anew and object_type_id not in self._renewed):
            max_age_s = RENEWED_MAX_AGE_S if is_anew else MAX_AGE_S
            try:
                found = self.definitions.properties(OBJECT_TYPES[object_type_id].plural, max_age_s)
            except (Rejected, NotFound) as refusal:
                # Not a fault of a record.
                raise Unavailable("no definitions", status=refusal.status) from refusal
            self._shapes[object_type_id] = {shape.name: shape for shape in found}
            self._renewed.update([object_type_id] if is_anew else [])
        return self._shapes[object_type_id]

    def owners(self, *, is_anew: bool = False) -> Mapping[str, str]:
        """The owners' names by id. Raises Refusal property_unreadable."""
        if is_anew not in self._owners:
            self._owners[is_anew] = self.definitions.owners(RENEWED_MAX_AGE_S if is_anew else MAX_AGE_S)
        return self._owners[is_anew]

    def currency(self) -> str | None:
        """The code of the portal's currency."""
        if not self._currency:
            self._currency.append(self.definitions.currency())
        return self._currency[0]

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
