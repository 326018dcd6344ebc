"""The CRM's records, stored by type and id. Each has a version that grows with every change."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sandbox.hubspot_sim.crm.changes import Change, Listener, ignore, property_change
from sandbox.hubspot_sim.crm.definitions import iso
from sandbox.hubspot_sim.crm.object_types import ObjectType

#: The property that lists the ids of the records that were merged into one.
MERGED_IDS = "hs_merged_object_ids"
_FIRST_IDS = {"0-1": 501, "0-2": 901, "0-3": 1301, "0-18": 7001, "0-27": 8001}
# How long the search index may lag behind; older states of records are forgotten.
LONGEST_LAG_S = 600
_CALCULATED = {"phone": "hs_calculated_phone_number", "mobilephone": "hs_calculated_mobile_number"}
_SEARCHABLE = {
    "phone": "hs_searchable_calculated_phone_number",
    "mobilephone": "hs_searchable_calculated_mobile_number",
}


@dataclass
class Record:
    """One record. properties holds only those with a value.

    version: 1 at creation, one more with every change and every event on the record's timeline.
    past: the states before recent changes, oldest first: (instant of the change, properties or None before the
    creation, archived).
    """

    kind: ObjectType
    id: str
    properties: dict[str, str]
    created_at: datetime
    updated_at: datetime
    version: int = 1
    archived: bool = False
    merged_ids: list[str] = field(default_factory=list)
    past: list[tuple[datetime, dict[str, str] | None, bool]] = field(default_factory=list)

    def remember(self, now: datetime) -> None:
        """Store the present state before a change."""
        while self.past and self.past[0][0] < now - timedelta(seconds=LONGEST_LAG_S):
            self.past.pop(0)
        self.past.append((now, dict(self.properties), self.archived))

    def as_of(self, instant: datetime) -> "Record | None":
        """The living record as it was at that instant; None when it did not exist or was archived."""
        later = next((state for state in self.past if state[0] > instant), None)
        if later is None:
            return None if self.archived else self
        _, properties, archived = later
        return None if properties is None or archived else replace(self, properties=properties)

    def as_json(self, names: list[str] | None) -> dict[str, Any]:
        """HubSpot's SimplePublicObject with the properties asked for (None: the type's usual ones).

        The caller leaves out names without a definition; properties without a value are null.
        """
        always = [self.kind.created, self.kind.modified, "hs_object_id"]
        chosen = list(self.kind.default_properties) if names is None else [*names, *always]
        return {
            "id": self.id,
            "properties": {name: self.properties.get(name) for name in chosen},
            "createdAt": iso(self.created_at),
            "updatedAt": iso(self.updated_at),
            "archived": self.archived,
        }


class Records:
    """All records of the portal. Not thread-safe by itself: the caller holds the world's lock."""

    def __init__(self, now: Callable[[], datetime], notify: Listener = ignore) -> None:
        self._now = now
        self._notify = notify
        self._by_type: dict[str, dict[str, Record]] = {type_id: {} for type_id in _FIRST_IDS}
        self._merged: dict[tuple[str, str], str] = {}
        self._next_ids = dict(_FIRST_IDS)

    def create(
        self,
        kind: ObjectType,
        properties: Mapping[str, str | None],
        *,
        created_at: datetime | None = None,
    ) -> Record:
        """Store a new record under the next id of its type; values are already normalised."""
        record_id = str(self._next_ids[kind.id])
        self._next_ids[kind.id] += 1
        instant = created_at or self._now()
        record = Record(kind, record_id, {}, instant, instant)
        if created_at is None:
            record.past.append((instant, None, False))
        record.properties["hs_object_id"] = record_id
        record.properties[kind.created] = iso(instant)
        self._by_type[kind.id][record_id] = record
        self._notify(Change("creation", kind, record_id, {"changeFlag": "CREATED"}))
        self._write(record, properties, instant)
        return record

    def create_many(self, kind: ObjectType, rows: Sequence[dict[str, str]]) -> list[Record]:
        """Store many new records at once. rows: properties in stored form; the dictionaries are not copied."""
        instant = self._now()
        stamp = iso(instant)
        kept, made = self._by_type[kind.id], []
        for number, properties in enumerate(rows, self._next_ids[kind.id]):
            record_id = str(number)
            record = Record(kind, record_id, properties, instant, instant, past=[(instant, None, False)])
            properties["hs_object_id"] = record_id
            properties[kind.created] = properties[kind.modified] = stamp
            _keep_searchable(properties, properties)
            kept[record_id] = record
            made.append(record)
        self._next_ids[kind.id] += len(made)
        return made

    def count(self, kind: ObjectType) -> int:
        """The number of records of a type, including archived ones."""
        return len(self._by_type[kind.id])

    def update(self, record: Record, properties: Mapping[str, str | None]) -> Record:
        """Change properties (None clears one) and count the version up."""
        record.version += 1
        now = self._now()
        record.remember(now)
        self._write(record, properties, now)
        return record

    def _write(self, record: Record, properties: Mapping[str, str | None], instant: datetime) -> None:
        for name, value in properties.items():
            if record.properties.get(name) != value:
                self._notify(property_change(record.kind, record.id, name, value))
            if value is None:
                record.properties.pop(name, None)
            else:
                record.properties[name] = value
        _keep_searchable(record.properties, properties)
        record.updated_at = instant
        record.properties[record.kind.modified] = iso(instant)

    def find(self, kind: ObjectType, record_id: str, *, follow_merges: bool = True) -> Record | None:
        """The living record of that id; with follow_merges also by an id that was merged into it."""
        if follow_merges:
            record_id = self._merged.get((kind.id, record_id), record_id)
        record = self._by_type[kind.id].get(record_id)
        return None if record is None or record.archived else record

    def find_any(self, kind: ObjectType, record_id: str) -> Record | None:
        """The record of exactly that id, archived ones too."""
        return self._by_type[kind.id].get(record_id)

    def find_by(self, kind: ObjectType, name: str, value: str) -> Record | None:
        """The first living record whose property has that value, case ignored."""
        wanted = value.lower()
        for record in self.living(kind):
            if record.properties.get(name, "").lower() == wanted:
                return record
        return None

    def living(self, kind: ObjectType) -> list[Record]:
        """All records of a type that are not archived, by id."""
        return [record for record in self._by_type[kind.id].values() if not record.archived]

    def indexed(self, kind: ObjectType, instant: datetime) -> list[Record]:
        """The living records of a type as they were at that instant, by id."""
        found = (record.as_of(instant) for record in self._by_type[kind.id].values())
        return [record for record in found if record is not None]

    def archive(self, record: Record) -> None:
        """Delete a record as HubSpot does: the record is hidden and its id stays taken."""
        self._hide(record)
        self._notify(Change("deletion", record.kind, record.id, {"changeFlag": "DELETED"}))

    def _hide(self, record: Record) -> None:
        record.remember(self._now())
        record.archived = True
        record.version += 1

    def restore(self, record: Record) -> None:
        """Take a deletion back."""
        record.remember(self._now())
        record.archived = False
        record.version += 1
        self._notify(Change("restore", record.kind, record.id))

    def erase(self, record: Record, *, silently: bool) -> None:
        """Delete a record for good: nothing of it is left but its id."""
        (self._hide if silently else self.archive)(record)
        record.properties = {"hs_object_id": record.id}
        record.past.clear()

    def merge(self, loser: Record, survivor: Record, *, new_id: bool) -> Record:
        """Merge one record into another; returns the record that is left, to which every merged id leads.

        new_id: a third record is made, as HubSpot does for contacts and companies; else `survivor` is left. The values
        of `survivor` win, and those of `loser` fill its gaps.
        """
        gone = [loser, survivor] if new_id else [loser]
        merged_ids = [merged_id for record in gone for merged_id in (record.id, *record.merged_ids)]
        values = {**loser.properties, **survivor.properties}
        for name in ("hs_object_id", loser.kind.created, loser.kind.modified):
            values.pop(name, None)
        for record in gone:
            self._hide(record)
        created_at = min(loser.created_at, survivor.created_at)
        left = self.create(loser.kind, {}, created_at=created_at) if new_id else survivor
        if new_id:
            left.past.append((self._now(), None, False))
        left.merged_ids += merged_ids
        for merged_id in left.merged_ids:
            self._merged[(left.kind.id, merged_id)] = left.id
        fields = {
            "primaryObjectId": int(survivor.id),
            "mergedObjectIds": [int(record.id) for record in gone],
            **({"newObjectId": int(left.id)} if new_id else {}),
            "numberOfPropertiesMoved": sum(name not in survivor.properties for name in loser.properties),
        }
        self._notify(Change("merge", left.kind, left.id, fields))
        return self.update(left, {**values, MERGED_IDS: ";".join(left.merged_ids)})


def _keep_searchable(kept: dict[str, str], changed: Mapping[str, str | None]) -> None:
    """Update the properties that number search reads after a change of phone properties."""
    for source, target in _SEARCHABLE.items():
        if source in changed:
            number = kept.get(source, "")
            e164 = international(number, kept.get("country", ""))
            for name, value in ((target, national_digits(number)), (_CALCULATED[source], e164)):
                if value:
                    kept[name] = value
                else:
                    kept.pop(name, None)


def international(number: str, country: str) -> str | None:
    """E.164 of a number, from its text and the record's country; None when HubSpot cannot read it.

    Made for the simulated portals: numbers with a country code, and French ones.
    """
    text = number.replace("(0)", "").strip()
    digits = re.sub(r"\D", "", text)
    if text.startswith(("+", "00")):
        digits = digits.removeprefix("00")
        return f"+{digits}" if 8 <= len(digits) <= 15 else None
    is_french = country in ("", "France") and len(digits) == 10 and digits.startswith("0")
    return f"+33{digits[1:]}" if is_french else None


def national_digits(number: str) -> str:
    """The part of a number that HubSpot's number search compares: area code and local number, no country code.

    Made for French numbers, which the simulated portal holds; others keep all their digits.
    """
    digits = re.sub(r"\D", "", number.replace("(0)", ""))
    for prefix in ("0033", "33", "0"):
        if digits.startswith(prefix) and len(digits) - len(prefix) == 9:
            return digits[len(prefix) :]
    return digits
