"""Delete events that could not be read: old ones, and those that hold a number to erase (protocol P15, P24)."""

from connector.store import unread_events
from connector.store.database import Conn
from connector.store.portals import accounts
from connector.use_cases.delivery.receive_event import report_unread

KEPT_DAYS = 30


def forget_old(conn: Conn) -> int:
    """Delete the events of all accounts that are too old, and count anew those that are shown; returns the deleted."""
    forgotten = unread_events.forget(conn, days=KEPT_DAYS)
    for client_id in unread_events.shown_to(conn):
        report_unread(conn, client_id)
    return forgotten


def erase_number(conn: Conn, number: str) -> int:
    """Delete the events of all accounts that hold this number (E.164), e.g. at a person's request; returns how many."""
    erased = {
        client_id: unread_events.erase(conn, client_id, number) for client_id in accounts.client_ids(conn)
    }
    for client_id in (client_id for client_id, count in erased.items() if count):
        report_unread(conn, client_id)
    return sum(erased.values())
