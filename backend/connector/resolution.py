"""Resolves executions of workflow actions that need HubSpot: a deal's recipient, values for a template's tokens.

Used by the `resolve` lane, and within the request where a portal's workflows cannot be made to wait. All calls are
batches and nothing is written; the database is not asked meanwhile.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from connector.deal_people import Ask, Deal, Person, PhoneRules, Records, people_of_deals
from connector.domain import tokens
from connector.domain.phone_numbers import NumberRefused, parse
from connector.domain.refusals import Code, Refusal
from connector.domain.workflow_action import Execution, Inputs, read_inputs
from connector.hubspot.errors import NotFound, Rejected
from connector.hubspot.paths import OBJECT_TYPES
from connector.store import templates
from connector.store.database import Conn
from connector.store.portals import Portal
from connector.store.templates import Template
from connector.use_cases.accept_executions import NotReady
from connector.use_cases.compose_executions import Ready

#: Most executions of one resolution: what one association read takes.
MOST = 1000


@dataclass(frozen=True, slots=True)
class Unread:
    """An execution as it was accepted, before HubSpot is asked about its record."""

    execution: Execution
    inputs: Inputs
    template: Template | None = None  # None: there is a message, or the template is gone

    def with_template(self, known: Mapping[uuid.UUID, Template]) -> "Unread":
        """With the template that its inputs name, as far as that exists."""
        return replace(self, template=known.get(self.inputs.template_id) if self.inputs.template_id else None)


def understand(execution: Execution) -> Unread | NotReady:
    """Read the execution's inputs."""
    try:
        return Unread(execution, read_inputs(execution.action, execution.inputs))
    except Refusal as refusal:
        return NotReady(execution, refusal)


def with_templates(
    conn: Conn, portal_id: int, prepared: Sequence[Unread | NotReady]
) -> list[Unread | NotReady]:
    """The same, with the templates that the inputs name, as they are now."""
    ids = {one.inputs.template_id for one in prepared if isinstance(one, Unread) and one.inputs.template_id}
    known = templates.find_many(conn, portal_id, sorted(ids)) if ids else {}
    return [one.with_template(known) if isinstance(one, Unread) else one for one in prepared]


def resolve_all(ask: Ask, portal: Portal, prepared: Sequence[Unread | NotReady]) -> list[Ready | NotReady]:
    """Resolve those that are to be read; the others stay as they are, in their places."""
    unread = [one for one in prepared if isinstance(one, Unread)]
    found = iter(resolve(ask, portal, unread) if unread else [])
    return [next(found) if isinstance(one, Unread) else one for one in prepared]


def resolve(ask: Ask, portal: Portal, unread: Sequence[Unread]) -> list[Ready | NotReady]:
    """An answer for each of at most MOST executions, in order. Raises whatever `ask` raises.

    What HubSpot refuses to read is halved until the culprit is alone: it is refused, the others are not.
    """
    try:
        return _resolve(ask, portal, unread)
    except (Rejected, NotFound) as refusal:
        if len(unread) == 1:
            return [NotReady(unread[0].execution, _refusal(refusal))]
    middle = len(unread) // 2
    return resolve(ask, portal, unread[:middle]) + resolve(ask, portal, unread[middle:])


def _refusal(refusal: Rejected | NotFound) -> Refusal:
    """What HubSpot's refusal to read one record means for its execution."""
    if isinstance(refusal, Rejected) and refusal.names_property:
        return Refusal(Code.PROPERTY_MISSING, names=list(refusal.context.get("propertyName", ())))
    return Refusal(Code.RECORD_NOT_FOUND)


def _resolve(ask: Ask, portal: Portal, unread: Sequence[Unread]) -> list[Ready | NotReady]:
    rules = PhoneRules(portal.default_country, portal.company_phone_properties)
    people = people_of_deals(ask, rules, [_deal(one) for one in unread if _is_deal(one)])
    records = _read_records(ask, unread, people)
    answers: list[Ready | NotReady] = []
    for one in unread:
        try:
            person = people.get(_deal(one)) if _is_deal(one) else None
            answers.append(_ready(portal, one, person, records))
        except Refusal as refusal:
            answers.append(NotReady(one.execution, refusal))
    return answers


def _is_deal(one: Unread) -> bool:
    return one.execution.action == "send_sms_deal"


def _deal(one: Unread) -> Deal:
    return one.execution.object_id, one.inputs.phone_property


def _names(one: Unread) -> list[str]:
    """Properties that the text needs; none for a text that will be refused anyway."""
    try:
        return tokens.names(one.template.content.text) if one.template else []
    except tokens.TokenInvalid:
        return []


def _read_records(ask: Ask, unread: Sequence[Unread], people: Mapping[Deal, Person]) -> Records:
    """The records whose properties stand in texts; not those that nobody can be texted for."""
    records = Records(ask)
    wanted = [
        (one.execution, names)
        for one in unread
        if (names := _names(one))
        and one.execution.object_type_id in OBJECT_TYPES
        and (not _is_deal(one) or _deal(one) in people)
    ]
    for object_type_id in dict.fromkeys(execution.object_type_id for execution, _ in wanted):
        of_type = [pair for pair in wanted if pair[0].object_type_id == object_type_id]
        all_names = {name for _, names in of_type for name in names}
        records.read(object_type_id, (execution.object_id for execution, _ in of_type), all_names)
    return records


def _ready(portal: Portal, one: Unread, person: Person | None, records: Records) -> Ready:
    """Raises Refusal no_recipient, record_not_found, template_not_found or one of the number."""
    execution, inputs, template = one.execution, one.inputs, one.template
    if inputs.template_id and template is None:
        raise Refusal(Code.TEMPLATE_NOT_FOUND)
    if _is_deal(one) and person is None:
        raise Refusal(Code.NO_RECIPIENT)
    values: Mapping[str, str | None] = {}
    if _names(one):
        record = records.get(execution.object_type_id, execution.object_id)
        if record is None:
            raise Refusal(Code.RECORD_NOT_FOUND)
        values = record.properties
    if person is None:
        number = parse(inputs.recipient, portal.default_country)
        if isinstance(number, NumberRefused):
            raise number.refusal()
        return Ready(execution, inputs, number, inputs.recipient, template=template, values=values)
    return Ready(
        execution,
        inputs,
        person.recipient,
        person.recipient_raw,
        person.recipient_property,
        (person.object_type_id, person.object_id),
        template,
        values,
    )
