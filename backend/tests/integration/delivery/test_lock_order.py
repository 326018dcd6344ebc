"""Transactions lock rows in one order, so none is a deadlock's victim; one that is runs again at once (P26)."""

import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
import structlog
from structlog.testing import capture_logs

from backend.tests.factories import link
from backend.tests.integration import lock_order
from backend.tests.integration.conftest import drain
from backend.tests.integration.delivery.steps import campaign, history, many, now_of, send, take_turn
from connector.domain.vocabulary import LaneKind, MessageState
from connector.smsfactor.payloads import GatewayMessage, SendAnswer
from connector.store import faults, lanes
from connector.store.database import Conn, connect
from connector.store.faults import TRIES, repeated
from connector.store.lanes import Turn
from connector.store.messages import attempts, claims, counts, messages
from connector.store.portals import accounts
from connector.store.portals.portals import Portal
from connector.use_cases.delivery.apply_receipt import ApplyReceipt, apply_receipts
from connector.wiring import Wiring
from connector.worker.delivery.claim import Batch
from connector.worker.delivery.due_calls import DueCall
from connector.worker.delivery.listing import Listing
from connector.worker.delivery.look_up import LookUp
from connector.worker.delivery.record import record
from connector.worker.delivery.settle import settle
from connector.worker.main import DRAINS
from connector.worker.runner import Drain, Runner
from sandbox.driver.gateway import Gateway
from sandbox.driver.waiting import until

# A race in the suite meets its deadlock in nearly every run if the order is broken; the long one is the proof.
ROUNDS = [pytest.param(12, id="short"), pytest.param(1000, id="long", marks=pytest.mark.long)]


def deadlocks(own: Conn) -> int:
    """Deadlocks that PostgreSQL has counted in this database; sessions report theirs when they end."""
    own.commit()
    row = own.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").fetchone()
    own.commit()
    assert row is not None
    return int(row["deadlocks"])


def race(sides: Sequence[Callable[[], None]]) -> None:
    """Run the sides at once; a fault of any is raised."""
    start = threading.Barrier(len(sides))

    def run(side: Callable[[], None]) -> None:
        start.wait()
        side()

    with ThreadPoolExecutor(len(sides)) as threads:
        for ended in [threads.submit(run, side) for side in sides]:
            ended.result()


def a_claimed_call(own: Conn, wiring: Wiring, portal: Portal, size: int) -> tuple[Turn, Batch]:
    campaign(own, wiring, portal, many(size))
    turn = take_turn(own, portal)
    claim = claims.claim(own, turn, call_s=2.0).claim
    assert claim is not None
    used = accounts.link(own, wiring.vault, portal.portal_id, claim.link_id)
    assert used is not None
    own.commit()
    return turn, Batch(claim, used)


def an_answer(sent: int) -> SendAnswer:
    return SendAnswer(
        ticket=str(uuid.uuid4().int % 10**9),
        cost=sent,
        credits=1000,
        total=sent,
        sent=sent,
        counters={},
        moderated=False,
    )


@pytest.fixture
def _own_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """A logger that no earlier test has cached with its own processors."""
    monkeypatch.setattr(faults, "log", structlog.get_logger())


@pytest.mark.usefixtures("_own_log")
@pytest.mark.parametrize("rounds", ROUNDS)
def test_linking_while_a_call_is_recorded(own: Conn, linked: Wiring, portal: Portal, rounds: int) -> None:
    """The link locks account and portal; the record counts in both."""
    size, client_id = 20, f"client-{portal.portal_id}"
    token = accounts.current_link(own, linked.vault, portal.portal_id)
    assert token is not None
    own.execute("UPDATE sms_accounts SET calls_per_s = 100000")
    own.commit()
    before = deadlocks(own)
    with capture_logs() as logs:
        for _ in range(rounds):
            turn, batch = a_claimed_call(own, linked, portal, size)
            is_recorded = threading.Event()

            def store(turn: Turn = turn, batch: Batch = batch, ended: threading.Event = is_recorded) -> None:
                try:
                    record(linked, turn, batch, an_answer(size))
                finally:
                    ended.set()

            def relink(ended: threading.Event = is_recorded) -> None:
                while True:
                    with connect(linked.settings.database_url) as conn:
                        link(conn, linked.vault, portal.portal_id, client_id=client_id)
                    if ended.is_set():
                        return

            race([store, relink])
            own.execute("UPDATE lanes SET lease_until = NULL, owner = NULL")
            own.commit()
    assert [log for log in logs if log["event"] == "transaction_repeated"] == []
    assert deadlocks(own) == before
    states = own.execute("SELECT state, count(*) AS n FROM messages GROUP BY 1").fetchall()
    assert states == [{"state": "accepted", "n": rounds * size}]


def silent_calls(own: Conn, wiring: Wiring, portal: Portal, calls: int, size: int) -> None:
    """Accepted calls without receipts: their look-ups and their receipts come at the same time."""
    for _ in range(calls):
        turn, batch = a_claimed_call(own, wiring, portal, size)
        record(wiring, turn, batch, an_answer(size))
        lanes.release_in(own, turn, 0.0)
    own.execute("UPDATE attempts SET next_lookup_at = now() WHERE next_lookup_at IS NOT NULL")
    own.execute("UPDATE lanes SET next_due_at = 'infinity'")  # both sides open them
    own.commit()


def a_listed(gateway_id: str, ticket: str) -> GatewayMessage:
    now = datetime.now(UTC)
    return GatewayMessage(
        gateway_id=gateway_id,
        ticket=ticket,
        number=None,
        text="",
        sender=None,
        status="delivered",
        state=MessageState.DELIVERED,
        reason=None,
        cost_credits=1,
        at=now,
        receipt_at=now,
    )


@dataclass(frozen=True)
class Rivals:
    """A look-up and a batch of receipts for the same accepted calls."""

    message_ids: list[uuid.UUID]  # in ascending order
    look: Callable[[], None]
    receive: Callable[[], None]


def rivals(own: Conn, linked: Wiring, portal: Portal, *, calls: int, size: int) -> Rivals:
    """Receipts of one batch move their messages in groups of equal reports, a look-up moves them by call."""
    silent_calls(own, linked, portal, calls, size)
    due = attempts.to_look_up(own, portal.portal_id, window_s=3600.0, limit=50)
    members = attempts.members(own, portal.portal_id, [attempt.attempt_id for attempt in due])
    own.commit()
    assert len(due) == calls
    members.sort(key=lambda member: member.message_id, reverse=True)
    listing = Listing({m.gateway_id: a_listed(m.gateway_id, "77") for m in members})
    turn = Turn(portal.portal_id, LaneKind.RECONCILE, 1, "test", 0, datetime.now(UTC), float("inf"))
    states = [
        MessageState.DELIVERED,
        MessageState.UNDELIVERED,
    ]  # of the second half of the ids, and the first
    receipts = [
        ApplyReceipt(
            portal.portal_id, m.gateway_id, states[place * 2 // len(members)], None, "77", datetime.now(UTC)
        )
        for place, m in enumerate(members)
    ]

    def look() -> None:
        for attempt in due:
            call = DueCall(attempt, [m for m in members if m.attempt_id == attempt.attempt_id])
            settle(linked, turn, call, LookUp(listing, "token"))

    def receive() -> None:
        with linked.pool.connection() as conn:
            entered = lanes.enter(conn, portal.portal_id, LaneKind.RECONCILE, LaneKind.SYNC_CRM)
            apply_receipts(entered, receipts)

    return Rivals(sorted(m.message_id for m in members), look, receive)


def test_look_up_and_receipts_that_meet_at_a_message(
    own: Conn, other_own: Conn, linked: Wiring, portal: Portal
) -> None:
    """Both wait for the first message; receipts that had locked the last ones by then would never end."""
    found = rivals(own, linked, portal, calls=1, size=4)
    other_own.execute("SELECT 1 FROM messages WHERE message_id = %s FOR UPDATE", (found.message_ids[0],))
    with ThreadPoolExecutor(2) as threads:
        looked = threads.submit(found.look)
        until(lambda: waiting_for_locks(own) == 1, "the look-up waits")
        received = threads.submit(found.receive)
        until(lambda: waiting_for_locks(own) == 2, "the receipts wait")
        other_own.commit()
        looked.result()
        received.result()
    assert own.execute("SELECT 1 FROM messages WHERE finished_at IS NULL").fetchall() == []


@pytest.mark.parametrize("rounds", ROUNDS)
def test_look_ups_against_receipts(own: Conn, linked: Wiring, portal: Portal, rounds: int) -> None:
    calls, size = 2, 10
    own.execute("UPDATE sms_accounts SET calls_per_s = 100000")
    own.commit()
    before = deadlocks(own)
    for _ in range(rounds):
        found = rivals(own, linked, portal, calls=calls, size=size)
        race([found.look, found.receive])
        own.execute("UPDATE attempts SET next_lookup_at = NULL")
        own.commit()
    assert deadlocks(own) == before
    assert own.execute("SELECT 1 FROM messages WHERE finished_at IS NULL").fetchall() == []
    expected = rounds * calls * size
    assert counts.sent_count(own, portal.portal_id, [number.e164 for number in many(size)]) == expected


@pytest.mark.usefixtures("_own_log")
def test_deadlock_delays_a_card_send_by_one_repetition(
    own: Conn, other_own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    """Another session locks the portal and then the message: the record of the accepted call is the victim."""
    message = send(own, linked, portal)
    kind = LaneKind.DELIVER_PERSONAL
    runner = Runner(linked, {kind: DRAINS[kind]}, threading.Event())
    other_own.execute("SET deadlock_timeout = '60s'")  # the victim is the session that waits first
    other_own.execute("UPDATE portals SET sent_count = sent_count")
    with capture_logs() as logs, ThreadPoolExecutor(1) as threads:
        turn = threads.submit(runner.run_one)
        until(lambda: waiting_for_locks(own) or turn.done(), "the record waits for the portal")
        other_own.execute(
            "UPDATE messages SET read_at = read_at WHERE message_id = %s", (message.message_id,)
        )
        other_own.commit()
        assert turn.result()
    assert [log["sqlstate"] for log in logs if log["event"] == "transaction_repeated"] == ["40P01"]
    assert history(own, message) == ["queued", "sending", "accepted"]
    assert gateway.accepted_ids() == [message.gateway_id]
    lane = own.execute("SELECT fence, owner FROM lanes WHERE kind = 'deliver_personal'").fetchone()
    assert lane == {"fence": 1, "owner": None}, "one turn, whose lane is free at once"


def waiting_for_locks(own: Conn) -> int:
    """The number of sessions that wait for another one's lock."""
    row = own.execute(
        "SELECT count(*) AS n FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    ).fetchone()
    own.commit()
    assert row is not None
    return int(row["n"])


@pytest.fixture
def other_own(linked: Wiring) -> Iterator[Conn]:
    """A rival session on the database of `linked`."""
    with connect(linked.settings.database_url) as conn:
        yield conn


def test_batch_that_lost_against_another_transaction_runs_again_in_its_turn(
    own: Conn, linked: Wiring, portal: Portal
) -> None:
    tries: list[int] = []

    def batch(wiring: Wiring, turn: Turn) -> bool:
        tries.append(turn.fence)
        if len(tries) == 1:
            with wiring.pool.connection() as conn:
                conn.execute("SET LOCAL statement_timeout = '1ms'")
                conn.execute("SELECT pg_sleep(10)")
        return False

    own.execute("DELETE FROM lanes")
    lanes.wake(lanes.enter(own, portal.portal_id, LaneKind.EVENTS), LaneKind.EVENTS)
    own.commit()
    drains = {LaneKind.EVENTS: Drain(batch, lambda conn, portal_id: None)}
    assert Runner(linked, drains, threading.Event()).run_one()
    assert tries == [1, 1]
    lane = own.execute("SELECT failures, last_error, owner FROM lanes WHERE kind = 'events'").fetchone()
    assert lane == {"failures": 0, "last_error": None, "owner": None}


def test_transaction_is_repeated_a_few_times_only() -> None:
    tries: list[int] = []

    def transaction() -> None:
        tries.append(1)
        raise psycopg.errors.DeadlockDetected

    with pytest.raises(psycopg.errors.DeadlockDetected):
        repeated(transaction)
    assert len(tries) == TRIES


# --- Every path of every test is watched (`lock_order.py`)


@pytest.mark.parametrize(
    ("statement", "tables"),
    [
        ("INSERT INTO opt_outs (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 2", {"opt_outs"}),
        (
            "WITH x AS (SELECT 1 FROM messages FOR NO KEY UPDATE) UPDATE attempts SET a = 1",
            {"messages", "attempts"},
        ),
        ("SELECT 1 FROM record_writes r JOIN lanes l USING (a) FOR UPDATE OF r", {"record_writes"}),
        ("DELETE FROM problems WHERE code = 'UPDATE portals'", {"problems"}),
        ("INSERT INTO messages (a) VALUES (1)", set()),  # nobody waits for a row with a random key
        ("SELECT 1 FROM messages", set()),
    ],
)
def test_locked_tables_are_read_from_a_statement(statement: str, tables: set[str]) -> None:
    assert lock_order.tables_of(statement) == tables


def test_every_table_has_its_place_in_the_order(own: Conn) -> None:
    rows = own.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert {row["tablename"] for row in rows} - {
        "alembic_version"
    } == lock_order.RANK.keys() | lock_order.ALONE


def a_path(statements: Sequence[str]) -> Callable[[Conn], None]:
    """A use case of the product that executes these statements."""
    made: dict[str, Any] = {"__name__": "connector.use_cases.made_up"}
    exec("def run(conn, statements):\n    for one in statements: conn.execute(one)", made)  # noqa: S102
    return lambda conn: made["run"](conn, statements)


HOLD_MESSAGE = "SELECT 1 FROM messages ORDER BY message_id LIMIT 1 FOR NO KEY UPDATE"
MOVE_MESSAGES = "UPDATE messages SET read_at = now()"
STOP = (
    "INSERT INTO opt_outs (portal_id, recipient, source, opted_out_at)"
    " SELECT portal_id, '1', 'stop', now() FROM portals"
)


@pytest.mark.parametrize(
    ("statements", "is_in_order"),
    [
        ([MOVE_MESSAGES, STOP], True),
        ([STOP, MOVE_MESSAGES], False),
        ([MOVE_MESSAGES, STOP, MOVE_MESSAGES], True),  # its rows are locked already
        ([HOLD_MESSAGE, STOP, MOVE_MESSAGES], False),  # and so is one of them only
        ([STOP, HOLD_MESSAGE + " SKIP LOCKED"], True),  # it waits for nobody
    ],
)
def test_path_out_of_order_is_found(
    own: Conn, linked: Wiring, portal: Portal, statements: Sequence[str], *, is_in_order: bool
) -> None:
    for number in many(2):
        send(own, linked, portal, recipient=number)
    watch = lock_order.Watch()
    with lock_order.watching(watch):
        a_path(statements)(own)
    own.rollback()
    assert (watch.faults == []) is is_in_order, watch.faults


# --- The last statements of a transaction


def test_lanes_and_counters_are_a_transactions_last_rows(own: Conn, linked: Wiring, portal: Portal) -> None:
    own.execute("DELETE FROM lanes")
    own.commit()
    entered = lanes.enter(own, portal.portal_id, LaneKind.DELIVER, LaneKind.EVENTS)
    lanes.wake(entered, LaneKind.EVENTS, datetime(2030, 1, 1, tzinfo=UTC))
    lanes.wake(entered, LaneKind.DELIVER)
    lanes.wake(entered, LaneKind.EVENTS, datetime(2029, 1, 1, tzinfo=UTC), urgent=True)
    counts.count_sent(own, portal.portal_id, ["+33612345601"])
    counts.count_sent(own, portal.portal_id, ["+33612345601", "+33612345602"])
    assert own.execute("SELECT 1 FROM lanes").fetchall() == []
    own.commit()
    rows = own.execute(
        "SELECT kind, next_due_at, urgent_at IS NULL AS is_calm FROM lanes ORDER BY 1"
    ).fetchall()
    assert [row["kind"] for row in rows] == ["deliver", "events"]
    assert rows[1]["next_due_at"] == datetime(2029, 1, 1, tzinfo=UTC)
    assert not rows[1]["is_calm"]
    assert counts.sent_count(own, portal.portal_id, ["+33612345601"]) == 2
    total = own.execute("SELECT sent_count FROM portals").fetchone()
    assert total == {"sent_count": 3}


def test_rolled_back_parts_leave_no_last_statement(own: Conn, linked: Wiring, portal: Portal) -> None:
    own.execute("DELETE FROM lanes")
    own.commit()
    entered = lanes.enter(own, portal.portal_id, LaneKind.DELIVER, LaneKind.EVENTS)
    counts.count_sent(own, portal.portal_id, ["+33612345601"])
    with suppress(ValueError), own.savepoint():
        lanes.wake(entered, LaneKind.EVENTS)
        counts.count_sent(own, portal.portal_id, ["+33612345601"])
        raise ValueError("bad row")
    own.commit()
    assert own.execute("SELECT kind FROM lanes").fetchall() == []
    assert counts.sent_count(own, portal.portal_id, ["+33612345601"]) == 1
    lanes.wake(lanes.enter(own, portal.portal_id, LaneKind.DELIVER), LaneKind.DELIVER)
    own.rollback()
    own.commit()
    assert own.execute("SELECT kind FROM lanes").fetchall() == []


def test_message_that_the_claim_met_is_blocked_after_the_claims_commit(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    """The claim holds the account's row: it must not wait for rows that come before it."""
    blocked, sent = (send(own, linked, portal, recipient=number) for number in many(2))
    own.execute(
        "INSERT INTO opt_outs (portal_id, recipient, source, opted_out_at) VALUES (%s, %s, 'stop', now())",
        (portal.portal_id, blocked.recipient),
    )
    own.commit()
    drain(linked)
    assert now_of(own, blocked).state == "blocked"
    assert now_of(own, sent).state == "accepted"
    assert messages.find(own, portal.portal_id, [blocked.message_id])[0].reason == "opted_out"
