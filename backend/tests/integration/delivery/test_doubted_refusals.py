"""Messages refused for a proxy's page by a former version: a later receipt corrects the marked ones, once (P5, P10)."""

import runpy
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.tests.integration.conftest import drain
from backend.tests.integration.delivery.steps import campaign, history, many, now_of, send
from connector.domain.vocabulary import LaneKind, MessageState
from connector.store import lanes
from connector.store.database import Conn
from connector.store.messages import counts
from connector.store.messages.messages import Message
from connector.store.portals.portals import Portal
from connector.use_cases.delivery.apply_receipt import ApplyReceipt, apply_receipt, apply_receipts
from connector.wiring import Wiring
from sandbox.driver.gateway import Gateway

VERSIONS = Path(__file__).resolve().parents[3] / "migrations" / "versions"
[MIGRATION] = VERSIONS.glob("*_doubted_refusals.py")


def mark(own: Conn) -> None:
    """Mark the present rows as the migration does."""
    own.execute(runpy.run_path(str(MIGRATION))["MARK"])
    own.commit()


def receive(own: Conn, message: Message, state: MessageState, *, ticket: str | None = "4711") -> None:
    entered = lanes.enter(own, message.portal_id, LaneKind.RECONCILE, LaneKind.SYNC_CRM)
    receipt = ApplyReceipt(
        message.portal_id, message.gateway_id, state, None, ticket, occurred_at=datetime.now(UTC)
    )
    assert apply_receipt(entered, receipt)
    own.commit()


def marks(own: Conn) -> int:
    row = own.execute("SELECT count(*) AS n FROM doubted_refusals").fetchone()
    own.commit()
    assert row is not None
    return int(row["n"])


@pytest.fixture
def refused(own: Conn, linked: Wiring, portal: Portal, gateway: Gateway) -> Message:
    gateway.fault("status", status=404, body={"status": -7, "message": "X"})
    message = send(own, linked, portal)
    drain(linked)
    assert now_of(own, message).state == "refused"
    return message


def test_a_receipt_corrects_a_marked_refusal_once(own: Conn, refused: Message) -> None:
    mark(own)
    receive(own, refused, MessageState.DELIVERED)
    after = now_of(own, refused)
    assert (after.state, after.reason, after.ticket) == ("delivered", None, "4711")
    assert after.accepted_at is not None
    assert history(own, refused)[-4:] == ["refused", "unknown", "accepted", "delivered"]
    assert counts.sent_count(own, refused.portal_id, [refused.recipient]) == 1
    assert marks(own) == 0
    [event] = own.execute("SELECT event_type FROM event_writes WHERE event_id LIKE '%-delivered'").fetchall()
    assert event["event_type"] == "sms_receipt_contact"
    receive(own, refused, MessageState.UNDELIVERED)
    assert now_of(own, refused).state == "delivered"


def test_a_refusal_without_the_mark_stays_final(own: Conn, refused: Message) -> None:
    receive(own, refused, MessageState.DELIVERED)
    assert now_of(own, refused).state == "refused"
    assert counts.sent_count(own, refused.portal_id, [refused.recipient]) == 0


def test_only_that_refusal_is_marked(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway, refused: Message
) -> None:
    delivered = send(own, linked, portal)
    drain(linked)
    mark(own)
    rows = own.execute("SELECT message_id FROM doubted_refusals").fetchall()
    assert [row["message_id"] for row in rows] == [refused.message_id]
    assert now_of(own, delivered).state == "accepted"


def test_one_receipt_proves_the_whole_call(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    gateway.fault("status", status=404, body={"status": -7, "message": "X"})
    sent = campaign(own, linked, portal, many(3))
    drain(linked)
    assert {now_of(own, message).state for message in sent} == {"refused"}
    mark(own)
    receive(own, sent[0], MessageState.DELIVERED)
    after = [now_of(own, message) for message in sent]
    assert [m.state for m in after] == ["delivered", "accepted", "accepted"]
    assert {m.reason for m in after[1:]} == {"membership_pending"}, "the listing has yet to show them"
    assert marks(own) == 0


def test_receipts_of_a_refused_and_an_accepted_call_in_one_batch(
    own: Conn, linked: Wiring, portal: Portal, refused: Message
) -> None:
    """The calls are locked before any message is reopened (protocol P26; the fixture of all tests watches it)."""
    accepted = [send(own, linked, portal, recipient=number) for number in many(3)]
    drain(linked)
    mark(own)
    entered = lanes.enter(own, portal.portal_id, LaneKind.RECONCILE, LaneKind.SYNC_CRM)
    receipts = [
        ApplyReceipt(
            portal.portal_id, one.gateway_id, MessageState.DELIVERED, None, "4711", datetime.now(UTC)
        )
        for one in (*accepted, refused)
    ]
    assert apply_receipts(entered, receipts) == set()
    own.commit()
    assert {now_of(own, one).state for one in (*accepted, refused)} == {"delivered"}
