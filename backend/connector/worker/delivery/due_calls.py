"""First step of reconciling: the calls that are due for a look-up and share one pass over the listing."""

import uuid
from dataclasses import dataclass

from connector.store.lanes import Turn
from connector.store.messages import attempts
from connector.store.messages.attempts import Attempt, Member
from connector.store.portals import accounts
from connector.wiring import Wiring

# Calls that share a pass: the maximum number, and the maximum distance in time.
PASS_CALLS = 200
PASS_S = 3 * 3600.0


@dataclass(frozen=True, slots=True)
class DueCall:
    """A call to look up, with the messages it carried."""

    attempt: Attempt
    members: list[Member]


@dataclass(frozen=True, slots=True)
class DueCalls:
    """Calls of one account that are looked up in one pass."""

    calls: list[DueCall]
    token: str | None  # of the account that made the calls (protocol P7); None: it is gone


def load_due(wiring: Wiring, turn: Turn) -> DueCalls | None:
    """The calls of the next pass, without those that receipts have settled. None: no call is due."""
    portal_id = turn.portal_id
    with wiring.pool.connection() as conn:
        due = attempts.to_look_up(conn, portal_id, window_s=PASS_S, limit=PASS_CALLS)
        if not due:
            return None
        link = accounts.link(conn, wiring.vault, portal_id, due[0].link_id)
        members: dict[uuid.UUID, list[Member]] = {attempt.attempt_id: [] for attempt in due}
        for member in attempts.members(conn, portal_id, [attempt.attempt_id for attempt in due]):
            members[member.attempt_id].append(member)
    calls = [DueCall(attempt, members[attempt.attempt_id]) for attempt in due]
    return DueCalls([call for call in calls if not _is_over(wiring, call)], link.api_token if link else None)


def _is_over(wiring: Wiring, call: DueCall) -> bool:
    """Return True if receipts were faster: every message of the call has its final state."""
    if any(member.is_latest and not member.is_final for member in call.members):
        return False
    with wiring.pool.connection() as conn:
        attempts.end_lookups(conn, call.attempt.portal_id, call.attempt.attempt_id)
    return True
