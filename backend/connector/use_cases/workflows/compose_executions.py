"""Compose the SMS of executions whose recipient and values are known; the endpoint and the lanes share this."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector.domain.phone_numbers import PhoneNumber
from connector.domain.refusals import Code, Refusal
from connector.domain.vocabulary import ExecutionStatus, Hold, MessageState, Source
from connector.domain.workflows.fields import Execution, Inputs, Outputs, refused
from connector.domain.workflows.text import TextAndLinks, arrived_text, template_text, with_stop_mention
from connector.store.crm import record_numbers
from connector.store.messages.messages import Message
from connector.store.messages.send_context import Sending
from connector.store.messages.templates import Template
from connector.store.portals.portals import Portal
from connector.use_cases.messages.build_message import Origin, build_message, refuse_without_consent
from connector.use_cases.messages.compose_message import MessageRequest, compose_message


@dataclass(slots=True)  # not frozen: made by the thousand (see store.messages.messages.Message)
class Ready:
    """An execution that needs nothing more from HubSpot."""

    execution: Execution
    inputs: Inputs
    recipient: PhoneNumber
    recipient_raw: str
    recipient_property: str = ""  # "": HubSpot sends the number of send_sms, not the name of its property
    person: tuple[str, str] | None = None  # for a deal: object type and id of the contact or company texted
    template: Template | None = None  # None: there is a message, or the template is gone
    values: Mapping[str, str | None] = field(default_factory=dict)  # of the text's merge fields
    is_opted_out: bool = False  # HubSpot has the number's owner as opted out; the app may have written it
    is_stop_empty: bool = False  # HubSpot has no value for it


@dataclass(frozen=True, slots=True)
class Decided:
    """The answer to an execution, and the message to store; None if it is refused."""

    outputs: Outputs
    message: Message | None


def compose_executions(
    sending: Sending, ready: Sequence[Ready], *, deployment_prefix: str, now: datetime
) -> list[Decided | Exception]:
    """Decide each execution as of `now`; `sending` was read with their recipients. Stores nothing.

    A defect in one is returned as its result, so that it does not stop the others.
    """
    portal, is_linked, opted_out = sending.portal, sending.is_linked, sending.opted_out
    origin = Origin(Source.WORKFLOW, None, deployment_prefix)
    decided: list[Decided | Exception] = []
    for execution in ready:
        try:
            request = _request(execution, *_text(portal, execution))
            refuse_without_consent(portal, request, is_linked=is_linked, opted_out=opted_out)
            message = build_message(portal, origin, request, compose_message(portal, request, now), now)
        except Refusal as refusal:
            decided.append(Decided(refused(refusal, execution.recipient.e164), None))
        except Exception as defect:
            decided.append(defect)
        else:
            decided.append(Decided(outputs_of(message, sending.held), message))
    return decided


def marked_numbers(ready: Sequence[Ready]) -> list[record_numbers.Entry]:
    """The numbers whose contact or company HubSpot has as opted out, with that record."""
    return [
        (one.recipient.e164, *(one.person or (one.execution.object_type_id, one.execution.object_id)))
        for one in ready
        if one.is_opted_out
    ]


def outputs_of(message: Message, held: Hold | None) -> Outputs:
    """Outputs for a message that has just been built; the cost is our count of its parts.

    `held`: the reason that a due message will not leave at once; None: it will.
    """
    is_later = message.state == MessageState.SCHEDULED
    return Outputs(
        status=ExecutionStatus.SCHEDULED if is_later else ExecutionStatus.QUEUED,
        reason=message.reason or ("" if is_later else held or ""),
        message_id=str(message.message_id),
        recipient=message.recipient,
        sms_count=message.parts,
        cost=message.parts,
    )


def _text(portal: Portal, ready: Ready) -> TextAndLinks:
    inputs = ready.inputs
    if inputs.template_id is None:
        return arrived_text(
            inputs.message,
            shorten_links=inputs.shorten_links,
            permitted=portal.message_tokens,
            values=ready.values,
        )
    if ready.template is None:
        raise Refusal(Code.TEMPLATE_NOT_FOUND)
    content = ready.template.content
    return template_text(content.text, content.links, ready.values, shorten_links=inputs.shorten_links)


def _request(ready: Ready, text: str, links: tuple[str, ...]) -> MessageRequest:
    inputs, content = ready.inputs, ready.template.content if ready.template else None
    sender = inputs.sender or (content.sender if content else None)
    if inputs.stop_mention:
        text = with_stop_mention(text, inputs.push_type, sender)
    return MessageRequest(
        object_type_id=ready.execution.object_type_id,
        object_id=ready.execution.object_id,
        person=ready.person,
        recipient=ready.recipient,
        recipient_raw=ready.recipient_raw,
        recipient_property=ready.recipient_property,
        push_type=inputs.push_type,
        sender=sender,
        unicode=inputs.unicode or bool(content and content.unicode),
        text=text,
        links=links,
        template_id=str(ready.template.template_id) if ready.template else None,
        is_rendered=True,
        is_stop_empty=ready.is_stop_empty,
    )
