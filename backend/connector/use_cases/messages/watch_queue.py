"""Watch the queue: report messages that grow too old to the admin, and a long queue to workflows (B1)."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from connector.domain.vocabulary import Bottleneck, Cause, LaneKind, MessageState, ProblemCode, Reason
from connector.store import lanes
from connector.store.database import Conn
from connector.store.messages import forecast, limits, messages
from connector.store.messages.forecast import EXPIRED, SHOWN_S, Outlook
from connector.store.portals import problems
from connector.use_cases.messages.explain_queue import explain_waiting
from connector.use_cases.messages.move_messages import move_messages

#: Problem about messages that will be dropped without a change.
EXPIRE = ProblemCode.MESSAGES_EXPIRE
# Neither the portal nor the account holds the messages back: there are too many to leave in time.
BACKLOG = Bottleneck.BACKLOG


def watch_queue(conn: Conn, portal_id: int) -> None:
    """Schedule a look at the queue if messages are held back in it and no look is scheduled."""
    if forecast.is_wanted(conn, portal_id):
        lanes.wake(lanes.enter(conn, portal_id, LaneKind.OUTLOOK), LaneKind.OUTLOOK)


def drop_too_old(conn: Conn, portal_id: int, message_ids: list[UUID]) -> None:
    """End messages beyond their maximum age, and report it: they were promised to a user or a workflow."""
    if not message_ids:
        return
    cause = _cause_of(conn, portal_id, message_ids)
    moved = move_messages(
        conn, portal_id, message_ids, MessageState.TOO_LATE, cause=Cause.AGE, reason=Reason.TOO_OLD
    )
    if not moved:
        return
    entered = lanes.enter(conn, portal_id, LaneKind.OUTLOOK)
    known = problems.find_open(conn, portal_id, EXPIRED)
    before = known[0].get("count", 0) if known else 0
    problems.open_problem(conn, portal_id, EXPIRED, {"count": before + len(moved), "cause": cause})
    lanes.wake(entered, LaneKind.OUTLOOK, datetime.now(UTC) + timedelta(seconds=forecast.LOOK_AGAIN_S))


def _cause_of(conn: Conn, portal_id: int, message_ids: Sequence[UUID]) -> Bottleneck | Reason:
    """The cause of most of the long waits."""
    waiting = explain_waiting(conn, portal_id, messages.find(conn, portal_id, list(message_ids)))
    limit = limits.find(conn, portal_id)
    own = Bottleneck.HOURLY_CAP if limit.hourly_cap else Bottleneck.PACE if limit.pace_per_minute else BACKLOG
    causes: Counter[Bottleneck | Reason] = Counter(
        message.reason or (own if message.priority > 0 else BACKLOG) for message in waiting
    )
    return causes.most_common(1)[0][0]


def look_ahead(conn: Conn, portal_id: int) -> None:
    """Report the queue's state: its length, and messages that will be dropped with the cause."""
    view = forecast.read(conn, portal_id)
    cause, count = max(_causes(view), key=lambda counted: counted[1])
    if count:
        problems.open_problem(conn, portal_id, EXPIRE, {"count": count, "cause": cause})
    else:
        problems.close_problem(conn, portal_id, EXPIRE)
    dropped = problems.find_open(conn, portal_id, EXPIRED)
    if dropped and dropped[1] >= SHOWN_S:
        problems.close_problem(conn, portal_id, EXPIRED)
    forecast.save(conn, portal_id, view.lasts_s)


def _causes(view: Outlook) -> list[tuple[Bottleneck | Reason, int]]:
    """(cause, messages that it will drop).

    A stopped queue may resume at any moment, so only messages near their maximum age count. A limit that is too tight
    can be reported much earlier.
    """
    still: list[tuple[bool, Bottleneck | Reason | None]] = [
        (not view.is_linked, Bottleneck.ACCOUNT_NOT_LINKED),
        (view.is_portal_paused, Bottleneck.PORTAL_PAUSED),
        (view.pause_reason is not None, view.pause_reason),
        (view.is_unreachable, Bottleneck.GATEWAY_UNREACHABLE),
    ]
    standing = next((cause for is_so, cause in still if is_so), None)
    if standing is None and view.limit is None:
        standing = BACKLOG
    limited: tuple[Bottleneck | Reason, int] = (view.limit, view.late) if view.limit else (BACKLOG, 0)
    return [limited, (standing, view.soon)] if standing else [limited]
