"""Resolves executions of workflow actions that need HubSpot: a deal's recipient, values for a text's merge fields.

The `resolve` lane uses it, and the request does if a portal's workflows cannot be blocked. All calls are batches. Only
the property cache is written. Executions whose reads completed get their answer; the rest resume later from the reads
so far.
"""

import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from connector.crm.merge_values import MergePlan, Values, plan_fields, reader_of, shown_values
from connector.crm.people import Enrolled, Found, Person, PhoneRules, find_people
from connector.crm.reads import NotRead, Reads
from connector.domain.consent import is_opted_out, is_stop_empty
from connector.domain.objects import COUNTRY_PROPERTY, OBJECT_TYPES, OWNER_PROPERTIES
from connector.domain.phone_numbers import NumberRefused, parse
from connector.domain.refusals import Code, Refusal
from connector.domain.text import merge_fields
from connector.domain.vocabulary import Action
from connector.domain.workflows.fields import Execution, Inputs, read_inputs
from connector.domain.workflows.text import message_fields
from connector.hubspot.errors import HubSpotError, NotFound, RateLimited, Rejected, Unavailable
from connector.store.database import Conn
from connector.store.messages import templates
from connector.store.messages.templates import Template
from connector.store.portals.portals import Portal
from connector.use_cases.workflows.compose_executions import Ready
from connector.use_cases.workflows.decide_executions import NotReady

#: Most executions of one resolution: the limit of one association read.
MAX_EXECUTIONS = 1000


@dataclass(frozen=True, slots=True)
class Unread:
    """An accepted execution whose record is not read from HubSpot yet."""

    execution: Execution
    inputs: Inputs
    template: Template | None = None  # None: there is a message, or the template is gone

    def with_template(self, known: Mapping[uuid.UUID, Template]) -> "Unread":
        """The same with the template that its inputs name, if that exists."""
        return replace(self, template=known.get(self.inputs.template_id) if self.inputs.template_id else None)


def understand(execution: Execution) -> Unread | NotReady:
    """Read the execution's inputs."""
    try:
        return Unread(execution, read_inputs(execution.action, execution.inputs))
    except Refusal as refusal:
        return NotReady(execution, refusal)


def with_templates(
    conn: Conn, portal_id: int, executions: Sequence[Unread | NotReady]
) -> list[Unread | NotReady]:
    """The same, with the current templates that the inputs name."""
    ids = {
        unread.inputs.template_id
        for unread in executions
        if isinstance(unread, Unread) and unread.inputs.template_id
    }
    known = templates.find_many(conn, portal_id, sorted(ids)) if ids else {}
    return [unread.with_template(known) if isinstance(unread, Unread) else unread for unread in executions]


@dataclass(frozen=True, slots=True)
class Resolution:
    """The result of a batch: the executions' answers in order, as far as HubSpot could be read."""

    answers: Sequence[Ready | NotReady | Unread]  # Unread: its reads are missing or incomplete
    fault: HubSpotError | None  # the reason for unread executions: no calls left, or HubSpot unavailable


def resolve(reads: Reads, portal: Portal, prepared: Sequence[Unread | NotReady]) -> Resolution:
    """Resolve the unread ones of at most MAX_EXECUTIONS executions; the others are returned unchanged.

    A second call with the same `reads` resumes where the first stopped. Raises NotConnected and the HubSpotErrors that
    waiting does not fix.
    """
    fault: HubSpotError | None = None
    try:
        _read(reads, portal, [item for item in prepared if isinstance(item, Unread)])
    except (RateLimited, Unavailable) as interruption:
        fault = interruption
    known = reads.known()
    return Resolution(
        [_answer(known, portal, item) if isinstance(item, Unread) else item for item in prepared], fault
    )


def _read(reads: Reads, portal: Portal, unread: Sequence[Unread]) -> None:
    """Read everything that the answers need.

    A refused batch is halved until the culprit is alone: only that execution is refused.
    """
    unread = [item for item in unread if item.execution.callback_id not in reads.refusals]
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


def _read_needed(reads: Reads, portal: Portal, unread: Sequence[Unread]) -> Mapping[Enrolled, Found]:
    """Read everything that `unread` need, unless it was read before; returns the recipients of deals."""
    rules = PhoneRules(portal.default_country, portal.company_phone_properties)
    people = find_people(reads, rules, [_enrolled(item) for item in unread if _has_people(item)])
    _read_values(reads, portal, unread, people)
    return people


def _answer(known: Reads, portal: Portal, unread: Unread) -> Ready | NotReady | Unread:
    """The execution's answer from the reads so far; the execution itself, if they are not enough."""
    refusal = known.refusals.get(unread.execution.callback_id)
    if refusal:
        return NotReady(unread.execution, _refusal(refusal))
    try:
        people = _read_needed(known, portal, [unread])
        return _ready(portal, unread, people.get(_enrolled(unread)) if _has_people(unread) else None, known)
    except NotRead:
        return unread
    except Refusal as refused:
        return NotReady(unread.execution, refused)


def _refusal(refusal: HubSpotError) -> Refusal:
    """The refusal of an execution whose record HubSpot refused to read."""
    if isinstance(refusal, Rejected) and refusal.names_property:
        return Refusal(Code.PROPERTY_UNKNOWN, names=list(refusal.property_names))
    return Refusal(Code.RECORD_NOT_FOUND)


def _has_people(unread: Unread) -> bool:
    return unread.execution.action == Action.SEND_SMS_DEAL


def _enrolled(unread: Unread) -> Enrolled:
    execution = unread.execution
    return Enrolled(execution.object_type_id, execution.object_id, unread.inputs.phone_property)


def _names(portal: Portal, unread: Unread) -> list[str]:
    """Merge fields of the text; empty if the text will be refused."""
    try:
        if unread.inputs.template_id is None:
            return message_fields(unread.inputs.message, portal.message_tokens)
        return merge_fields.names(unread.template.content.text) if unread.template else []
    except Refusal:
        return []


def _read_values(
    reads: Reads, portal: Portal, unread: Sequence[Unread], people: Mapping[Enrolled, Found]
) -> None:
    """Read the properties named in texts, with their definitions, except for deals without a recipient."""
    planned: list[tuple[Unread, Person | None, MergePlan]] = []
    for item in unread:
        found = people.get(_enrolled(item)) if _has_people(item) else None
        person = found if isinstance(found, Person) else None
        if item.execution.object_type_id in OBJECT_TYPES and (person or not _has_people(item)):
            with suppress(Refusal):  # `_answer` refuses it
                planned.append((item, person, _plan(reads, portal, item)))
    _read_planned(reads, planned)
    for item, person, plan in planned:
        with suppress(Refusal):
            # Also reads the definitions that the values need anew, and the owners.
            shown_values(plan, _values_of(reads, item, person), reads, reader_of(portal))


def _plan(reads: Reads, portal: Portal, unread: Unread) -> MergePlan:
    return plan_fields(_names(portal, unread), unread.execution.object_type_id, reads)


def _read_planned(reads: Reads, planned: Sequence[tuple[Unread, Person | None, MergePlan]]) -> None:
    """Read the records of plans: for each type the union of their properties."""
    wanted: dict[str, tuple[list[str], set[str]]] = {}
    for item, person, plan in planned:
        execution = item.execution
        places = [(execution.object_type_id, execution.object_id)]
        places += [(person.object_type_id, person.object_id)] if person else []
        for type_id, record_id in places:
            names = plan.properties(type_id)
            if names:
                ids, all_names = wanted.setdefault(type_id, ([], set()))
                ids.append(record_id)
                all_names.update(names, OWNER_PROPERTIES)
    for type_id, (ids, all_names) in wanted.items():
        reads.read_records(type_id, ids, all_names)


def _values_of(known: Reads, unread: Unread, person: Person | None) -> Values:
    """The values read of the record, and of the person texted."""
    execution = unread.execution
    values: dict[str, Mapping[str, str | None]] = {}
    for type_id, record_id in [
        (execution.object_type_id, execution.object_id),
        *([(person.object_type_id, person.object_id)] if person else []),
    ]:
        record = known.record(type_id, record_id)
        values[type_id] = record.properties if record else {}
    return values


def _ready(portal: Portal, unread: Unread, person: Found | None, known: Reads) -> Ready:
    """Raises Refusal no_recipient, record_not_found, template_not_found or one of the number."""
    execution, inputs, template = unread.execution, unread.inputs, unread.template
    if inputs.template_id and template is None:
        raise Refusal(Code.TEMPLATE_NOT_FOUND)
    if _has_people(unread) and person is None:
        raise Refusal(Code.NO_RECIPIENT)
    if isinstance(person, NumberRefused):
        raise person.refusal()
    values = _values(portal, unread, person, known)
    if person is None:
        record = known.record(execution.object_type_id, execution.object_id)
        properties = record.properties if record else execution.properties
        number = parse(inputs.recipient, portal.default_country, properties.get(COUNTRY_PROPERTY))
        if isinstance(number, NumberRefused):
            raise number.refusal()
        return Ready(
            execution,
            inputs,
            number,
            inputs.recipient,
            template=template,
            values=values,
            is_opted_out=is_opted_out(properties),
            is_stop_empty=is_stop_empty(properties),
        )
    return Ready(
        execution,
        inputs,
        person.recipient,
        person.recipient_raw,
        person.recipient_property,
        (person.object_type_id, person.object_id),
        template,
        values,
        person.is_opted_out,
        person.is_stop_empty,
    )


def _values(portal: Portal, unread: Unread, person: Person | None, known: Reads) -> Mapping[str, str | None]:
    """Values of the text's merge fields in readable form.

    Raises Refusal property_unknown, property_unreadable or record_not_found.
    """
    plan = _plan(known, portal, unread)
    execution = unread.execution
    is_read = plan.properties(execution.object_type_id)
    if is_read and known.record(execution.object_type_id, execution.object_id) is None:
        raise Refusal(Code.RECORD_NOT_FOUND)
    return shown_values(plan, _values_of(known, unread, person), known, reader_of(portal))
