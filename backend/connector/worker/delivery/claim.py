"""Third step of delivering: claim the messages of one call; and settle those it may not take (protocol P11)."""

import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from connector.domain.legal_calendar import closed_countries
from connector.domain.vocabulary import Cause, LaneKind, MessageState, Reason
from connector.store import lanes
from connector.store.database import Conn
from connector.store.lanes import Turn
from connector.store.messages import claims, messages
from connector.store.messages.claims import Claim, Claimed
from connector.store.portals import accounts, portals
from connector.store.portals.accounts import AccountLink
from connector.use_cases.delivery.hold_rows import hold_messages
from connector.use_cases.delivery.plan_writes import numbers_of, plan_marks
from connector.use_cases.messages.compose_message import calendar_of
from connector.use_cases.messages.move_messages import move_messages
from connector.wiring import Wiring
from connector.worker.delivery.postpone import postpone

# Orders in which a call searches the classes of its lane for its first message, and their number in forty calls:
# alerts (1) come first, and marketing (2) is not starved (protocol P4).
CLASS_ORDERS: Final[Mapping[LaneKind, Mapping[tuple[int, ...], int]]] = {
    LaneKind.DELIVER_PERSONAL: {(0,): 40},
    LaneKind.DELIVER: {(1, 2): 30, (2, 1): 10},
}
# Most messages of a call while other lanes wait: recording 500 takes a busy machine seconds, during which a user of
# the same portal waits. 1,000 equal messages still need fewer than 10 calls.
SHARED_LIMIT: Final = 125


@dataclass(frozen=True, slots=True)
class Batch:
    """Claimed messages and the account that sends them."""

    claim: Claim
    link: AccountLink


@dataclass(frozen=True, slots=True)
class Found:
    """The result of looking for messages to send."""

    batch: Batch | None  # None: nothing may leave now
    claimed: Claimed
    may_be_more: bool


def claim(wiring: Wiring, turn: Turn) -> Found:
    """Claim for one call, in a transaction of its own: it is committed before the call is made."""
    orders = CLASS_ORDERS[turn.kind]
    [classes] = random.choices(list(orders), weights=list(orders.values()))  # noqa: S311 - shares, no secret
    with wiring.pool.connection() as conn:
        limit = SHARED_LIMIT if lanes.others_wait(conn, [LaneKind.DELIVER]) else claims.MAX_MESSAGES
        portal = portals.find(conn, turn.portal_id)
        assert portal is not None, "a lane has a portal"
        call_s = wiring.settings.gateway_timeout_s
        closed = closed_countries(datetime.now(UTC), calendar_of(portal), call_s=call_s)
        claimed = claims.claim(conn, turn, call_s=call_s, closed=closed, classes=classes, limit=limit)
        new = claimed.claim
        link = accounts.link(conn, wiring.vault, turn.portal_id, new.link_id) if new else None
    batch = Batch(new, link) if new and link else None
    return Found(
        batch, claimed, may_be_more=bool(batch or claimed.opted_out or claimed.barred or claimed.closed)
    )


def settle_met(wiring: Wiring, turn: Turn, claimed: Claimed) -> None:
    """Settle messages that the claim met and may not take: stopped, or postponed to the present legal hours.

    The claim holds its account's row, which comes after messages (protocol P26), so this follows its commit.
    """
    portal_id, call_s = turn.portal_id, wiring.settings.gateway_timeout_s
    if claimed.opted_out or claimed.barred:
        with wiring.pool.connection() as conn:
            _block_met(conn, portal_id, claimed)
    if claimed.closed:
        with wiring.pool.connection() as conn:
            portal = portals.find(conn, portal_id)
            assert portal is not None, "a lane has a portal"
            by_country: dict[str, list[uuid.UUID]] = {}
            for message in messages.find(conn, portal_id, claimed.closed):
                by_country.setdefault(message.recipient_country, []).append(message.message_id)
            postpone(conn, portal, by_country, call_s=call_s)


def _block_met(conn: Conn, portal_id: int, claimed: Claimed) -> None:
    entered = lanes.enter(conn, portal_id, LaneKind.SYNC_CRM)
    hold_messages(conn, portal_id, {*claimed.opted_out, *claimed.barred})
    opted_out = move_messages(
        conn,
        portal_id,
        claimed.opted_out,
        MessageState.BLOCKED,
        cause=Cause.CONSENT,
        reason=Reason.OPTED_OUT,
    )
    move_messages(
        conn,
        portal_id,
        claimed.barred,
        MessageState.BLOCKED,
        cause=Cause.PREFERENCES,
        reason=Reason.COUNTRY_NOT_ALLOWED,
    )
    plan_marks(entered, [], met=numbers_of([m.message for m in opted_out]))
