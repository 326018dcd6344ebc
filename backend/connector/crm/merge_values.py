"""The merge fields of a text on one record: where HubSpot has their values, and how a person reads them (F2.5).

`{{amount}}` is a property of the record itself, `{{contact.firstname}}` of the person who is texted.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from connector.crm.reads import Reads
from connector.domain.objects import DEAL, OBJECT_TYPES
from connector.domain.refusals import Code, Refusal
from connector.domain.text.property_values import PropertyShape, Reader, fits, shown
from connector.domain.time_zones import zone_named
from connector.domain.vocabulary import PropertyFormat
from connector.store.portals.portals import Portal

# HubSpot's own property with the currency of a deal's amounts, in portals with more than one.
_DEAL_CURRENCY: Final = "deal_currency_code"
_IN_PORTAL_CURRENCY: Final = frozenset({"amount_in_home_currency"})

#: A record's values by property; of the record itself or of the person texted, by object type id.
Values = Mapping[str, Mapping[str, str | None]]


class Place(NamedTuple):
    """The property behind a merge field."""

    object_type_id: str
    property: str


@dataclass(frozen=True, slots=True)
class MergePlan:
    """The properties that a text needs, all of which exist."""

    places: Mapping[str, Place]  # by the merge field's name
    shapes: Mapping[Place, PropertyShape]

    def properties(self, object_type_id: str) -> list[str]:
        """The properties to read of a record of this type."""
        places = [place for place in self.shapes if place.object_type_id == object_type_id]
        return [place.property for place in places]

    @property
    def labels(self) -> dict[str, str]:
        """The portal's labels, by the merge field's name."""
        return {name: self.shapes[place].label for name, place in self.places.items()}


NO_FIELDS: Final = MergePlan({}, {})


def reader_of(portal: Portal) -> Reader:
    """The portal's language and time zone."""
    return Reader(portal.language, zone_named(portal.time_zone))


def plan_fields(names: Sequence[str], object_type_id: str, reads: Reads) -> MergePlan:
    """Where the merge fields' values are. Raises Refusal property_unknown, and whatever `reads` raises.

    A name that the cached definitions lack is looked for in new ones: its property may have just been created.
    """
    if not names:
        return NO_FIELDS
    found = {name: place for name in names if (place := place_of(name, object_type_id))}
    shapes: dict[Place, PropertyShape] = {}
    for type_id in dict.fromkeys(place.object_type_id for place in found.values()):
        wanted = {place.property for place in found.values() if place.object_type_id == type_id}
        known = _known_shapes(reads, type_id, wanted)
        shapes.update({Place(type_id, name): known[name] for name in sorted(wanted) if name in known})
        has_amount = any(known[name].format == PropertyFormat.AMOUNT for name in wanted if name in known)
        if has_amount and type_id == DEAL.id and _DEAL_CURRENCY in known:
            shapes[Place(type_id, _DEAL_CURRENCY)] = known[_DEAL_CURRENCY]
    unknown = [name for name in names if found.get(name) not in shapes]
    if unknown:
        raise Refusal(Code.PROPERTY_UNKNOWN, names=unknown, object=OBJECT_TYPES[object_type_id].name)
    return MergePlan(found, shapes)


def place_of(name: str, object_type_id: str) -> Place | None:
    """The property that a merge field names on such a record; None if its prefix names neither record nor person."""
    prefix, _, property_name = name.rpartition(".")
    if not prefix:
        return Place(object_type_id, property_name)
    types = (object_type_id, *OBJECT_TYPES[object_type_id].people)
    return next((Place(one, property_name) for one in types if OBJECT_TYPES[one].name == prefix), None)


def shown_values(plan: MergePlan, values: Values, reads: Reads, reader: Reader) -> dict[str, str | None]:
    """The value of each merge field for a person; None: the record has none, or nobody of that type is texted.

    Raises Refusal property_unreadable, and whatever `reads` raises.
    """
    return {
        name: _shown_value(name, place, plan, values, reads, reader) for name, place in plan.places.items()
    }


def _shown_value(
    name: str, place: Place, plan: MergePlan, values: Values, reads: Reads, reader: Reader
) -> str | None:
    value = values.get(place.object_type_id, {}).get(place.property)
    if not value:
        return None
    shape = plan.shapes[place]
    if shape.format == PropertyFormat.OWNER:
        shape = _with_owners(name, shape, value, reads)
    elif not fits(value, shape):
        shape = reads.shapes(place.object_type_id, is_anew=True).get(place.property, shape)
    return shown(value, shape, reader, currency=_currency(place, shape, values, reads))


def _known_shapes(reads: Reads, type_id: str, wanted: Collection[str]) -> Mapping[str, PropertyShape]:
    known = reads.shapes(type_id)
    return known if all(name in known for name in wanted) else reads.shapes(type_id, is_anew=True)


def _with_owners(name: str, shape: PropertyShape, value: str, reads: Reads) -> PropertyShape:
    try:
        owners = reads.owners()
        return replace(shape, options=owners if value in owners else reads.owners(is_anew=True))
    except Refusal as refusal:
        raise Refusal(refusal.code, names=[name], labels=[shape.label]) from refusal


def _currency(place: Place, shape: PropertyShape, values: Values, reads: Reads) -> str | None:
    if shape.format != PropertyFormat.AMOUNT:
        return None
    own = values.get(place.object_type_id, {}).get(_DEAL_CURRENCY)
    return own if own and place.property not in _IN_PORTAL_CURRENCY else reads.currency()
