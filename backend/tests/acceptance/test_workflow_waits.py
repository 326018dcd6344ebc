"""Workflows that wait, with real processes: deals, a wait for delivery, a worker killed at the worst moment."""

import signal
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.driver.portal import Portal
from sandbox.driver.waiting import until
from sandbox.stack import Stack

DELAYS = {"GATEWAY_TIMEOUT_S": "4", "LANE_LEASE_S": "5"}
CALLBACKS = "/automation/actions/callbacks/2026-09/complete"
DEADLINE_S = 90.0


@pytest.fixture(scope="module")
def stack(make_stack: Callable[..., Stack]) -> Stack:
    return make_stack(**DELAYS)


@pytest.fixture(scope="module")
def visitor(stack: Stack) -> Portal:
    person = Portal(stack)
    person.install()
    person.link()
    return person


def enrol(visitor: Portal, record_ids: list[str], object_type_id: str, action: str, **inputs: str) -> str:
    """Make a workflow with one action and enrol records; its id."""
    fields = {"push_type": "alert", "message": "Votre colis est là", **inputs}
    read = {name: fields.pop(name) for name in ("recipient",) if name in fields}
    workflow_id = visitor.new_workflow(
        f"{action} {sorted(inputs.items())}", object_type_id, action, fields, **read
    )
    visitor.enrol(workflow_id, record_ids)
    return workflow_id


def finished(visitor: Portal, workflow_id: str, count: int) -> dict[str, dict[str, Any]]:
    """Record id -> row of the history, once all of them have gone on."""
    ended: dict[str, dict[str, Any]] = {}

    def all_ended() -> bool:
        rows = visitor.history(workflow_id)
        ended.update({row["record"]["id"]: row for row in rows if row["state"] in ("succeeded", "failed")})
        return len(ended) == count

    until(all_ended, f"{count} records have gone on", DEADLINE_S)
    return ended


def test_deals_go_on_with_whom_they_texted(visitor: Portal) -> None:
    before = len(visitor.gateway.accepted())
    workflow_id = enrol(
        visitor, ["1301", "1304", "1305"], "0-3", "send_sms_deal", phone_property="mobilephone"
    )
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
    numbers = sorted(row["number"] for row in visitor.gateway.accepted()[before:])
    assert numbers == ["33612345640", "33612345678"]


def test_worker_killed_between_a_callback_and_its_recording_tells_the_same_again(
    stack: Stack, visitor: Portal
) -> None:
    """HubSpot has the outcome and nobody here knows it: told twice at most, and never two different ones."""
    before = len(visitor.gateway.accepted())
    barrier = visitor.fault("hold_after", path=CALLBACKS, method="POST")
    workflow_id = enrol(
        visitor, ["501"], "0-1", "send_sms", recipient="mobilephone", wait_for="delivered", wait_hours="1"
    )
    visitor.wait_for_hit(barrier, timeout_s=60)
    stack.kill("worker", signal.SIGKILL)
    visitor.clear_faults()
    stack.restart("worker")
    [row] = finished(visitor, workflow_id, 1).values()
    assert (row["state"], row["outputs"]["status"]) == ("succeeded", "delivered")
    told = wait_for_calls(visitor, row["callback_id"], 2)
    assert told[0] == told[1]
    assert told[0]["status"] == "delivered"
    assert len(visitor.gateway.accepted()) == before + 1


def wait_for_calls(visitor: Portal, callback_id: str, count: int) -> list[dict[str, str]]:
    """The outcomes that HubSpot was told for an execution, once there are `count`."""

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
    """Its repeated call is answered BLOCK again long after the first; it would not take a callback at once (P17)."""
    visitor.set(workflow_duplicate_percent=100, workflow_duplicate_kind="lost", workflow_duplicate_delay_s=25)
    made = visitor.control("records/contacts/generate", {"count": 4})
    ids = [str(number) for number in range(int(made["first_id"]), int(made["last_id"]) + 1)]
    visitor.control("api-calls/reset", {})
    before = len(visitor.gateway.accepted())
    workflow_id = enrol(
        visitor, ids, "0-1", "send_sms", recipient="mobilephone", wait_for="replied", wait_hours="1"
    )
    until(
        lambda: visitor.newest_run(workflow_id)["answered"].get("success") == 2 * len(ids),
        "each call was repeated",
        DEADLINE_S,
    )
    for accepted in visitor.gateway.accepted()[before:]:
        visitor.gateway.control("mo", {"number": accepted["number"], "text": "Oui"})
    rows = finished(visitor, workflow_id, len(ids))
    visitor.set(workflow_duplicate_percent=0)
    assert {row["outputs"]["status"] for row in rows.values()} == {"replied"}
    told = visitor.call("GET", "/sandbox-api/api-calls")["families"]["callbacks: batch"]["statuses"]
    assert set(told) == {"204"}
