"""Resolves executions of workflow actions that need HubSpot: a deal's recipient, values for a template's merge fields.

Used by the `resolve` lane, and within the request where a portal's workflows cannot be made to wait. All calls are
batches; all that is written is the list of properties, which is kept for a while. A batch that takes more calls than
there are is answered as far as they went, and goes on later.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from connector.crm.people import Deal, Person, PhoneRules, people_of_deals
from connector.crm.reads import NotRead, Reads
from connector.domain.phone_numbers import NumberRefused, parse
from connector.domain.refusals import Code, Refusal
from connector.domain.text import merge_fields
from connector.domain.text.property_values import shown_values
from connector.domain.workflows.fields import Execution, Inputs, read_inputs
from connector.hubspot.errors import HubSpotError, NotFound, RateLimited, Rejected, Unavailable
from connector.hubspot.paths import OBJECT_TYPES
from connector.store.database import Conn
from connector.store.messages import templates
from connector.store.messages.templates import Template
from connector.store.portals.portals import Portal
from connector.use_cases.workflows.accept_executions import NotReady
from connector.use_cases.workflows.compose_executions import Ready

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


@dataclass(frozen=True, slots=True)
class Resolution:
    """What came of a batch: an answer for each in its place, as far as HubSpot could be asked."""

    answers: Sequence[
        Ready | NotReady | Unread
    ]  # Unread: HubSpot has not been asked about it, or not about all
    fault: HubSpotError | None  # why some are unread: no calls left, or HubSpot away


def resolve(reads: Reads, portal: Portal, prepared: Sequence[Unread | NotReady]) -> Resolution:
    """Resolve those of at most MOST that are to be read; the others stay as they are.

    Used with the same `reads` once more it goes on where it stopped. Raises NotConnected and those HubSpotErrors that
    time does not mend.
    """
    fault: HubSpotError | None = None
    try:
        _read(reads, portal, [one for one in prepared if isinstance(one, Unread)])
    except (RateLimited, Unavailable) as interruption:
        fault = interruption
    known = reads.known()
    return Resolution(
        [_answer(known, portal, one) if isinstance(one, Unread) else one for one in prepared], fault
    )


def _read(reads: Reads, portal: Portal, unread: Sequence[Unread]) -> None:
    """Read what the answers take. What HubSpot refuses to read is halved until the culprit is alone: it is refused,
    the others are not.
    """
    unread = [one for one in unread if one.execution.callback_id not in reads.refusals]
    if not unread:
        return
    try:
        _read_needed(reads, portal, unread)
    except (Rejected, NotFound) as refusal:
        if len(unread) == 1:
            reads.refusals[unread[0].execution.callback_id] = refusal
            return
        middle = len(unread) // 2
        _read(reads, portal, unread[:middle])
        _read(reads, portal, unread[middle:])


def _read_needed(reads: Reads, portal: Portal, unread: Sequence[Unread]) -> Mapping[Deal, Person]:
    """Read everything that `unread` need, unless it is known; returns whom deals text."""
    rules = PhoneRules(portal.default_country, portal.company_phone_properties)
    people = people_of_deals(reads, rules, [_deal(one) for one in unread if _is_deal(one)])
    _read_values(reads, unread, people)
    return people


def _answer(known: Reads, portal: Portal, one: Unread) -> Ready | NotReady | Unread:
    """What the reads so far say about one; itself, if that is not enough."""
    refusal = known.refusals.get(one.execution.callback_id)
    if refusal:
        return NotReady(one.execution, _refusal(refusal))
    try:
        people = _read_needed(known, portal, [one])
        return _ready(portal, one, people.get(_deal(one)) if _is_deal(one) else None, known)
    except NotRead:
        return one
    except Refusal as refused:
        return NotReady(one.execution, refused)


def _refusal(refusal: HubSpotError) -> Refusal:
    """What HubSpot's refusal to read one record means for its execution."""
    if isinstance(refusal, Rejected) and refusal.names_property:
        return Refusal(Code.PROPERTY_MISSING, names=list(refusal.property_names))
    return Refusal(Code.RECORD_NOT_FOUND)


def _is_deal(one: Unread) -> bool:
    return one.execution.action == "send_sms_deal"


def _deal(one: Unread) -> Deal:
    return one.execution.object_id, one.inputs.phone_property


def _names(one: Unread) -> list[str]:
    """Properties that the text needs; none for a text that will be refused anyway."""
    try:
        return merge_fields.names(one.template.content.text) if one.template else []
    except merge_fields.MergeFieldInvalid:
        return []


def _read_values(reads: Reads, unread: Sequence[Unread], people: Mapping[Deal, Person]) -> None:
    """Read the properties that stand in texts, and what they are like; not of records for whom nobody can be texted."""
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
        reads.shapes(object_type_id)
        reads.read_records(object_type_id, (execution.object_id for execution, _ in of_type), all_names)


def _ready(portal: Portal, one: Unread, person: Person | None, known: Reads) -> Ready:
    """Raises Refusal no_recipient, record_not_found, template_not_found or one of the number."""
    execution, inputs, template = one.execution, one.inputs, one.template
    if inputs.template_id and template is None:
        raise Refusal(Code.TEMPLATE_NOT_FOUND)
    if _is_deal(one) and person is None:
        raise Refusal(Code.NO_RECIPIENT)
    values = _values(portal, one, known)
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


def _values(portal: Portal, one: Unread, known: Reads) -> Mapping[str, str | None]:
    """Values of the template's merge fields, as a person would write them. Raises Refusal record_not_found."""
    names, execution = _names(one), one.execution
    if not names:
        return {}
    record = known.record(execution.object_type_id, execution.object_id)
    if record is None:
        raise Refusal(Code.RECORD_NOT_FOUND)
    shapes, zone = known.shapes(execution.object_type_id), ZoneInfo(portal.time_zone)
    return shown_values(record.properties, names, shapes, language=portal.language, zone=zone)
