"""Requests to HubSpot's APIs and their answers, as our own types, which hide the wire names.

Source: HubSpot's published API specifications and docs. An answer without a required field raises NotUnderstood, which
the client turns into OutcomeUnknown or Unavailable.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from connector.domain import objects
from connector.hubspot.values import NotUnderstood, needed, rows_of, text, whole

#: HubSpot's property with the ids of the records that were merged into one, separated by ";".
MERGED_IDS: Final = "hs_merged_object_ids"


@dataclass(frozen=True, slots=True)
class CrmRecord:
    """A record as read. `record_id` differs from the requested id if that record was merged into another."""

    record_id: str
    #: Only the requested properties; None for an empty one.
    properties: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class RecordsRead:
    """The answer of a batch read."""

    by_id: Mapping[str, CrmRecord]  # also by the ids of records that were merged into them
    missing: Collection[str]  # the ids of records that do not exist, as HubSpot reports them


@dataclass(frozen=True, slots=True)
class RecordUpdate:
    """New property values of one record; HubSpot takes strings, and "" empties a property."""

    record_id: str
    properties: Mapping[str, str]

    def as_json(self) -> dict[str, object]:
        """One input of a batch update."""
        return {"id": self.record_id, "properties": dict(self.properties)}


@dataclass(frozen=True, slots=True)
class AssociatedRecord:
    """A record of another type associated with the requested one."""

    record_id: str
    is_primary: bool  # the company that HubSpot marks as primary


@dataclass(frozen=True, slots=True)
class Completion:
    """The end of a workflow execution that was answered with BLOCK: the values of its output fields."""

    callback_id: str
    output_fields: Mapping[str, str]

    def as_json(self) -> dict[str, object]:
        """One input of a batch of completions.

        The 2026-09 specification demands `typedOutputs` too; its content beside `outputFields` is unconfirmed, so it
        is empty.
        """
        return {
            "callbackId": self.callback_id,
            "outputFields": dict(self.output_fields),
            "typedOutputs": {},
        }


@dataclass(frozen=True, slots=True)
class BatchProblem:
    """The reason that inputs of a batch failed; `ids` is empty if HubSpot does not name them."""

    ids: Sequence[str]
    category: str
    message: str = field(repr=False)
    context: Mapping[str, Sequence[str]] = field(default_factory=dict)
    codes: Sequence[str] = ()

    @property
    def property_names(self) -> Sequence[str]:
        """The properties that HubSpot names."""
        return self.context.get("propertyName", ())

    @property
    def names_property(self) -> bool:
        """Whether it concerns a property: the portal's set-up, not one record."""
        return "propertyName" in self.context or any(code.startswith("PROPERTY_") for code in self.codes)


@dataclass(frozen=True, slots=True)
class BatchResult:
    """Outcome of a batch: inputs that the answer names as done, and failed ones (answer 207).

    Inputs are named by record id, property name or event id. HubSpot may leave one out of a success without an error,
    for instance the id of a merged record: it was not done.
    """

    done: Sequence[str]
    problems: Sequence[BatchProblem] = ()


@dataclass(frozen=True, slots=True)
class PropertyOption:
    """One choice of an enumeration or yes/no property."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class PropertyDefinition:
    """A CRM property: `type` and `field_type` as HubSpot pairs them (string and text, number and number)."""

    name: str
    label: str
    group_name: str
    type: str
    field_type: str
    description: str = ""
    options: Sequence[PropertyOption] = ()
    #: The values are ids of owners; HubSpot keeps their names elsewhere.
    holds_owner: bool = False
    #: HubSpot shows the number as an amount of money (the field is unconfirmed: absent means no).
    is_amount: bool = False

    def as_json(self) -> dict[str, object]:
        """One input of a batch creation."""
        return {
            "name": self.name,
            "label": self.label,
            "groupName": self.group_name,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "formField": False,
            "options": [
                {"label": option.label, "value": option.value, "displayOrder": place, "hidden": False}
                for place, option in enumerate(self.options)
            ],
        }


@dataclass(frozen=True, slots=True)
class EventOccurrence:
    """One app event on one record's timeline. It can never be changed; a repeated id is refused with a conflict."""

    #: The event type's uid in the project.
    event_type: str
    #: Ours, unique for each event type.
    event_id: str
    record_id: str
    #: Aware instant.
    at: datetime
    #: Values are strings for every property type; leave empty ones out.
    properties: Mapping[str, str]
    extra_data: Mapping[str, object] | None = None

    def as_json(self) -> dict[str, object]:
        """One input of a batch of events."""
        if self.at.tzinfo is None:
            raise ValueError("an instant must be aware")
        body: dict[str, object] = {
            "eventTypeName": self.event_type,
            "id": self.event_id,
            "objectId": self.record_id,
            "timestamp": self.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "properties": dict(self.properties),
        }
        if self.extra_data is not None:
            body["extraData"] = dict(self.extra_data)
        return body


@dataclass(frozen=True, slots=True)
class AccountDetails:
    """A portal: its zone is an IANA name ("Europe/Paris"), its UI host a domain ("app-eu1.hubspot.com")."""

    portal_id: int
    time_zone: str
    ui_domain: str
    account_type: str
    data_hosting_location: str
    #: Code of the portal's currency ("EUR"); empty if HubSpot names none.
    currency: str = ""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """The portal's budget in an answer of HubSpot; None for fields that the answer lacks."""

    max_calls: int | None
    remaining: int | None
    interval_ms: int | None


def read_record(body: Mapping[str, object]) -> CrmRecord:
    """Read one record. Raises NotUnderstood."""
    properties = body.get("properties")
    if not isinstance(properties, dict):
        raise NotUnderstood("properties")
    values = {name: None if value is None else str(value) for name, value in properties.items()}
    return CrmRecord(needed(body, "id"), values)


def read_records(body: Mapping[str, object]) -> RecordsRead:
    """Read the answer of a batch read: 200, or 207 when some records do not exist. Raises NotUnderstood."""
    by_id: dict[str, CrmRecord] = {}
    for row in rows_of(body, "results"):
        record = read_record(row)
        merged_ids = (record.properties.get(MERGED_IDS) or "").split(";")
        by_id |= dict.fromkeys([record.record_id, *filter(None, merged_ids)], record)
    problems = [_problem(row) for row in rows_of(body, "errors")] if body.get("errors") else []
    return RecordsRead(by_id, frozenset(record_id for problem in problems for record_id in problem.ids))


def read_associations(body: Mapping[str, object]) -> dict[str, list[AssociatedRecord]]:
    """Read a batch of associations: 200, or 207 if some records have none; those are left out. Raises NotUnderstood."""
    found: dict[str, list[AssociatedRecord]] = {}
    for row in rows_of(body, "results"):
        source = row.get("from")
        if not isinstance(source, dict):
            raise NotUnderstood("from")
        found[needed(source, "id")] = [_associated(target) for target in rows_of(row, "to")]
    return found


# HubSpot's own association types have unique ids.
_PRIMARY_COMPANIES = frozenset(one.primary_company for one in objects.ALL if one.primary_company)


def _associated(target: Mapping[str, object]) -> AssociatedRecord:
    types = rows_of(target, "associationTypes") if target.get("associationTypes") else []
    is_primary = any(
        str(kind.get("typeId")) in _PRIMARY_COMPANIES and kind.get("category") == "HUBSPOT_DEFINED"
        for kind in types
    )
    return AssociatedRecord(str(whole(target, "toObjectId")), is_primary)


def read_batch(body: Mapping[str, object], id_field: str) -> BatchResult:
    """Read the answer of a batch: 200, 201 or 207. Raises NotUnderstood."""
    done = [needed(row, id_field) for row in rows_of(body, "results")]
    problems = [_problem(row) for row in rows_of(body, "errors")] if body.get("errors") else []
    return BatchResult(done, problems)


def read_completion_problems(body: Mapping[str, object]) -> list[BatchProblem]:
    """Read the answer of a batch of completions: usually 204 without a body. Raises NotUnderstood."""
    return [_problem(row) for row in rows_of(body, "errors")] if body.get("errors") else []


# Amounts by definition, also where HubSpot does not say so.
_AMOUNTS = frozenset({"amount", "amount_in_home_currency"})


def read_properties(body: Mapping[str, object]) -> list[PropertyDefinition]:
    """Read the list of an object's properties. Raises NotUnderstood."""
    return [
        PropertyDefinition(
            name=needed(row, "name"),
            label=text(row.get("label")),
            group_name=text(row.get("groupName")),
            type=text(row.get("type")),
            field_type=text(row.get("fieldType")),
            description=text(row.get("description")),
            options=[
                PropertyOption(text(option.get("label")), text(option.get("value")))
                for option in (rows_of(row, "options") if row.get("options") else [])
            ],
            holds_owner=row.get("referencedObjectType") == "OWNER" or row.get("name") == "hubspot_owner_id",
            is_amount=row.get("showCurrencySymbol") is True or row.get("name") in _AMOUNTS,
        )
        for row in rows_of(body, "results")
    ]


def read_owners(body: Mapping[str, object]) -> tuple[dict[str, str], str]:
    """Read a page of owners: id -> name, and the mark of the next page ("": there is none). Raises NotUnderstood.

    An owner without a name is known by the e-mail address.
    """
    names = {}
    for row in rows_of(body, "results"):
        full = f"{text(row.get('firstName'))} {text(row.get('lastName'))}".strip()
        names[needed(row, "id")] = full or text(row.get("email"))
    paging = body.get("paging")
    following = paging.get("next") if isinstance(paging, dict) else None
    return names, text(following.get("after")) if isinstance(following, dict) else ""


def read_account_details(body: Mapping[str, object]) -> AccountDetails:
    """Read the account details. Raises NotUnderstood."""
    return AccountDetails(
        portal_id=whole(body, "portalId"),
        time_zone=needed(body, "timeZone"),
        ui_domain=text(body.get("uiDomain")),
        account_type=text(body.get("accountType")),
        data_hosting_location=text(body.get("dataHostingLocation")),
        currency=text(body.get("companyCurrency")),
    )


def read_context(body: Mapping[str, object]) -> tuple[dict[str, list[str]], list[str]]:
    """The merged context of an error body and its single errors, and the codes of those. Never raises."""
    context: dict[str, list[str]] = {}
    codes: list[str] = []
    details = body.get("errors")
    rows = [row for row in details if isinstance(row, dict)] if isinstance(details, list) else []
    for row in [body, *rows]:
        entries = row.get("context")
        for name, value in entries.items() if isinstance(entries, dict) else ():
            values = value if isinstance(value, list) else [value]
            context.setdefault(str(name), []).extend(str(value) for value in values)
    codes += [str(row[name]) for row in rows for name in ("code", "subCategory") if row.get(name)]
    return context, codes


def _problem(row: Mapping[str, object]) -> BatchProblem:
    context, codes = read_context(row)
    # The key that names the inputs differs by API (objects: "ids"; the others are unconfirmed).
    ids = next(
        (context[name] for name in ("ids", "id", "eventId", "callbackId", "name") if name in context), []
    )
    return BatchProblem(ids, text(row.get("category")), text(row.get("message")), context, codes)
