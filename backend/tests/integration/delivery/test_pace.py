"""Pace and pauses of an account: calls a second shared by its portals, insufficient credits (P12, P13)."""

import threading

import pytest

from backend.tests.factories import a_portal
from backend.tests.integration.conftest import drain
from backend.tests.integration.delivery.steps import (
    campaign,
    drain_on,
    many,
    now_of,
    pace,
    relink,
    send,
)
from connector.domain.vocabulary import LaneKind
from connector.store.database import Conn, connect
from connector.store.messages import queue
from connector.store.portals.portals import Portal
from connector.wiring import Wiring
from connector.worker.main import DRAINS
from connector.worker.runner import Runner
from sandbox.driver.gateway import Gateway

TEXTS = [f"Bonjour, votre numéro est {n}" for n in range(40)]


def account(own: Conn) -> dict[str, object]:
    row = own.execute(
        "SELECT pause_reason, pause_step, call_limit, round(EXTRACT(EPOCH FROM paused_until - now()))::int AS left_s"
        " FROM sms_accounts"
    ).fetchone()
    own.commit()
    assert row is not None
    return row


def end_pause(own: Conn) -> None:
    """End the pause; its reason stays."""
    own.execute("UPDATE sms_accounts SET paused_until = now(), next_call_at = '-infinity'")
    own.execute("UPDATE lanes SET next_due_at = now(), not_before = NULL WHERE kind LIKE 'deliver%'")
    own.commit()


# --- pace


def test_two_workers_and_two_portals_keep_one_accounts_pace_together(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    neighbour = a_portal(own, linked.vault, linked=False)
    relink(own, linked, portal, gateway.token, client_id="shared")
    relink(own, linked, neighbour, gateway.token, client_id="shared")
    drain(linked)
    pace(own, 10)
    for sender in (portal, neighbour):
        campaign(own, linked, sender, many(10), text=TEXTS[:10])
    stop = threading.Event()
    workers = [threading.Thread(target=Runner(linked, DRAINS, stop).run) for _ in range(2)]
    for worker in workers:
        worker.start()
    with connect(linked.settings.database_url, autocommit=True) as watcher:
        while watcher.execute("SELECT 1 FROM messages WHERE state <> 'accepted' LIMIT 1").fetchone():
            threading.Event().wait(0.05)
    stop.set()
    for worker in workers:
        worker.join()
    claimed = [
        row["at"]
        for row in own.execute(
            "SELECT EXTRACT(EPOCH FROM claimed_at)::float AS at FROM attempts ORDER BY claimed_at"
        ).fetchall()
    ]
    assert len(claimed) == len(gateway.accepted_ids()) == 20
    # 10 a second, plus calls that catch up after wake-ups up to 0.2 s late.
    for begin in claimed:
        assert sum(begin <= at < begin + 1.0 for at in claimed) <= 10 * 1.2 + 1
    portals_of_first = own.execute("SELECT portal_id FROM attempts ORDER BY claimed_at LIMIT 10").fetchall()
    assert len({row["portal_id"] for row in portals_of_first}) == 2, "neither waits for the other's end"


def test_lane_that_waits_for_its_slot_is_released_until_then(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    pace(own, 0.1)
    campaign(own, linked, portal, many(2), text=TEXTS[:2])
    drain(linked)
    assert gateway.calls() == 1
    row = own.execute(
        "SELECT owner, EXTRACT(EPOCH FROM next_due_at - now())::float AS in_s FROM lanes WHERE kind = 'deliver'"
    ).fetchone()
    assert row is not None
    assert row["owner"] is None
    assert 5 < row["in_s"] <= 10.1


def test_person_takes_the_slot_before_a_campaign(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    own.execute("UPDATE sms_accounts SET next_call_at = now() + interval '1 min'")
    own.commit()
    campaign(own, linked, portal, many(1))
    campaign_at = queue.next_delivery_at(own, portal.portal_id, kind=LaneKind.DELIVER)
    send(own, linked, portal)
    person_at = queue.next_delivery_at(own, portal.portal_id, kind=LaneKind.DELIVER_PERSONAL)
    own.commit()
    assert person_at is not None
    assert campaign_at is not None
    assert person_at < campaign_at


# --- credits


def test_credits_for_some_are_used_before_the_account_is_paused(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    drain(linked)
    pace(own, 1000)
    gateway.set_account(credits=5)
    sent = campaign(own, linked, portal, many(8))
    drain_on(linked)
    # 8: refused; 4: accepted, one credit is left; 4: refused; 2: refused, so the account is paused.
    states = [now_of(own, message) for message in sent]
    assert [m.state for m in states] == ["accepted"] * 4 + ["queued"] * 4
    assert gateway.calls() == 4
    paused = account(own)
    assert (paused["pause_reason"], paused["pause_step"]) == ("gateway_no_credits", 1)
    assert own.execute("SELECT code FROM problems WHERE closed_at IS NULL").fetchall() == [
        {"code": "gateway_no_credits"}
    ]


def test_paused_account_is_asked_for_its_credits_at_longer_and_longer_distances(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    drain(linked)
    gateway.set_account(credits=0)
    message = send(own, linked, portal)
    drain(linked)
    distances = [account(own)["left_s"]]
    for _ in range(4):
        end_pause(own)
        drain(linked)
        distances.append(account(own)["left_s"])
    assert distances == pytest.approx([60, 120, 300, 900, 900], abs=3)
    assert gateway.calls() == 1, "nothing is tried while the gateway says that there are no credits"
    asked = gateway.calls("/credits", "GET")
    assert asked >= 4
    gateway.set_account(credits=10)
    end_pause(own)
    drain_on(linked)
    assert now_of(own, message).state == "accepted"
    assert (account(own)["pause_reason"], account(own)["pause_step"]) == (None, 0)
    assert own.execute("SELECT 1 FROM problems WHERE closed_at IS NULL").fetchall() == []


def test_linking_ends_the_pause_at_once(own: Conn, linked: Wiring, portal: Portal, gateway: Gateway) -> None:
    gateway.fault("status", status=200, body={"status": -1, "message": "X"})
    message = send(own, linked, portal)
    drain(linked)
    assert now_of(own, message).reason == "gateway_auth"
    assert account(own)["pause_reason"] == "gateway_auth"
    relink(own, linked, portal, gateway.token)
    drain_on(linked)
    assert now_of(own, message).state == "accepted"


def test_refusal_pauses_every_portal_of_the_account_and_tells_it(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    neighbour = a_portal(own, linked.vault, linked=False)
    relink(own, linked, neighbour, gateway.token, client_id=f"client-{portal.portal_id}")
    drain(linked)
    gateway.set_account(credits=0)
    send(own, linked, portal)
    drain(linked)
    send(own, linked, neighbour)
    drain(linked)
    assert gateway.calls() == 1
    told = own.execute("SELECT portal_id FROM problems WHERE code = 'gateway_no_credits'").fetchall()
    assert {row["portal_id"] for row in told} == {portal.portal_id, neighbour.portal_id}
