"""Open the card of a record: everything it shows, from our own rows (F1)."""

from dataclasses import dataclass
from typing import Any

from connector.store import accounts, messages, problems
from connector.store.accounts import Link
from connector.store.database import Conn
from connector.store.messages import Message
from connector.store.portals import Portal
from connector.store.vault import Vault

SHOWN_MESSAGES = 3


@dataclass(frozen=True, slots=True)
class Card:
    portal: Portal
    link: Link | None
    problem: dict[str, Any] | None  # oldest open one, {"code", "params"}
    sent_count: int  # messages ever accepted for the record's numbers
    messages: list[Message]  # newest first


def open_card(
    conn: Conn,
    vault: Vault,
    portal: Portal,
    *,
    object_type_id: str,
    object_id: str,
    recipients: list[str],
) -> Card:
    """`recipients` are the record's valid numbers, E.164, as HubSpot holds them now."""
    open_problems = problems.open_problems(conn, portal.portal_id)
    return Card(
        portal=portal,
        link=accounts.current_link(conn, vault, portal.portal_id),
        problem=open_problems[0] if open_problems else None,
        sent_count=messages.sent_count(conn, portal.portal_id, recipients),
        messages=messages.latest(
            conn,
            portal.portal_id,
            object_type_id=object_type_id,
            object_id=object_id,
            recipients=recipients,
            limit=SHOWN_MESSAGES,
        ),
    )
