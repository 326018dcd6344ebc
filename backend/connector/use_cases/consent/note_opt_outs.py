"""Put opt-outs by hand into the ledger: a user's « Oui » in HubSpot, or one recorded on the card (B3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

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
from connector.store.consent.opt_outs import Author
from connector.store.crm import record_marks, record_numbers
from connector.store.database import Conn
from connector.store.lanes import Entered
from connector.store.messages import queue
from connector.store.portals import portals
from connector.use_cases.delivery.hold_rows import hold_messages
from connector.use_cases.delivery.plan_writes import numbers_of, plan_marks
from connector.use_cases.messages.move_messages import move_messages


@dataclass(frozen=True, slots=True)
class RecordOptOut:
    """A person asked a user of the portal not to be texted any more."""

    portal_id: int
    author: Author
    recipient: str  # E.164
    reason: str  # "": none was given
    at: datetime
    # Records and their numbers, as read just now; for a deal also the contacts or companies that own the numbers.
    numbers: Sequence[record_numbers.Entry]


def record_opt_out(conn: Conn, command: RecordOptOut) -> None:
    """Record the opt-out and block waiting messages to the number; nothing changes if one is in force."""
    entered = lanes.enter(conn, command.portal_id, LaneKind.SYNC_CRM)
    records = [entry for entry in command.numbers if entry[0] == command.recipient]
    _obey(
        entered,
        [command.recipient],
        records,
        source=ConsentSource.CARD,
        text=command.reason,
        author=command.author,
        at=command.at,
    )


def note_hubspot_opt_outs(
    conn: Conn, portal_id: int, entries: Sequence[record_numbers.Entry], *, at: datetime
) -> None:
    """Obey the « Oui » of records that HubSpot has as opted out, unless the app wrote it.

    `entries`: the numbers of these records, as read just now. An opt-out that is in force already stays as it is.
    """
    if not entries:
        return
    ours = record_marks.with_our_stop(conn, portal_id, [record for _, *record in entries])
    by_hand = [entry for entry in entries if (entry[1], entry[2]) not in ours]
    if not by_hand:
        return
    entered = lanes.enter(conn, portal_id, LaneKind.SYNC_CRM)
    numbers = sorted({recipient for recipient, _, _ in by_hand})
    _obey(entered, numbers, by_hand, source=ConsentSource.HUBSPOT, text="", author=None, at=at)


def _obey(
    entered: Entered,
    recipients: list[str],
    records: Sequence[record_numbers.Entry],
    *,
    source: ConsentSource,
    text: str,
    author: Author | None,
    at: datetime,
) -> None:
    conn, portal_id = entered.conn, entered.portal_id
    waiting = queue.to_numbers(conn, portal_id, recipients, push_types=list(PushType))
    hold_messages(conn, portal_id, waiting)  # before the ledger (protocol P26)
    added = opt_outs.add_new(conn, portal_id, recipients, source=source, text=text, author=author, at=at)
    portal = portals.find(conn, portal_id)
    # Messages that the portal permits to opted-out numbers are not stopped.
    push_types = blocked_push_types(portal.alert_rule if portal else AlertRule.BLOCK)
    waits = queue.to_numbers(conn, portal_id, added, push_types=push_types)
    blocked = move_messages(
        conn, portal_id, waits, MessageState.BLOCKED, cause=Cause.CONSENT, reason=Reason.OPTED_OUT
    )
    plan_marks(entered, added, met=[*records, *numbers_of([m.message for m in blocked])])
