"""Lanes on a real database: no lost wake-up (P1), future rows (P2), leases and fences (P3)."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from connector.domain.vocabulary import AttemptOutcome, Cause, GatewayEvent, LaneKind
from connector.store import inbox, lanes
from connector.store.database import Conn, connect
from connector.store.lanes import Entered, Turn
from connector.store.portals import portals
from connector.store.workflows import waits
from connector.use_cases.delivery.apply_reports import apply_reports
from connector.use_cases.delivery.doubt_attempt import doubt_attempt
from connector.use_cases.delivery.plan_writes import plan_marks, plan_writes
from connector.use_cases.delivery.requeue_attempt import requeue_attempt

ID = uuid.UUID(int=1)


@pytest.fixture
def alone(fresh_database: str) -> str:
    """A database without lanes of other tests, because `take` takes the longest due lane of all portals."""
    return fresh_database


@pytest.fixture
def writer(alone: str) -> Iterator[Conn]:
    with connect(alone) as conn:
        yield conn


@pytest.fixture
def runner(alone: str) -> Iterator[Conn]:
    with connect(alone) as conn:
        yield conn


def open_lane(
    conn: Conn, portal_id: int = 1, kind: LaneKind = LaneKind.DELIVER, due_at: datetime | None = None
) -> None:
    lanes.wake(lanes.enter(conn, portal_id, kind), kind, due_at)
    conn.commit()


def take(conn: Conn, owner: str = "runner", lease_s: float = 30.0) -> Turn | None:
    return lanes.take(conn, owner=owner, lease_s=lease_s, kinds=[LaneKind.DELIVER])


def due_of(conn: Conn, portal_id: int = 1, kind: LaneKind = LaneKind.DELIVER) -> datetime | None:
    row = conn.execute(
        "SELECT NULLIF(next_due_at, 'infinity') AS due FROM lanes WHERE portal_id = %s AND kind = %s",
        (portal_id, kind),
    ).fetchone()
    conn.commit()
    assert row is not None
    due: datetime | None = row["due"]
    return due


def close(conn: Conn, turn: Turn, next_due_at: datetime | None = None) -> bool:
    """Close as the runner does; False while a writer is inside."""
    if not lanes.may_close(conn, turn):
        conn.commit()
        return False
    lanes.release(conn, turn, next_due_at=next_due_at)
    return True


def test_lane_is_not_closed_while_a_writer_is_inside(writer: Conn, runner: Conn) -> None:
    open_lane(writer)
    turn = take(runner)
    assert turn is not None
    # The writer has entered but not committed: the runner cannot see its rows.
    entered = lanes.enter(writer, 1, LaneKind.DELIVER)
    lanes.wake(entered, LaneKind.DELIVER)
    assert not close(runner, turn)
    writer.commit()
    assert close(runner, turn)


def test_writer_waits_for_a_closing_runner_and_opens_the_lane_again(writer: Conn, runner: Conn) -> None:
    open_lane(writer)
    turn = take(runner)
    assert turn is not None
    assert lanes.may_close(runner, turn)
    writer.execute("SET lock_timeout = '200ms'")
    with pytest.raises(Exception, match="lock timeout"):
        lanes.enter(writer, 1, LaneKind.DELIVER)
    writer.rollback()
    lanes.release(runner, turn, next_due_at=None)
    assert due_of(runner) is None
    open_lane(writer)
    assert take(runner) is not None


def test_forgotten_enter_is_a_type_error(writer: Conn) -> None:
    """If mypy ever accepted the bare connection, `make types` would fail here on the unused ignore comment."""
    with pytest.raises(AttributeError):
        lanes.wake(writer, LaneKind.DELIVER)  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        plan_marks(writer, ["+33612345678"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("write", "kind"),
    [
        (lambda entered: lanes.wake(entered, LaneKind.DELIVER), LaneKind.DELIVER),
        (lambda entered: plan_writes(entered, [], occurred_at=None), LaneKind.SYNC_CRM),
        (lambda entered: plan_marks(entered, []), LaneKind.SYNC_CRM),
        (lambda entered: apply_reports(entered, [], cause=Cause.RECEIPT), LaneKind.RECONCILE),
        (
            lambda entered: requeue_attempt(
                entered, ID, outcome=AttemptOutcome.ABSENT, cause=Cause.LOOK_UP, reason=None
            ),
            LaneKind.DELIVER,
        ),
        (lambda entered: doubt_attempt(entered, ID, Cause.NO_ANSWER, lookup_in_s=1.0), LaneKind.RECONCILE),
        (lambda entered: waits.conclude(entered, []), LaneKind.CALLBACKS),
        (portals.want_setup, LaneKind.SETUP),
        (
            lambda entered: inbox.add(
                entered, event_key="DLR:1", client_id="1", type_=GatewayEvent.DLR, payload={}
            ),
            LaneKind.EVENTS,
        ),
    ],
)
def test_writing_to_a_lane_that_was_not_entered_is_refused(
    writer: Conn, write: Callable[[Entered], object], kind: LaneKind
) -> None:
    others = [other for other in LaneKind if other != kind]
    with pytest.raises(lanes.LaneNotEntered, match=kind):
        write(lanes.enter(writer, 1, *others))
    rows = writer.execute("SELECT 1 FROM lanes").fetchall()
    assert rows == [], "nothing was written"


def test_taken_lane_is_taken_by_nobody_else(writer: Conn, runner: Conn) -> None:
    open_lane(writer)
    assert take(runner) is not None
    assert take(writer, owner="another") is None


def test_lane_due_longest_is_taken_first(writer: Conn, runner: Conn) -> None:
    now = datetime.now(UTC)
    open_lane(writer, portal_id=2, due_at=now - timedelta(seconds=5))
    open_lane(writer, portal_id=3, due_at=now - timedelta(seconds=50))
    first, second = take(runner), take(runner)
    assert first is not None
    assert second is not None
    assert (first.portal_id, second.portal_id) == (3, 2)


def test_future_lane_waits_and_writers_only_lower_its_due_time(writer: Conn, runner: Conn) -> None:
    now = datetime.now(UTC)
    soon, later = now + timedelta(minutes=5), now + timedelta(hours=1)
    open_lane(writer, due_at=later)
    assert take(runner) is None
    assert due_of(runner) == later
    open_lane(writer, due_at=soon)
    assert due_of(runner) == soon
    open_lane(writer, due_at=later)
    assert due_of(runner) == soon
    seconds = lanes.next_due_in_s(runner, [LaneKind.DELIVER])
    assert seconds is not None
    assert 290 < seconds <= 300


def test_closed_lane_is_due_at_the_earliest_time_of_its_rows(writer: Conn, runner: Conn) -> None:
    open_lane(writer)
    turn = take(runner)
    assert turn is not None
    at = datetime.now(UTC) + timedelta(minutes=1)
    assert close(runner, turn, next_due_at=at)
    assert due_of(runner) == at


def test_lane_of_a_dead_owner_is_due_again_and_the_old_fence_is_worthless(writer: Conn, runner: Conn) -> None:
    open_lane(writer)
    dead = take(runner, lease_s=0.05)
    assert dead is not None
    runner.execute("SELECT pg_sleep(0.06)")
    runner.commit()
    heir = take(writer, owner="heir")
    assert heir is not None
    assert heir.fence == dead.fence + 1
    assert not lanes.renew(runner, dead, 30.0)
    # No action of the old owner on its turn affects the heir's lease.
    lanes.release(runner, dead, next_due_at=None)
    lanes.release_in(runner, dead, 60.0, error="late")
    assert lanes.renew(writer, heir, 30.0)


def test_paused_owner_knows_that_its_lease_has_run_out(writer: Conn, runner: Conn) -> None:
    open_lane(writer)
    turn = take(runner, lease_s=0.05)
    assert turn is not None
    assert turn.lease_left_s() <= 0.05
    runner.execute("SELECT pg_sleep(0.06)")
    assert turn.lease_left_s() < 0


def test_our_idea_of_the_lease_ends_before_the_databases(writer: Conn, runner: Conn) -> None:
    open_lane(writer)
    turn = take(runner, lease_s=10.0)
    assert turn is not None
    row = runner.execute(
        "SELECT EXTRACT(EPOCH FROM lease_until - now())::float AS left_s FROM lanes"
    ).fetchone()
    assert row is not None
    assert turn.lease_left_s() <= row["left_s"]


def test_failures_are_counted_until_a_good_turn(writer: Conn, runner: Conn) -> None:
    open_lane(writer)
    for expected in (0, 1, 2):
        turn = take(runner)
        assert turn is not None
        assert turn.failures == expected
        lanes.release_in(runner, turn, -0.01, error="gateway_unreachable")
    turn = take(runner)
    assert turn is not None
    lanes.release_in(runner, turn, -0.01)
    turn = take(runner)
    assert turn is not None
    assert turn.failures == 0


def test_lane_put_at_the_tail_lets_others_go_first(writer: Conn, runner: Conn) -> None:
    open_lane(writer, portal_id=1, due_at=datetime.now(UTC) - timedelta(seconds=9))
    open_lane(writer, portal_id=2, due_at=datetime.now(UTC) - timedelta(seconds=1))
    turn = take(runner)
    assert turn is not None
    assert turn.portal_id == 1
    lanes.release_in(runner, turn, 0.0)
    turn = take(runner)
    assert turn is not None
    assert turn.portal_id == 2


def test_opening_an_open_lane_takes_no_row_lock(writer: Conn, runner: Conn) -> None:
    """A burst of writers must not queue behind each other's commits."""
    open_lane(writer)
    entered = lanes.enter(writer, 1, LaneKind.DELIVER)
    lanes.wake(entered, LaneKind.DELIVER)
    runner.execute("SET lock_timeout = '200ms'")
    entered = lanes.enter(runner, 1, LaneKind.DELIVER)
    lanes.wake(entered, LaneKind.DELIVER)
    runner.commit()
    writer.commit()


def test_notification_goes_out_only_when_a_lane_opens(writer: Conn, alone: str) -> None:
    with connect(alone, autocommit=True) as ears:
        ears.execute(f"LISTEN {lanes.CHANNEL}")
        open_lane(writer)
        open_lane(writer)
        heard = list(ears.notifies(timeout=2.0, stop_after=1))
        heard += list(ears.notifies(timeout=0.1))
    assert len(heard) == 1


def test_new_work_does_not_cut_a_back_off_short_but_its_mending_does(writer: Conn, runner: Conn) -> None:
    open_lane(writer)
    turn = take(runner)
    assert turn is not None
    lanes.release_in(runner, turn, 60.0, error="rate_limited")
    open_lane(writer)
    assert take(runner) is None
    seconds = lanes.next_due_in_s(runner, [LaneKind.DELIVER])
    assert seconds is not None
    assert 55 < seconds <= 60
    entered = lanes.enter(writer, 1, LaneKind.DELIVER)
    lanes.wake(entered, LaneKind.DELIVER, ends_back_off=True)
    writer.commit()
    assert take(runner) is not None


def test_lane_of_a_kind_this_process_does_not_know_is_left_to_others(writer: Conn, runner: Conn) -> None:
    writer.execute(
        "INSERT INTO lanes (portal_id, kind, next_due_at) VALUES (1, 'of-the-next-version', now())"
    )
    writer.commit()
    assert take(runner) is None
    assert lanes.next_due_in_s(runner, [LaneKind.DELIVER]) is None
    newer = cast(LaneKind, "of-the-next-version")
    assert lanes.take(runner, owner="newer", lease_s=30.0, kinds=[newer]) is not None
