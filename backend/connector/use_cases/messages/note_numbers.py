"""Note in the ledger and on records that a refused number is unassigned or opted out (F4.1, P14).

Without this a record would show nothing until the gateway's lists are read at night, or never. The marks of a record
follow its known numbers, and a refused message does not make a number known.
"""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from connector.domain.refusals import Code
from connector.domain.vocabulary import LaneKind, PushType, Reason, UnassignedSource
from connector.store import lanes
from connector.store.consent import unassigned_numbers
from connector.store.consent.opt_outs import ListedStop
from connector.store.crm import record_numbers
from connector.store.database import Conn
from connector.store.lanes import Entered
from connector.store.messages import messages, queue
from connector.store.messages.messages import Moved
from connector.use_cases.consent.import_opt_outs import import_opt_outs
from connector.use_cases.delivery.hold_rows import hold_messages
from connector.use_cases.delivery.plan_writes import numbers_of, plan_marks
from connector.use_cases.workflows.compose_executions import Decided, Ready


def hold_refused(entered: Entered, message_ids: list[uuid.UUID], reason: str) -> None:
    """Lock messages that will be refused, with those that `note_numbers` will then block (protocol P26)."""
    if reason != Reason.BLACKLISTED:
        return
    conn, portal_id = entered.conn, entered.portal_id
    recipients = sorted({message.recipient for message in messages.find(conn, portal_id, message_ids)})
    waiting = queue.to_numbers(conn, portal_id, recipients, push_types=list(PushType))
    hold_messages(conn, portal_id, {*message_ids, *waiting})


def note_numbers(entered: Entered, moved: Sequence[Moved], reason: str) -> None:
    """The gateway refused these messages because its STOP list or list of unassigned numbers has the number.

    Other reasons say nothing lasting about the number. `entered` for `sync_crm`.
    """
    entered.require(LaneKind.SYNC_CRM)
    refused = [m.message for m in moved]
    recipients = sorted({message.recipient for message in refused})
    changed: list[str] = []
    if reason == Reason.NPAI:
        changed = unassigned_numbers.add(
            entered.conn, entered.portal_id, recipients, source=UnassignedSource.IMPORT
        )
    elif reason == Reason.BLACKLISTED:
        now = datetime.now(UTC)
        import_opt_outs(entered, [ListedStop(n, None, now) for n in recipients], began_at=now)
    else:
        return
    plan_marks(entered, changed, met=numbers_of(refused))


def opted_out_records(one: Ready, what: Decided | Exception) -> list[record_numbers.Entry]:
    """The records that an execution would have texted at an opted-out number; empty for other decisions."""
    if not isinstance(what, Decided) or what.outputs.reason != Code.OPTED_OUT:
        return []
    enrolled = (one.execution.object_type_id, one.execution.object_id)
    return [(one.recipient.e164, *record) for record in (enrolled, one.person) if record]


def note_opted_out(conn: Conn, portal_id: int, met: Sequence[record_numbers.Entry]) -> None:
    """Executions were refused because these people opted out: there is no message, but the records have the numbers.

    A number that was met before has its mark, so a workflow that repeats every day costs one look-up.
    """
    if met:
        plan_marks(lanes.enter(conn, portal_id, LaneKind.SYNC_CRM), [], met=met)
