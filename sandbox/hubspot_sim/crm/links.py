"""Associations between records: HubSpot's type ids, both directions, in order of creation."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from sandbox.hubspot_sim.crm.object_types import COMMUNICATION, COMPANY, CONTACT, DEAL, TASK, ObjectType

# (from, to) -> (type id without label, type id of the "Primary" label or None). HubSpot docs, associations
# guide.
TYPE_IDS: dict[tuple[str, str], tuple[int, int | None]] = {
    (CONTACT.id, COMPANY.id): (279, 1),
    (COMPANY.id, CONTACT.id): (280, 2),
    (CONTACT.id, DEAL.id): (4, None),
    (DEAL.id, CONTACT.id): (3, None),
    (DEAL.id, COMPANY.id): (341, 5),
    (COMPANY.id, DEAL.id): (342, 6),
    (COMMUNICATION.id, CONTACT.id): (81, None),
    (CONTACT.id, COMMUNICATION.id): (82, None),
    (COMMUNICATION.id, COMPANY.id): (87, None),
    (COMPANY.id, COMMUNICATION.id): (88, None),
    (COMMUNICATION.id, DEAL.id): (85, None),
    (DEAL.id, COMMUNICATION.id): (86, None),
    (TASK.id, CONTACT.id): (204, None),
    (CONTACT.id, TASK.id): (203, None),
    (TASK.id, COMPANY.id): (192, None),
    (COMPANY.id, TASK.id): (191, None),
    (TASK.id, DEAL.id): (216, None),
    (DEAL.id, TASK.id): (215, None),
}


@dataclass(frozen=True)
class Link:
    """One record's association with another, seen from one side."""

    to_id: str
    primary: bool


@dataclass
class Links:
    """All associations. Not thread-safe by itself: the caller holds the world's lock."""

    _links: dict[tuple[str, str, str], list[Link]] = field(default_factory=dict)

    def add(
        self,
        from_type: ObjectType,
        from_id: str,
        to_type: ObjectType,
        to_id: str,
        *,
        primary: bool = False,
    ) -> None:
        """Associate two records; doing it again changes nothing."""
        for side, other, ids in (
            (from_type, to_type, (from_id, to_id)),
            (to_type, from_type, (to_id, from_id)),
        ):
            kept = self._links.setdefault((side.id, ids[0], other.id), [])
            if all(link.to_id != ids[1] for link in kept):
                kept.append(Link(ids[1], primary))

    def move(self, kind: ObjectType, old_ids: Collection[str], new_id: str) -> None:
        """Give one record the associations of others of its type, which were merged into it."""
        for type_id, record_id, other_id in list(self._links):
            if type_id == kind.id and record_id in old_ids:
                moved = self._links.pop((type_id, record_id, other_id))
                self._put((type_id, new_id, other_id), moved)
        for key, links in list(self._links.items()):
            if key[2] == kind.id and any(link.to_id in old_ids for link in links):
                self._links[key] = []
                self._put(
                    key, [replace(link, to_id=new_id) if link.to_id in old_ids else link for link in links]
                )

    def _put(self, key: tuple[str, str, str], links: Iterable[Link]) -> None:
        """Append associations to a record's, each other record once."""
        stored = self._links.setdefault(key, [])
        for link in links:
            if all(known.to_id != link.to_id for known in stored):
                stored.append(link)

    def of(self, from_type: ObjectType, from_id: str, to_type: ObjectType) -> list[Link]:
        """The associations of one record with those of a type, in order of association."""
        return list(self._links.get((from_type.id, from_id, to_type.id), []))


def type_entries(from_type: ObjectType, to_type: ObjectType, link: Link) -> list[dict[str, object]]:
    """The associationTypes of one link in HubSpot's answers."""
    plain, primary = TYPE_IDS[(from_type.id, to_type.id)]
    entries: list[dict[str, object]] = [{"category": "HUBSPOT_DEFINED", "typeId": plain, "label": None}]
    if link.primary and primary is not None:
        entries.insert(0, {"category": "HUBSPOT_DEFINED", "typeId": primary, "label": "Primary"})
    return entries
