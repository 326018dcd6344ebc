"""Leave out SMS of workflows that repeat a text to a number within the portal's hours (F3.5)."""

from collections.abc import Sequence
from datetime import timedelta

from connector.domain.refusals import Code, Refusal
from connector.domain.workflows.fields import refused
from connector.store.database import Conn
from connector.store.portals.portals import Portal
from connector.store.workflows import executions, recent_texts
from connector.use_cases.workflows.compose_executions import Decided, Ready

#: The decision about an execution, or its defect.
Decision = Decided | Exception


def leave_out_repeats(conn: Conn, portal: Portal, decided: Sequence[Decision]) -> list[Decision]:
    """The decisions in order, with repeats refused; only new executions may be given.

    The claims hold if the caller's transaction stores the messages. Without the setting nothing changes.
    """
    new = [item.message for item in decided if isinstance(item, Decided) and item.message]
    if portal.once_within_h is None or not new:
        return list(decided)
    may_leave = recent_texts.claim(conn, portal.portal_id, new, within=timedelta(hours=portal.once_within_h))
    refusal = Refusal(Code.ALREADY_TEXTED, hours=portal.once_within_h)
    return [
        Decided(refused(refusal, item.message.recipient), None)
        if isinstance(item, Decided) and item.message and item.message.message_id not in may_leave
        else item
        for item in decided
    ]


def leave_out_new_repeats(
    conn: Conn, portal: Portal, ready: Sequence[Ready], decided: Sequence[Decision]
) -> list[Decision]:
    """The same for `ready` executions, of which HubSpot may repeat some: these claim no text."""
    if portal.once_within_h is None or not ready:
        return list(decided)
    # Locked before the texts (protocol P26).
    stored = executions.hold(conn, portal.portal_id, [item.execution.callback_id for item in ready])
    known = {row.callback_id for row in stored}
    places = [place for place, item in enumerate(ready) if item.execution.callback_id not in known]
    result = list(decided)
    for place, item in zip(
        places, leave_out_repeats(conn, portal, [decided[p] for p in places]), strict=True
    ):
        result[place] = item
    return result
