"""Open the card of a record: its whole content, from our own rows (F1)."""

from dataclasses import dataclass, field
from typing import Any

from connector.store.consent import opt_outs, unassigned_numbers
from connector.store.database import Conn
from connector.store.messages import by_record, checks, counts, drafts
from connector.store.messages.drafts import DraftKey
from connector.store.messages.messages import Message
from connector.store.portals import accounts
from connector.store.portals.accounts import AccountLink
from connector.store.portals.portals import Portal
from connector.store.vault import Vault
from connector.use_cases.messages.explain_queue import explain_waiting
from connector.use_cases.portals.list_problems import list_problems

SHOWN_MESSAGES = 3
SHOWN_SCHEDULED = 10
SHOWN_HELD = 5
COUNTED_SCHEDULED = 100


@dataclass(frozen=True, slots=True)
class Card:
    portal: Portal
    link: AccountLink | None
    problem: dict[str, Any] | None  # the oldest open one, {"code", "params"}
    sent_count: int  # messages ever accepted for the record's numbers
    unread_count: int  # replies not opened yet
    messages: list[Message]  # newest first, without scheduled ones
    scheduled: list[Message]  # scheduled ones, soonest first
    scheduled_count: int  # of all of them, at most COUNTED_SCHEDULED
    opted_out: set[str]
    unassigned: set[str]
    held: list[Message] = field(default_factory=list)  # wait for a user's decision, soonest first
    has_draft: bool = False  # of the user who opens the card


def open_card(
    conn: Conn,
    vault: Vault,
    portal: Portal,
    *,
    object_type_id: str,
    object_id: str,
    recipients: list[str],
    user_id: int | None = None,
) -> Card:
    """Read the card for a user; `recipients` are the record's present valid numbers in HubSpot, E.164."""
    portal_id = portal.portal_id
    open_problems = list_problems(conn, portal)
    record = {"object_type_id": object_type_id, "object_id": object_id, "recipients": recipients}
    scheduled = by_record.scheduled(conn, portal_id, **record, limit=SHOWN_SCHEDULED)  # type: ignore[arg-type]
    count = len(scheduled)
    if count == SHOWN_SCHEDULED:
        count = by_record.scheduled_count(conn, portal_id, **record, most=COUNTED_SCHEDULED)  # type: ignore[arg-type]
    return Card(
        portal=portal,
        link=accounts.current_link(conn, vault, portal_id),
        problem=open_problems[0] if open_problems else None,
        sent_count=counts.sent_count(conn, portal_id, recipients),
        unread_count=by_record.unread_count(conn, portal_id, recipients),
        messages=explain_waiting(
            conn,
            portal_id,
            by_record.latest(conn, portal_id, **record, limit=SHOWN_MESSAGES),  # type: ignore[arg-type]
        ),
        scheduled=scheduled,
        scheduled_count=count,
        opted_out=opt_outs.opted_out(conn, portal_id, recipients),
        unassigned=unassigned_numbers.unassigned(conn, portal_id, recipients),
        held=checks.held(conn, portal_id, object_type_id, object_id, SHOWN_HELD),
        has_draft=user_id is not None
        and drafts.exists(conn, DraftKey(portal_id, user_id, object_type_id, object_id)),
    )
