"""`kill -9` at the worst moments, each at a barrier in a simulator: the gateway gets the SMS once.

The gateway's own log is the proof. The last test swaps claim and call and shows that the log reveals it.
"""

import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from backend.tests.acceptance.conftest import HURRIED
from backend.tests.acceptance.time_passing import let_pass
from connector.store.database import connect
from sandbox.driver.portal import Portal
from sandbox.driver.views import CARD, SETTINGS
from sandbox.driver.waiting import until
from sandbox.processes import ROOT, Process
from sandbox.stack import Stack

SILENT = "+33612345699"  # its receipts never arrive: only look-ups find the result
A_LEASE_S = float(HURRIED["LANE_LEASE_S"]) + 1
_IN_TRANSACTION = (
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND state IN ('active', 'idle in transaction')"
)


@pytest.fixture
def own_stack(hurried_stack: Stack) -> Stack:
    return hurried_stack


@pytest.fixture
def visitor(hurried_visitor: Portal) -> Portal:
    return hurried_visitor


@pytest.fixture
def record(visitor: Portal) -> Iterator[str]:
    """A contact whose number never gets a receipt; its own number is restored afterwards."""
    contact = visitor.rows()[0]
    visitor.set_phone(contact["id"], SILENT)
    yield contact["id"]
    visitor.gateway.clear_faults()
    visitor.set_phone(contact["id"], contact["properties"]["mobilephone"])


def another_worker(stack: Stack, *program: str) -> Process:
    """One more worker process on the same database."""
    command = [sys.executable, *(program or ("-m", "connector", "worker"))]
    worker = Process("worker-2", command, stack.environment(), stack.directory / "worker-2.log")
    worker.start()
    return worker


def kill_worker(stack: Stack) -> None:
    """Send SIGKILL and end the leases of the worker's lanes, as time would."""
    stack.kill("worker", signal.SIGKILL)
    let_pass(stack, A_LEASE_S)


def pause_worker(stack: Stack) -> None:
    """Send SIGSTOP between transactions: the locks of an open one would block all other sessions."""
    with connect(stack.database_url, autocommit=True) as conn:
        while True:
            stack.kill("worker", signal.SIGSTOP)
            if not conn.execute(_IN_TRANSACTION).fetchall():
                return
            stack.kill("worker", signal.SIGCONT)


def accepted_since(visitor: Portal, before: int) -> list[str]:
    return [row["number"] for row in visitor.gateway.accepted()][before:]


def test_worker_killed_between_claim_and_call(own_stack: Stack, visitor: Portal, record: str) -> None:
    """The claim is committed but the gateway has no call: it is sent again only once that is proved."""
    before = len(visitor.gateway.accepted())
    barrier = visitor.gateway.fault("hold_before", drop=True)
    assert visitor.send(visitor.send_body(record, SILENT))["ok"]
    visitor.gateway.wait_for_hit(barrier)
    kill_worker(own_stack)
    visitor.gateway.clear_faults()
    assert accepted_since(visitor, before) == []
    own_stack.restart("worker")
    message = visitor.wait_for_status(record, "accepted")
    assert accepted_since(visitor, before) == [SILENT.lstrip("+")]
    assert message["cost_credits"] == 1


def test_worker_killed_between_call_and_answer(own_stack: Stack, visitor: Portal, record: str) -> None:
    """The gateway has taken the call but its answer is lost: a look-up finds the SMS by id; it is not sent again."""
    before = len(visitor.gateway.accepted())
    barrier = visitor.gateway.fault("hold_after")
    assert visitor.send(visitor.send_body(record, SILENT))["ok"]
    visitor.gateway.wait_for_hit(barrier)
    kill_worker(own_stack)
    visitor.gateway.clear_faults()
    visitor.gateway.advance(120)  # past the listing's lag
    own_stack.restart("worker")
    visitor.wait_for_status(record, "accepted")
    assert accepted_since(visitor, before) == [SILENT.lstrip("+")]
    assert visitor.gateway.messages_on(SILENT)[-1]["text"] == "Votre colis est arrivé"


def test_web_process_killed_during_a_send(own_stack: Stack, visitor: Portal, record: str) -> None:
    """The view gets no answer and retries with the same key, before and after the message was stored."""
    before = len(visitor.gateway.accepted())
    hubspot = Portal(own_stack).gateway
    hubspot.url = own_stack.hubspot_url  # the other simulator has the same control API
    barrier = hubspot.fault("hold_before", path="/crm/objects/2026-09/contacts/*", method="GET")
    body = visitor.send_body(record, SILENT)
    with ThreadPoolExecutor(1) as threads:
        lost = threads.submit(visitor.send, body)
        hubspot.wait_for_hit(barrier)
        own_stack.kill("web", signal.SIGKILL)
        hubspot.clear_faults()
        assert lost.result(timeout=30)["status"] == "error", "the view is told that nobody answered"
    own_stack.restart("web")
    answers = [visitor.send(body) for _ in range(3)]
    assert [answer["data"]["repeated"] for answer in answers] == [False, True, True]
    visitor.wait_for_status(record, "accepted")
    own_stack.kill("web", signal.SIGKILL)
    own_stack.restart("web")
    assert visitor.send(body)["data"]["repeated"] is True
    assert accepted_since(visitor, before) == [SILENT.lstrip("+")]


def test_paused_worker_does_not_send_what_another_has_taken_over(
    own_stack: Stack, visitor: Portal, record: str
) -> None:
    """SIGSTOP past the lease, then SIGCONT: the fence of the new owner holds (P3)."""
    before = len(visitor.gateway.accepted())
    barrier = visitor.gateway.fault("hold_after")
    assert visitor.send(visitor.send_body(record, SILENT))["ok"]
    visitor.gateway.wait_for_hit(barrier)
    pause_worker(own_stack)
    let_pass(own_stack, A_LEASE_S)
    visitor.gateway.advance(120)
    helper = another_worker(own_stack)
    visitor.wait_for_status(record, "accepted")
    own_stack.kill("worker", signal.SIGCONT)
    visitor.gateway.clear_faults()
    helper.kill()
    let_pass(own_stack, A_LEASE_S)  # for lanes that it may have been draining
    second = visitor.send_body(record, SILENT, text="Encore un")
    assert visitor.send(second)["ok"]
    visitor.wait_for_status(record, "accepted")
    assert accepted_since(visitor, before) == [SILENT.lstrip("+")] * 2


def test_timeout_after_accepting_is_found_with_the_default_lag(
    own_stack: Stack, visitor: Portal, record: str
) -> None:
    before = len(visitor.gateway.accepted())
    visitor.gateway.fault("timeout_after")
    assert visitor.send(visitor.send_body(record, SILENT))["ok"]
    unknown = visitor.wait_for_status(record, "unknown")
    assert not unknown["final"]
    visitor.gateway.advance(60)
    visitor.wait_for_status(record, "accepted")
    assert accepted_since(visitor, before) == [SILENT.lstrip("+")]
    assert len(visitor.gateway.messages_on(SILENT)) == len(
        [row for row in visitor.gateway.accepted() if row["number"] == SILENT.lstrip("+")]
    )


def queue_a_batch(visitor: Portal, record: str, numbers: list[str]) -> list[str]:
    """Queue messages of equal content that leave in one call: sending is paused meanwhile."""
    assert visitor.fetch(SETTINGS, "/settings/pause-outgoing", {})["ok"]
    ids = []
    for number in numbers:
        visitor.set_phone(record, number)
        ids.append(visitor.send(visitor.send_body(record, number))["data"]["message"]["id"])
    shown = visitor.fetch(SETTINGS, "/settings/resume-outgoing", {})
    assert shown["data"]["waiting"]["queued"] == len(numbers)
    return ids


def statuses(visitor: Portal, ids: list[str]) -> set[str]:
    answer = visitor.fetch(CARD, "/card/messages", {"ids": ids})
    return {message["status"] for message in answer["data"]["messages"]}


@pytest.mark.parametrize("moment", ["hold_before", "hold_after"])
def test_worker_killed_with_a_call_of_many(
    own_stack: Stack, visitor: Portal, record: str, moment: str
) -> None:
    """If the gateway has no call, the batch is sent again once that is proved. If it has, look-ups find the batch."""
    numbers = [f"+336123{n}99" for n in (601, 602, 603)]
    before = len(visitor.gateway.accepted())
    details: dict[str, Any] = {"drop": True} if moment == "hold_before" else {}
    barrier = visitor.gateway.fault(moment, **details)
    ids = queue_a_batch(visitor, record, numbers)
    visitor.gateway.wait_for_hit(barrier)
    kill_worker(own_stack)
    visitor.gateway.clear_faults()
    visitor.gateway.advance(120)  # past the listing's lag
    own_stack.restart("worker")
    until(lambda: statuses(visitor, ids) == {"accepted"}, "every message is accepted")
    assert sorted(accepted_since(visitor, before)) == [number.lstrip("+") for number in numbers]


def test_swapped_claim_and_call_would_be_noticed(own_stack: Stack, visitor: Portal, record: str) -> None:
    """The same kill with a worker that calls before it commits its claim: the gateway gets the SMS twice."""
    kill_worker(own_stack)
    before = len(visitor.gateway.accepted())
    barrier = visitor.gateway.fault("hold_after")
    first = another_worker(own_stack, str(ROOT / "backend" / "tests" / "acceptance" / "swapped_worker.py"))
    assert visitor.send(visitor.send_body(record, SILENT))["ok"]
    visitor.gateway.wait_for_hit(barrier)
    first.kill()
    let_pass(own_stack, A_LEASE_S)
    visitor.gateway.clear_faults()
    visitor.gateway.advance(120)
    own_stack.restart("worker")
    visitor.wait_for_status(record, "accepted")
    assert len(accepted_since(visitor, before)) == 2
