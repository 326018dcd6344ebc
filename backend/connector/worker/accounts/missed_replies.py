"""Fetch replies whose webhook did not arrive from SMSFactor's own list; each stored one matches one listed (P24)."""

import re
import unicodedata
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog

from connector.domain.vocabulary import EventOutcome
from connector.smsfactor.errors import Unavailable
from connector.smsfactor.events import read_inbound
from connector.smsfactor.payloads import ListedReply
from connector.store import inbox, lanes
from connector.store.database import Conn
from connector.store.lanes import Turn
from connector.store.messages import replies
from connector.store.messages.replies import StoredReply
from connector.store.portals import accounts
from connector.store.portals.accounts import AccountLink
from connector.use_cases.delivery.receive_event import ReceivedReply, receive_reply
from connector.wiring import Wiring
from connector.worker.runner import BackOff

log = structlog.get_logger()

ROWS_PER_PAGE: Final = 1000
# A reply's webhook and its row in the list may carry slightly different times (unconfirmed).
SAME_WITHIN: Final = timedelta(seconds=120)
# A STOP is no reply: the account's STOP list brings it.
_STOP: Final = re.compile(r"\s*stop\b", re.IGNORECASE)


def fetch_missed_replies(wiring: Wiring, turn: Turn, link: AccountLink, *, since: datetime) -> int:
    """Store the listed replies since then that are not stored yet; returns their number.

    Raises Refused or Unavailable.
    """
    listed = _listed(wiring, turn, link.api_token or "", since)
    if not listed:
        return 0
    with wiring.pool.connection() as conn:
        missed = _missing(conn, link.client_id, listed)
        turns: Counter[ListedReply] = Counter()
        outcomes = []
        for reply in missed:
            alike = replace(reply, ticket=None)
            turns[alike] += 1
            outcomes.append(_receive(conn, link.client_id, reply, turn=turns[alike]))
    count = sum(outcome in (EventOutcome.STORED, EventOutcome.UNASSIGNED) for outcome in outcomes)
    log.info("replies_fetched", client_id=link.client_id, listed=len(listed), missed=count)
    return count


def _listed(wiring: Wiring, turn: Turn, token: str, since: datetime) -> list[ListedReply]:
    """All usable replies since then: with a number and a time."""
    found: list[ListedReply] = []
    offset, until = 0, datetime.now(UTC) + timedelta(hours=1)
    while True:
        page = wiring.smsfactor.replies(token, since, until, offset, ROWS_PER_PAGE)
        found += [row for row in page.rows if row.number and row.at and not _STOP.match(row.text)]
        offset += len(page.rows)
        if offset >= page.total:
            return found
        if not page.rows:
            raise Unavailable("the list of replies ended before its total")
        with wiring.pool.connection() as conn:
            if not lanes.renew(conn, turn, wiring.settings.lane_lease_s):
                raise BackOff("lane_lost", 0.0)


def _missing(conn: Conn, client_id: str, listed: list[ListedReply]) -> list[ListedReply]:
    """The listed replies without a stored one of the same number and text at about the same time, one to one."""
    times = [reply.at for reply in listed if reply.at]
    first, last = min(times) - SAME_WITHIN, max(times) + SAME_WITHIN
    portals = accounts.linked_portals(conn, client_id)
    stored = replies.stored(
        conn, portals, sorted({reply.number or "" for reply in listed}), first=first, last=last
    )
    stored += _unapplied(inbox.unapplied_replies(conn, client_id, portals, since=first))
    left: dict[tuple[str, str], list[StoredReply]] = {}
    for one in stored:
        left.setdefault((one.number, _normalised(one.text)), []).append(one)
    return [reply for reply in listed if not _take(left, reply)]


def _unapplied(payloads: list[dict[str, Any]]) -> list[StoredReply]:
    events = [read_inbound(payload) for payload in payloads]
    return [StoredReply(event.number, event.text, event.at) for event in events if event.at]


def _take(left: dict[tuple[str, str], list[StoredReply]], reply: ListedReply) -> bool:
    """Use up the stored reply nearest to this one. False: there is none."""
    same = left.get((reply.number or "", _normalised(reply.text)), [])
    assert reply.at is not None
    at = reply.at
    nearest = min(same, key=lambda one: abs(one.at - at), default=None)
    if nearest is None or abs(nearest.at - at) > SAME_WITHIN:
        return False
    same.remove(nearest)
    return True


def _normalised(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _receive(conn: Conn, client_id: str, reply: ListedReply, *, turn: int) -> EventOutcome:
    """Store it as its webhook would have been: a late webhook with the same time is then a repetition.

    `turn`: its place among missed replies of the same number, text and time, from 1.
    """
    assert reply.at is not None
    number = reply.number or ""
    portals = accounts.linked_portals(conn, client_id)
    gateway_id = replies.answered_id(conn, portals, number, reply.ticket) if reply.ticket else None
    payload = {
        "from": number.lstrip("+"),
        "message": reply.text,
        "date": reply.at.isoformat(),
        "last_message_id": gateway_id,
    }
    when = reply.at.isoformat() if turn == 1 else f"{reply.at.isoformat()} {turn}"
    received = ReceivedReply(client_id, gateway_id, number, reply.text, when, payload=payload)
    return receive_reply(conn, received)
