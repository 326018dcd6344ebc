"""Add the gateway's STOP list to the ledger, and obey it at once (protocol P11, P14)."""

from datetime import datetime, timedelta

from connector.domain.consent import blocked_push_types
from connector.domain.vocabulary import (
    AlertRule,
    Cause,
    ConsentSource,
    LaneKind,
    MessageState,
    PushType,
    Reason,
)
from connector.store import lanes
from connector.store.consent import opt_outs
from connector.store.consent.opt_outs import ListedStop
from connector.store.database import Conn
from connector.store.lanes import Entered
from connector.store.messages import queue
from connector.store.portals import portals
from connector.use_cases.delivery.hold_rows import hold_messages
from connector.use_cases.delivery.plan_writes import numbers_of, plan_marks
from connector.use_cases.messages.move_messages import move_messages

# The gateway's list may show an entry for a while after it was removed (unconfirmed).
LIST_MAY_LAG = timedelta(minutes=10)


def import_opt_outs(entered: Entered, stops: list[ListedStop], *, began_at: datetime) -> int:
    """Add numbers that the ledger lacks, and stop waiting messages to them; returns the number of new ones.

    A number whose consent was recorded around or after the start of the reading (`began_at`) is left out: the page may
    be older than the removal. If the number is still listed, the next night's reading finds it.
    """
    entered.require(LaneKind.SYNC_CRM)
    conn, portal_id = entered.conn, entered.portal_id
    numbers = [stop.recipient for stop in stops]
    waiting = queue.to_numbers(conn, portal_id, numbers, push_types=list(PushType))
    hold_messages(conn, portal_id, waiting)  # before the ledger (protocol P26)
    added = opt_outs.add_imported(conn, portal_id, stops, unless_consented_since=began_at - LIST_MAY_LAG)
    portal = portals.find(conn, portal_id)
    push_types = blocked_push_types(portal.alert_rule if portal else AlertRule.BLOCK)
    waits = queue.to_numbers(conn, portal_id, added, push_types=push_types)
    blocked = move_messages(
        conn, portal_id, waits, MessageState.BLOCKED, cause=Cause.IMPORT, reason=Reason.OPTED_OUT
    )
    plan_marks(entered, added, met=numbers_of([m.message for m in blocked]))
    return len(added)


def note_listed_stop(conn: Conn, portal_id: int, recipient: str, *, at: datetime) -> None:
    """The list shows a STOP that is newer than the ledger's: it replaces that one, and a new consent may end it."""
    entered = lanes.enter(conn, portal_id, LaneKind.SYNC_CRM)
    if opt_outs.add(conn, portal_id, recipient, source=ConsentSource.IMPORT, text="", at=at):
        plan_marks(entered, [recipient])
