"""Workflows that wait, with real processes: deals, a wait for delivery, a worker killed at the worst moment."""

import signal
from typing import Any

import pytest

from backend.tests.acceptance.conftest import HURRIED
from backend.tests.acceptance.time_passing import let_pass
from connector.store.database import connect
from sandbox.driver.portal import Portal
from sandbox.driver.waiting import until
from sandbox.stack import Stack

CALLBACKS = "/automation/actions/callbacks/2026-09/complete"
DEADLINE_S = 90.0

# Outcomes are reported 11 s after our answer (protocol P17); HubSpot registers a block 8 s after it.
UNTIL_TOLD_S, UNTIL_NOTICED_S = 12.0, 9.0
SOME_OF_IT_S = 6.0
A_LEASE_S = float(HURRIED["LANE_LEASE_S"]) + 1


@pytest.fixture
def stack(hurried_stack: Stack) -> Stack:
    return hurried_stack


@pytest.fixture
def visitor(hurried_visitor: Portal) -> Portal:
    return hurried_visitor


def enrol(visitor: Portal, record_ids: list[str], object_type_id: str, action: str, **inputs: str) -> str:
    """Create a workflow with one action and enrol records; returns its id."""
    fields = {"push_type": "alert", "message": "Votre colis est là", **inputs}
    read = {name: fields.pop(name) for name in ("recipient",) if name in fields}
    workflow_id = visitor.new_workflow(
        f"{action} {sorted(inputs.items())}", object_type_id, action, fields, **read
    )
    visitor.enrol(workflow_id, record_ids)
    return workflow_id


def finished(visitor: Portal, workflow_id: str, count: int) -> dict[str, dict[str, Any]]:
    """Record id -> row of the history, once all records have continued."""
    ended: dict[str, dict[str, Any]] = {}

    def all_ended() -> bool:
        rows = visitor.history(workflow_id)
        ended.update({row["record"]["id"]: row for row in rows if row["state"] in ("succeeded", "failed")})
        return len(ended) == count

    until(all_ended, f"{count} records have gone on", DEADLINE_S)
    return ended


def wait_for_answers(visitor: Portal, workflow_id: str, count: int) -> None:
    """Wait until HubSpot has `count` answers to its calls."""
    run = visitor.newest_run
    until(lambda: run(workflow_id)["answered"].get("success") == count, f"{count} answers", DEADLINE_S)


def wait_for_sms(visitor: Portal, count: int) -> None:
    """Wait until the gateway has accepted `count` SMS in all."""
    until(lambda: len(visitor.gateway.accepted()) >= count, f"{count} SMS at the gateway", DEADLINE_S)


def pass_the_time_until_told(stack: Stack, visitor: Portal, workflow_id: str, count: int) -> None:
    """Wait until `count` executions are answered BLOCK, then let the time pass until their outcomes may be reported."""
    wait_for_answers(visitor, workflow_id, count)
    visitor.advance(UNTIL_NOTICED_S)
    let_pass(stack, UNTIL_TOLD_S)


def test_deals_go_on_with_whom_they_texted(stack: Stack, visitor: Portal) -> None:
    before = len(visitor.gateway.accepted())
    workflow_id = enrol(
        visitor, ["1301", "1304", "1305"], "0-3", "send_sms_deal", phone_property="mobilephone"
    )
    pass_the_time_until_told(stack, visitor, workflow_id, 3)
    rows = finished(visitor, workflow_id, 3)
    told = {
        record_id: (
            row["state"],
            row["outputs"]["status"],
            row["outputs"]["reason"],
            row["outputs"]["recipient"],
        )
        for record_id, row in rows.items()
    }
    assert told == {
        "1301": ("succeeded", "queued", "", "+33612345678"),
        "1304": ("succeeded", "queued", "", "+33612345640"),
        "1305": ("failed", "refused", "no_recipient", ""),
    }
    assert "Neither a contact nor a company" in rows["1305"]["sentence"]["en"]
    assert "Ni contact ni entreprise" in rows["1305"]["sentence"]["fr"]
    wait_for_sms(visitor, before + 2)
    numbers = sorted(row["number"] for row in visitor.gateway.accepted()[before:])
    assert numbers == ["33612345640", "33612345678"]


def test_worker_killed_between_a_callback_and_its_recording_tells_the_same_again(
    stack: Stack, visitor: Portal
) -> None:
    """HubSpot has the outcome but no row says so: it is reported twice at most, with the same content."""
    before = len(visitor.gateway.accepted())
    barrier = visitor.fault("hold_after", path=CALLBACKS, method="POST")
    workflow_id = enrol(
        visitor, ["501"], "0-1", "send_sms", recipient="mobilephone", wait_for="delivered", wait_hours="1"
    )
    pass_the_time_until_told(stack, visitor, workflow_id, 1)
    visitor.wait_for_hit(barrier, timeout_s=60)
    stack.kill("worker", signal.SIGKILL)
    let_pass(stack, A_LEASE_S)
    visitor.clear_faults()
    stack.restart("worker")
    [row] = finished(visitor, workflow_id, 1).values()
    assert (row["state"], row["outputs"]["status"]) == ("succeeded", "delivered")
    told = wait_for_calls(visitor, row["callback_id"], 2)
    assert told[0] == told[1]
    assert told[0]["status"] == "delivered"
    assert len(visitor.gateway.accepted()) == before + 1


def wait_for_calls(visitor: Portal, callback_id: str, count: int) -> list[dict[str, str]]:
    """The outcomes that HubSpot received for an execution, once there are `count`."""

    def outcomes() -> list[dict[str, str]]:
        return [
            one["outputFields"]
            for call in visitor.logged_calls(CALLBACKS)
            for one in call["request"]["inputs"]
            if one["callbackId"] == callback_id
        ]

    until(lambda: len(outcomes()) >= count, f"HubSpot has {count} outcomes", DEADLINE_S)
    return outcomes()


def test_hubspot_that_missed_our_first_block_is_told_ten_seconds_after_the_second(
    stack: Stack, visitor: Portal
) -> None:
    """Its repeated call gets BLOCK again long after the first one; it would refuse an immediate callback (P17)."""
    visitor.set(workflow_duplicate_percent=100, workflow_duplicate_kind="lost", workflow_duplicate_delay_s=1)
    made = visitor.control("records/contacts/generate", {"count": 4})
    ids = [str(number) for number in range(int(made["first_id"]), int(made["last_id"]) + 1)]
    visitor.control("api-calls/reset", {})
    before = len(visitor.gateway.accepted())
    workflow_id = enrol(
        visitor, ids, "0-1", "send_sms", recipient="mobilephone", wait_for="replied", wait_hours="1"
    )
    wait_for_answers(visitor, workflow_id, 2 * len(ids))
    with connect(stack.database_url) as conn:  # as if the second call had come 25 s after the first
        conn.execute("UPDATE workflow_executions SET created_at = created_at - interval '25 s'")
    wait_for_sms(visitor, before + len(ids))
    for accepted in visitor.gateway.accepted()[before:]:
        visitor.gateway.control("mo", {"number": accepted["number"], "text": "Oui"})
    until(lambda: "waiting" not in states(stack), "the outcomes are known", DEADLINE_S)
    visitor.advance(SOME_OF_IT_S)
    let_pass(stack, SOME_OF_IT_S)
    rows = finished(visitor, workflow_id, len(ids))
    visitor.set(workflow_duplicate_percent=0)
    assert {row["outputs"]["status"] for row in rows.values()} == {"replied"}
    told = visitor.call("GET", "/sandbox-api/api-calls")["families"]["callbacks: batch"]["statuses"]
    assert set(told) == {"204"}


def states(stack: Stack) -> set[str]:
    """The states of all executions."""
    with connect(stack.database_url) as conn:
        rows = conn.execute("SELECT DISTINCT state FROM workflow_executions").fetchall()
    return {row["state"] for row in rows}
