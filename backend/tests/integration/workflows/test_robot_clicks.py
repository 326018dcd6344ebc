"""Clicks of preview robots end no wait and count as none, in whatever order the events arrive."""

import itertools
import uuid
from typing import Any

import pytest

from backend.tests.factories import a_portal
from backend.tests.integration.conftest import drain
from backend.tests.integration.workflows.executions import SCOPES, accept, an_execution, row_of
from connector.store.database import Conn
from connector.store.messages import messages
from connector.store.messages.messages import Message
from connector.store.portals.portals import Portal
from connector.use_cases.delivery.receive_event import ReceivedClick, receive_click
from connector.wiring import Wiring

URL = "https://lumen.example/suivi"
ROBOT: dict[str, Any] = {"brand": "", "model": None, "os": " "}
PERSON = {"brand": "Apple", "model": "iPhone", "os": "iOS"}
ONLY_SYSTEM = {"brand": None, "model": None, "os": "Android"}


@pytest.fixture
def portal(own: Conn, alone: Wiring) -> Portal:
    return a_portal(own, alone.vault, scopes=SCOPES)


@pytest.fixture
def waiting(own: Conn, portal: Portal) -> tuple[str, Message]:
    """An execution that waits for a click, and its message."""
    execution = an_execution(wait_for="clicked", wait_hours="24")
    [answer] = accept(own, portal, execution)
    return execution.callback_id, messages.get(own, portal.portal_id, uuid.UUID(answer.outputs["message_id"]))


def receive(own: Conn, wiring: Wiring, message: Message, device: dict[str, Any], running: int) -> None:
    """One click as the webhook stores it, applied by the lane."""
    payload = {
        "gsmsid": message.gateway_id,
        "long_url": URL,
        "clicks_on_link": str(running),
        "date": "2026-11-24 09:47:21",
        **device,
    }
    event = ReceivedClick(
        str(message.portal_id), message.gateway_id, URL, running, f"{running}", payload=payload
    )
    assert receive_click(own, event) == "stored"
    own.commit()
    own.execute("UPDATE lanes SET next_due_at = 'infinity' WHERE kind NOT IN ('events', 'callbacks')")
    own.commit()
    drain(wiring)


def clicks(own: Conn) -> int:
    """Clicks of persons on the link."""
    row = own.execute(
        "SELECT CASE WHEN has_person THEN clicks - robots ELSE 0 END AS n FROM link_clicks"
    ).fetchone()
    own.commit()
    assert row is not None
    return int(row["n"])


def status(own: Conn, portal: Portal, callback_id: str) -> str:
    row = row_of(own, portal, callback_id)
    own.commit()
    return str(row["outputs"]["status"])


def test_robots_end_no_wait_and_a_person_does(
    own: Conn, alone: Wiring, portal: Portal, waiting: tuple[str, Message]
) -> None:
    callback_id, message = waiting
    receive(own, alone, message, ROBOT, 2)  # overtook the first one
    receive(own, alone, message, ROBOT, 1)
    assert (status(own, portal, callback_id), clicks(own)) == ("pending", 0)
    receive(own, alone, message, PERSON, 3)
    assert (status(own, portal, callback_id), clicks(own)) == ("clicked", 1)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_count_does_not_depend_on_the_order(
    own: Conn, alone: Wiring, waiting: tuple[str, Message], order: tuple[int, ...]
) -> None:
    events = [(ROBOT, 1), (PERSON, 2), (ONLY_SYSTEM, 3)]
    for place in order:
        receive(own, alone, waiting[1], *events[place])
    assert clicks(own) == 2


def test_click_with_values_no_row_can_hold_does_not_stop_the_lane(
    own: Conn, alone: Wiring, waiting: tuple[str, Message]
) -> None:
    message = waiting[1]
    payload = {
        "gsmsid": message.gateway_id,
        "long_url": URL + "a" * 50_000,
        "clicks_on_link": 2**40,
        **PERSON,
    }
    event = ReceivedClick(str(message.portal_id), message.gateway_id, URL, None, "x", payload=payload)
    assert receive_click(own, event) == "stored"
    own.commit()
    drain(alone)
    rows = own.execute(
        "SELECT set_aside_reason FROM inbox WHERE applied_at IS NULL OR type <> 'CLICKER'"
    ).fetchall()
    assert rows == []
    assert clicks(own) == 1
