"""Decide executions of workflow actions: refuse them, compose their SMS, or let them wait for HubSpot's answers."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from connector.domain.consent import is_opted_out, is_stop_empty
from connector.domain.objects import COUNTRY_PROPERTY, OBJECT_TYPES
from connector.domain.phone_numbers import NumberRefused, PhoneNumber, parse
from connector.domain.refusals import Code, Refusal
from connector.domain.text import merge_fields
from connector.domain.vocabulary import Action
from connector.domain.workflows.fields import BLOCKING_SCOPE, Execution, read_inputs, refused
from connector.domain.workflows.text import message_fields
from connector.store.database import Conn, NeedsOwnTransaction
from connector.store.messages import templates
from connector.store.messages.send_context import Sending, look_up_all, read_all
from connector.store.messages.templates import Template
from connector.store.portals.portals import Portal
from connector.use_cases.consent.note_opt_outs import note_hubspot_opt_outs
from connector.use_cases.workflows.compose_executions import (
    Decided,
    Ready,
    compose_executions,
    marked_numbers,
)
from connector.use_cases.workflows.execution_rows import NewExecution, refused_row, resolving_row, settled_row
from connector.use_cases.workflows.leave_out_repeats import leave_out_new_repeats


@dataclass(frozen=True, slots=True)
class NotReady:
    """An execution that was resolved in the request and refused."""

    execution: Execution
    refusal: Refusal


#: An execution as HubSpot sent it, or after its record was read in the request.
ExecutionInput = Execution | Ready | NotReady


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Nothing was stored: the record must be read first, and this portal's workflows cannot be blocked for it."""

    portal: Portal


class NotInstalled(Exception):
    """The portal has not installed the app: nothing is stored for it."""


#: An execution's portal and callback id.
Key = tuple[int, str]
Decisions = Mapping[Key, NewExecution | Unresolved | Exception]


def execution_of(given: ExecutionInput) -> Execution:
    """The execution as HubSpot sent it."""
    return given if isinstance(given, Execution) else given.execution


def _early_numbers(given: Iterable[ExecutionInput]) -> set[str]:
    """Recipients that can be parsed before the portal's country is known, which saves most batches a look-up."""
    early = set()
    for item in given:
        if isinstance(item, Ready):
            early.add(item.recipient.e164)
        elif isinstance(item, Execution) and str(item.inputs.get("recipient")).startswith("+"):
            number = parse(str(item.inputs["recipient"]), "FR")
            early.update([number.e164] if isinstance(number, PhoneNumber) else [])
    return early


def decide_executions(
    conn: Conn,
    portals: Mapping[int, Mapping[str, ExecutionInput]],
    *,
    deployment_prefix: str,
    now: datetime,
) -> Decisions:
    """The decision about each execution, in the order of their portals; `portals`: by portal and callback id."""
    sendings = read_all(
        conn, {portal_id: _early_numbers(items.values()) for portal_id, items in sorted(portals.items())}
    )
    prepared = {
        portal_id: _prepare_all(conn, sendings.get(portal_id), items, now, is_alone=len(portals) == 1)
        for portal_id, items in sorted(portals.items())
    }
    ready = {
        portal_id: [item for item in items.values() if isinstance(item, Ready)]
        for portal_id, items in prepared.items()
    }
    numbers = {
        portal_id: [item.recipient.e164 for item in items] for portal_id, items in ready.items() if items
    }
    sendings = look_up_all(conn, sendings, numbers)
    decided: dict[Key, NewExecution | Unresolved | Exception] = {}
    for portal_id, items in prepared.items():
        composed = (
            _compose(conn, sendings[portal_id], ready[portal_id], deployment_prefix, now)
            if ready[portal_id]
            else []
        )
        rest = iter(composed)
        for key, item in items.items():
            decided[portal_id, key] = (
                settled_row(sendings[portal_id].portal, item, next(rest), now)
                if isinstance(item, Ready)
                else item
            )
    return decided


def _compose(
    conn: Conn, sending: Sending, ready: Sequence[Ready], deployment_prefix: str, now: datetime
) -> list[Decided | Exception]:
    composed = compose_executions(sending, ready, deployment_prefix=deployment_prefix, now=now)
    return leave_out_new_repeats(conn, sending.portal, ready, composed)


def _prepare_all(
    conn: Conn, sending: Sending | None, items: Mapping[str, ExecutionInput], now: datetime, *, is_alone: bool
) -> dict[str, Ready | NewExecution | Unresolved | Exception]:
    """Parse the executions of one portal; `sending` None: it has not installed the app.

    Opt-outs by hand that HubSpot sends along go into the ledger in a transaction of their own, which is committed here.
    Claims of texts wait for their rivals. Both need a transaction of this portal alone.
    """
    if sending is None:
        return {key: NotInstalled() for key in items}
    known = _templates(conn, sending.portal, items.values())
    prepared = {key: _try_to_prepare(sending.portal, item, known, now) for key, item in items.items()}
    is_once = sending.portal.once_within_h is not None
    marked = [
        key for key, item in prepared.items() if isinstance(item, Ready) and (item.is_opted_out or is_once)
    ]
    if is_alone:
        ready = [item for item in prepared.values() if isinstance(item, Ready)]
        if any(item.is_opted_out for item in ready):
            note_hubspot_opt_outs(conn, sending.portal.portal_id, marked_numbers(ready), at=now)
            conn.commit()  # the executions come before the ledger in the order of locks (protocol P14, P26)
        return prepared
    return {**prepared, **{key: NeedsOwnTransaction() for key in marked}}


def _try_to_prepare(
    portal: Portal, item: ExecutionInput, known: Mapping[uuid.UUID, Template], now: datetime
) -> Ready | NewExecution | Unresolved | Exception:
    try:
        return _prepare(portal, item, known, now)
    except Refusal as refusal:
        return refused_row(portal, execution_of(item), refused(refusal), now)
    except Exception as defect:
        return defect


def _templates(conn: Conn, portal: Portal, given: Iterable[ExecutionInput]) -> dict[uuid.UUID, Template]:
    """The existing templates that the executions name."""
    wanted = set()
    for item in given:
        named = item.inputs.get("template") if isinstance(item, Execution) else None
        if named:
            with suppress(ValueError):  # read_inputs refuses it
                wanted.add(uuid.UUID(str(named)))
    return templates.find_many(conn, portal.portal_id, sorted(wanted)) if wanted else {}


def _prepare(
    portal: Portal, given: ExecutionInput, known: Mapping[uuid.UUID, Template], now: datetime
) -> Ready | NewExecution | Unresolved:
    """Parse one execution. Raises Refusal."""
    if isinstance(given, NotReady):
        raise given.refusal
    if isinstance(given, Ready):
        return given
    if given.object_type_id not in OBJECT_TYPES:
        # The workflow has no enrolled record, or one of another object: an SMS's outcome needs a record of ours.
        raise Refusal(Code.BAD_INPUT, field="object")
    inputs = read_inputs(given.action, given.inputs)
    may_block = BLOCKING_SCOPE in portal.scopes
    if inputs.wait_s is not None and not may_block:
        raise Refusal(Code.SCOPE_MISSING)
    template = known.get(inputs.template_id) if inputs.template_id else None
    if inputs.template_id and template is None:
        raise Refusal(Code.TEMPLATE_NOT_FOUND)
    fields = (
        merge_fields.names(template.content.text)
        if template
        else message_fields(inputs.message, portal.message_tokens)
    )
    if given.action == Action.SEND_SMS_DEAL or fields:
        return resolving_row(portal, given, inputs, now) if may_block else Unresolved(portal)
    number = parse(inputs.recipient, portal.default_country, given.properties.get(COUNTRY_PROPERTY))
    if isinstance(number, NumberRefused):
        raise number.refusal()
    return Ready(
        given,
        inputs,
        number,
        inputs.recipient,
        template=template,
        is_opted_out=is_opted_out(given.properties),
        is_stop_empty=is_stop_empty(given.properties),
    )
