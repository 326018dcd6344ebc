"""Calls of several portals in one transaction: shared commits, culprits found, no portal held up by another."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from psycopg.errors import DataError, DeadlockDetected

from backend.tests.factories import a_command, a_portal
from backend.tests.integration.workflows.executions import an_execution
from connector.domain.refusals import Code, Refusal
from connector.domain.vocabulary import ConsentSource
from connector.inbound.http.portal_batches import Addressed, PortalBatches
from connector.store.consent import opt_outs
from connector.store.database import Conn, connect
from connector.store.faults import TRIES
from connector.store.portals.portals import Portal
from connector.use_cases.messages.queue_message import Queued, queue_messages
from connector.use_cases.workflows.accept_executions import Answer, ExecutionAnswer, accept_executions
from connector.use_cases.workflows.decide_executions import ExecutionInput, NotInstalled
from connector.wiring import Wiring

WAIT_S = 30.0


class Work:
    """Returns each call in capitals; the test holds its transactions open, and learns which backend had which calls."""

    def __init__(self, fault: Callable[[Sequence[Addressed[str]]], None] = lambda _calls: None) -> None:
        self.batches: list[list[Addressed[str]]] = []
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Semaphore(0)
        self.fault = fault

    def __call__(self, conn: Conn, calls: Sequence[Addressed[str]]) -> list[str | Exception]:
        self.batches.append(list(calls))
        self.begun.release()
        assert self.may_end.acquire(timeout=WAIT_S)
        self.fault(calls)
        return [text.upper() for _, text in calls]


def wait_until(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(4000):
        if condition():
            return
        pause.wait(0.005)
    raise AssertionError("it did not happen")


def test_calls_of_several_portals_share_the_next_transaction(wiring: Wiring) -> None:
    work = Work()
    batches = PortalBatches(wiring.pool, work)
    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(batches.submit, 1, "a")
        assert work.begun.acquire(timeout=WAIT_S)
        others = [threads.submit(batches.submit, portal_id, "b") for portal_id in (2, 3, 1)]
        wait_until(lambda: sum(len(q.seats) for q in batches._coalescer._queues.values()) == 3)
        work.may_end.release(2)
        assert [first.result(WAIT_S), *(other.result(WAIT_S) for other in others)] == ["A", "B", "B", "B"]
    assert [sorted(portal_id for portal_id, _ in batch) for batch in work.batches] == [[1], [1, 2, 3]]


def test_culprit_is_found_by_halving_over_portals(wiring: Wiring) -> None:
    """64 portals, one bad call: at most two transactions for each halving, not one for each portal."""

    def refuse(calls: Sequence[Addressed[str]]) -> None:
        if any(text == "bad" for _, text in calls):
            raise DataError("the database refuses it")

    work = Work(refuse)
    work.may_end.release(1000)
    calls = [(portal_id, "bad" if portal_id == 37 else "good") for portal_id in range(1, 65)]
    results = PortalBatches(wiring.pool, work).run(calls)
    assert [place for place, result in enumerate(results) if isinstance(result, DataError)] == [36]
    assert [result for result in results if isinstance(result, str)] == ["GOOD"] * 63
    assert len(work.batches) == 1 + 2 * 6


def test_contention_is_repeated_at_once_and_never_a_lost_database(wiring: Wiring) -> None:
    faults = [DeadlockDetected() for _ in range(TRIES)]  # of the shared transaction, then of its own

    def lose(_calls: Sequence[Addressed[str]]) -> None:
        if faults:
            raise faults.pop()

    work = Work(lose)
    work.may_end.release(100)
    assert PortalBatches(wiring.pool, work).submit(1, "a") == "A"
    assert [len(batch) for batch in work.batches] == [1] * (TRIES + 1)


@pytest.fixture
def portals(conn: Conn, wiring: Wiring) -> list[Portal]:
    """Portals whose lanes are closed, so that each call must write its lane's row."""
    made = [a_portal(conn, wiring.vault) for _ in range(4)]
    conn.execute(
        "UPDATE lanes SET next_due_at = 'infinity' WHERE portal_id = ANY(%s)",
        ([portal.portal_id for portal in made],),
    )
    conn.execute(
        "INSERT INTO lanes (portal_id, kind, next_due_at) SELECT portal_id, 'deliver', 'infinity' FROM portals"
        " WHERE portal_id = ANY(%s) ON CONFLICT DO NOTHING",
        ([portal.portal_id for portal in made],),
    )
    conn.commit()
    return made


def accepting(wiring: Wiring) -> PortalBatches[ExecutionInput, Answer]:
    return PortalBatches(
        wiring.pool, lambda conn, calls: accept_executions(conn, calls, deployment_prefix="tst")
    )


def stored(conn: Conn, portal: Portal) -> int:
    row = conn.execute(
        "SELECT count(*) AS n FROM workflow_executions JOIN messages USING (portal_id, message_id)"
        " WHERE portal_id = %s",
        (portal.portal_id,),
    ).fetchone()
    conn.commit()
    assert row is not None
    return int(row["n"])


def test_executions_of_several_portals_are_stored_in_one_transaction(
    wiring: Wiring, conn: Conn, portals: list[Portal]
) -> None:
    calls = [(portal.portal_id, an_execution()) for portal in portals * 3]
    answers = accepting(wiring).run([*calls, (424_242, an_execution())])
    assert isinstance(answers.pop(), NotInstalled)
    assert [type(answer) for answer in answers] == [ExecutionAnswer] * len(calls)
    assert [stored(conn, portal) for portal in portals] == [3] * len(portals)
    rows = conn.execute(
        "SELECT DISTINCT xmin::text FROM messages WHERE portal_id = ANY(%s)",
        ([portal.portal_id for portal in portals],),
    ).fetchall()
    assert len(rows) == 1
    due = conn.execute(
        "SELECT count(*) AS n FROM lanes WHERE portal_id = ANY(%s) AND kind = 'deliver' AND next_due_at <= now()",
        ([portal.portal_id for portal in portals],),
    ).fetchone()
    assert due == {"n": len(portals)}


def test_portal_whose_lock_is_held_holds_no_other_portal_up(
    wiring: Wiring, conn: Conn, other_conn: Conn, portals: list[Portal]
) -> None:
    stuck, *others = portals
    other_conn.execute(
        "SELECT 1 FROM lanes WHERE portal_id = %s AND kind = 'deliver' FOR UPDATE", (stuck.portal_id,)
    )
    batches = accepting(wiring)
    with ThreadPoolExecutor(20) as threads:
        for _ in range(2):  # the second time, the stuck portal's transaction still waits
            waiting = [threads.submit(batches.submit, stuck.portal_id, an_execution()) for _ in range(2)]
            answered = [
                threads.submit(batches.submit, other.portal_id, an_execution()) for other in others * 2
            ]
            assert all(isinstance(call.result(WAIT_S), ExecutionAnswer) for call in answered)
            assert not any(call.done() for call in waiting)
        other_conn.rollback()
        assert all(isinstance(call.result(WAIT_S), ExecutionAnswer) for call in waiting)
    assert [stored(conn, portal) for portal in portals] == [4] * len(portals)


def test_repeated_and_opted_out_executions_among_those_of_other_portals(
    wiring: Wiring, conn: Conn, portals: list[Portal]
) -> None:
    """They take more locks, so each runs in a transaction of its portal: the answers are the same."""
    first, second, third, _ = portals
    opt_outs.add(
        conn, second.portal_id, "+33612345609", source=ConsentSource.STOP, text="STOP", at=first.installed_at
    )
    conn.commit()
    batches = accepting(wiring)
    once = an_execution()
    before = batches.submit(first.portal_id, once)
    calls = [
        (first.portal_id, once),
        (second.portal_id, an_execution(recipient="+33612345609", push_type="marketing")),
        (third.portal_id, an_execution()),
    ]
    start = threading.Barrier(len(calls))

    def submit(call: Addressed[ExecutionInput]) -> Answer:
        start.wait(WAIT_S)
        return batches.submit(*call)

    with ThreadPoolExecutor(len(calls)) as threads:
        again, refused, new = threads.map(submit, calls)
    assert again == before
    assert isinstance(refused, ExecutionAnswer)
    assert refused.outputs["reason"] == "opted_out"
    assert isinstance(new, ExecutionAnswer)
    marked = conn.execute(
        "SELECT count(*) AS n FROM record_numbers WHERE portal_id = %s", (second.portal_id,)
    ).fetchone()
    assert marked == {"n": 1}
    assert stored(conn, first) == 1


def test_two_processes_with_the_same_portals_never_deadlock(
    wiring: Wiring, conn: Conn, portals: list[Portal]
) -> None:
    """Each batch is in another order, and both processes have the same executions."""
    before = deadlocks(conn)
    processes = [accepting(wiring), accepting(wiring)]
    for _ in range(15):
        calls = [(portal.portal_id, an_execution()) for portal in portals * 4]
        with ThreadPoolExecutor(2) as threads:
            both = [
                threads.submit(process.run, order)
                for process, order in zip(processes, (calls, calls[::-1]), strict=True)
            ]
            for run in both:
                run.result(WAIT_S)
    assert deadlocks(conn) == before
    assert [stored(conn, portal) for portal in portals] == [60] * len(portals)


def deadlocks(conn: Conn) -> int:
    conn.execute("SELECT pg_stat_force_next_flush()")
    conn.commit()
    row = conn.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").fetchone()
    conn.commit()
    assert row is not None
    return int(row["deadlocks"])


def test_sends_of_several_portals_are_stored_in_one_transaction(
    wiring: Wiring, conn: Conn, portals: list[Portal]
) -> None:
    """Each has its own refusal; equal requests in one batch are one message."""
    first, second, third, fourth = portals
    lonely = a_portal(conn, wiring.vault, linked=False)
    opt_outs.add(
        conn, second.portal_id, "+33612345601", source=ConsentSource.STOP, text="STOP", at=first.installed_at
    )
    conn.commit()
    command, repeated = a_command(), a_command()
    used = replace(repeated, send_request=replace(repeated.send_request, content={"text": "another"}))
    sends = [
        (first, command),
        (second, command),
        (lonely, a_command()),
        (third, repeated),
        (third, repeated),
        (third, used),
        (fourth, a_command(text=" ")),
    ]
    with connect(wiring.settings.database_url) as own:
        results = queue_messages(own, sends, deployment_prefix="tst")
    [sent, opted_out, unlinked, one, two, reused, empty] = results
    assert isinstance(sent, Queued)
    assert isinstance(one, Queued)
    assert isinstance(two, Queued)
    assert sorted([one.repeated, two.repeated]) == [False, True]
    assert one.message == two.message
    codes = [refusal.code for refusal in (opted_out, unlinked, reused, empty) if isinstance(refusal, Refusal)]
    assert codes == [Code.OPTED_OUT, Code.ACCOUNT_NOT_LINKED, Code.KEY_REUSED, Code.TEXT_EMPTY]
    rows = conn.execute(
        "SELECT m.portal_id, count(*) AS n FROM messages m JOIN idempotency_keys USING (portal_id, message_id)"
        " WHERE m.portal_id = ANY(%s) GROUP BY 1 ORDER BY 1",
        ([portal.portal_id for portal, _ in sends],),
    ).fetchall()
    conn.commit()
    assert rows == [{"portal_id": first.portal_id, "n": 1}, {"portal_id": third.portal_id, "n": 1}]
