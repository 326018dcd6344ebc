"""Workflows that wait, with real processes: deals, a wait for delivery, a worker killed at the worst moment."""

import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from backend.tests.gateway import Gateway
from backend.tests.visitor import Visitor
from sandbox.stack import Stack

DELAYS = {"GATEWAY_TIMEOUT_S": "4", "LANE_LEASE_S": "5"}
CALLBACKS = "/automation/actions/callbacks/2026-09/complete"
DEADLINE_S = 90.0


@pytest.fixture(scope="module")
def stack(make_stack: Callable[..., Stack]) -> Stack:
    return make_stack(**DELAYS)


@pytest.fixture(scope="module")
def visitor(stack: Stack) -> Visitor:
    person = Visitor(stack)
    person.install()
    person.link()
    return person


def enrol(visitor: Visitor, record_ids: list[str], object_type_id: str, action: str, **inputs: str) -> str:
    """Make a workflow with one action and enrol records; its id."""
    workflow = visitor.hubspot(
        "POST",
        "/sandbox-api/workflows",
        {
            "name": f"{action} {sorted(inputs.items())}",
            "object_type_id": object_type_id,
            "action_uid": action,
            "inputs": {
                name: {"type": "OBJECT_PROPERTY", "property": value}
                if name == "recipient"
                else {"type": "STATIC_VALUE", "value": value}
                for name, value in {"push_type": "alert", "message": "Votre colis est là", **inputs}.items()
            },
        },
    )
    visitor.hubspot("POST", f"/sandbox-api/workflows/{workflow['id']}/enrol", {"record_ids": record_ids})
    return str(workflow["id"])


def finished(visitor: Visitor, workflow_id: str, count: int) -> dict[str, dict[str, Any]]:
    """Record id -> row of the history, once all of them have gone on."""
    ends = time.monotonic() + DEADLINE_S
    while True:
        rows = visitor.hubspot("GET", f"/sandbox-api/workflows/{workflow_id}/history")["results"]
        ended = {row["record"]["id"]: row for row in rows if row["state"] in ("succeeded", "failed")}
        if len(ended) == count:
            return ended
        assert time.monotonic() < ends, rows
        time.sleep(0.2)


def crm_control(stack: Stack) -> Gateway:
    """The control API of the HubSpot simulator, which is the same."""
    control = Visitor(stack).gateway
    control.url = stack.hubspot_url
    return control


def test_deals_go_on_with_whom_they_texted(visitor: Visitor) -> None:
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
    stack: Stack, visitor: Visitor
) -> None:
    """HubSpot has the outcome and nobody here knows it: told twice at most, and never two different ones."""
    hubspot = crm_control(stack)
    before = len(visitor.gateway.accepted())
    barrier = hubspot.fault("hold_after", path=CALLBACKS, method="POST")
    workflow_id = enrol(
        visitor, ["501"], "0-1", "send_sms", recipient="mobilephone", wait_for="delivered", wait_hours="1"
    )
    hubspot.wait_for_hit(barrier, timeout_s=60)
    stack.kill("worker", signal.SIGKILL)
    hubspot.clear_faults()
    stack.restart("worker")
    [row] = finished(visitor, workflow_id, 1).values()
    assert (row["state"], row["outputs"]["status"]) == ("succeeded", "delivered")
    told = wait_for_calls(stack, visitor, row["callback_id"], 2)
    assert told[0] == told[1]
    assert told[0]["status"] == "delivered"
    assert len(visitor.gateway.accepted()) == before + 1


def wait_for_calls(stack: Stack, visitor: Visitor, callback_id: str, count: int) -> list[dict[str, str]]:
    """The outcomes that HubSpot was told for an execution, once there are `count`."""
    ends = time.monotonic() + DEADLINE_S
    while True:
        calls = visitor.hubspot("GET", f"/_control/calls?path={CALLBACKS}")["calls"]
        told = [
            one["outputFields"]
            for call in calls
            for one in call["request"]["inputs"]
            if one["callbackId"] == callback_id
        ]
        if len(told) >= count:
            return told
        assert time.monotonic() < ends, told
        time.sleep(0.2)


def test_hubspot_that_missed_our_first_block_is_told_ten_seconds_after_the_second(
    stack: Stack, visitor: Visitor
) -> None:
    """Its repeated call is answered BLOCK again long after the first; it would not take a callback at once (P17)."""
    hubspot = crm_control(stack)
    hubspot.set(workflow_duplicate_percent=100, workflow_duplicate_kind="lost", workflow_duplicate_delay_s=25)
    made = hubspot.control("records/contacts/generate", {"count": 4})
    ids = [str(number) for number in range(int(made["first_id"]), int(made["last_id"]) + 1)]
    hubspot.control("api-calls/reset", {})
    before = len(visitor.gateway.accepted())
    workflow_id = enrol(
        visitor, ids, "0-1", "send_sms", recipient="mobilephone", wait_for="replied", wait_hours="1"
    )
    wait_until(lambda: newest_run(visitor, workflow_id)["answered"].get("success") == 2 * len(ids))
    for accepted in visitor.gateway.accepted()[before:]:
        visitor.gateway.control("mo", {"number": accepted["number"], "text": "Oui"})
    rows = finished(visitor, workflow_id, len(ids))
    hubspot.set(workflow_duplicate_percent=0)
    assert {row["outputs"]["status"] for row in rows.values()} == {"replied"}
    told = visitor.hubspot("GET", "/sandbox-api/api-calls")["families"]["callbacks: batch"]["statuses"]
    assert set(told) == {"204"}


def newest_run(visitor: Visitor, workflow_id: str) -> dict[str, Any]:
    run: dict[str, Any] = visitor.hubspot("GET", f"/sandbox-api/workflows/{workflow_id}/runs")["runs"][0]
    return run


def wait_until(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + DEADLINE_S
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.2)
