"""The order of lanes: urgent lanes come first, but every other lane gets its turn (P4)."""

import threading

import pytest

from backend.tests.factories import a_portal
from backend.tests.integration.conftest import drain
from backend.tests.integration.delivery.steps import (
    campaign,
    drain_on,
    due_now,
    many,
    pace,
    send,
)
from backend.tests.integration.query_plans import nodes_of
from connector.domain.message import DELIVERY_LANES
from connector.domain.vocabulary import LaneKind
from connector.store import lanes
from connector.store.database import Conn
from connector.store.lanes import Turn
from connector.store.messages import queue
from connector.store.portals.portals import Portal
from connector.wiring import Wiring
from connector.worker.main import DRAINS
from connector.worker.runner import FAIR_TURN_EVERY, Drain, Runner
from sandbox.driver.gateway import Gateway

TEXTS = [f"Bonjour, votre numéro est {n}" for n in range(3)]


def test_lane_that_a_person_waits_for_is_taken_first(own: Conn, linked: Wiring, portal: Portal) -> None:
    others = [a_portal(own, linked.vault) for _ in range(3)]
    own.execute("DELETE FROM lanes")
    for other in others:
        campaign(own, linked, other, many(1))
    own.execute("UPDATE lanes SET urgent_at = NULL")  # as after a turn that leaves a long queue
    send(own, linked, portal)
    turn = lanes.take(own, owner="test", lease_s=30.0, kinds=DELIVERY_LANES)
    assert turn is not None
    assert turn.portal_id == portal.portal_id
    lanes.release_in(own, turn, 0.0)
    following = lanes.take(own, owner="test", lease_s=30.0, kinds=DELIVERY_LANES)
    assert following is not None
    assert following.portal_id == others[0].portal_id, "served once, the lane is at the tail again"


def test_what_comes_to_a_closed_lane_is_served_before_long_queues(
    own: Conn, linked: Wiring, portal: Portal
) -> None:
    big = a_portal(own, linked.vault)
    own.execute("DELETE FROM lanes")
    campaign(own, linked, big, many(25))
    assert not queue.is_soon_done(own, big.portal_id)
    turn = lanes.take(own, owner="test", lease_s=30.0, kinds=[LaneKind.DELIVER])
    assert turn is not None
    lanes.release_in(own, turn, 0.0)  # a turn that leaves a long queue
    campaign(own, linked, portal, many(1))
    assert queue.is_soon_done(own, portal.portal_id)
    following = lanes.take(own, owner="test", lease_s=30.0, kinds=[LaneKind.DELIVER])
    assert following is not None
    assert following.portal_id == portal.portal_id


def test_lane_stays_urgent_while_the_person_still_waits(own: Conn, linked: Wiring, portal: Portal) -> None:
    own.execute("UPDATE sms_accounts SET next_call_at = now() + interval '1 h'")
    send(own, linked, portal)
    drain(linked)
    row = own.execute(
        "SELECT urgent_at IS NOT NULL AS urgent FROM lanes WHERE kind = 'deliver_personal'"
    ).fetchone()
    assert row == {"urgent": True}
    due_now(own)
    pace(own, 5)
    drain_on(linked)
    row = own.execute(
        "SELECT urgent_at IS NOT NULL AS urgent FROM lanes WHERE kind = 'deliver_personal'"
    ).fetchone()
    assert row == {"urgent": False}


def test_turn_ends_after_one_batch_when_others_wait(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    drain(linked)
    pace(own, 1000)
    campaign(own, linked, portal, many(3), text=TEXTS[:3])
    runner = Runner(linked, DRAINS, threading.Event())
    neighbour = a_portal(own, linked.vault, linked=False)
    overdue_lane(own, neighbour, "events", since="1 min")
    own.execute("UPDATE lanes SET next_due_at = now() - interval '1 h' WHERE kind = 'deliver'")
    own.commit()
    assert runner.run_one()
    assert gateway.calls() == 1


def overdue_lane(own: Conn, portal: Portal, kind: str, *, since: str) -> None:
    own.execute(
        "INSERT INTO lanes (portal_id, kind, next_due_at) VALUES (%s, %s, now() - %s::interval)"
        " ON CONFLICT (portal_id, kind) DO UPDATE SET next_due_at = excluded.next_due_at",
        (portal.portal_id, kind, since),
    )
    own.commit()


def test_urgent_lanes_leave_turns_to_every_other_kind(own: Conn, linked: Wiring, portal: Portal) -> None:
    own.execute("DELETE FROM lanes")
    busy = [a_portal(own, linked.vault) for _ in range(3)]
    own.execute("DELETE FROM lanes")
    for one in busy:
        campaign(own, linked, one, many(3), text=TEXTS)
    kinds = (LaneKind.EVENTS, LaneKind.CALLBACKS, LaneKind.SYNC_CRM)
    for kind in kinds:
        overdue_lane(own, portal, kind, since="1 h")
    served: list[LaneKind] = []

    def drained(kind: LaneKind, *, is_urgent: bool) -> Drain:
        def batch(wiring: Wiring, turn: Turn) -> bool:
            served.append(kind)
            return True  # there is always more work

        return Drain(
            batch, lambda conn, portal_id: None, (lambda conn, portal_id: True) if is_urgent else None
        )

    drains = {kind: drained(kind, is_urgent=kind == LaneKind.DELIVER) for kind in (LaneKind.DELIVER, *kinds)}
    runner = Runner(linked, drains, threading.Event())
    lanes_due = len(busy) + len(kinds)
    for _ in range(lanes_due * FAIR_TURN_EVERY):
        assert runner.run_one()
    assert set(served) == {"deliver", *kinds}, "each that is due has had its turn"
    assert served.count(LaneKind.DELIVER) >= len(served) / 2, "and a person's message is still served first"


def test_few_messages_that_wait_for_long_are_no_reason_to_come_first(
    own: Conn, linked: Wiring, portal: Portal
) -> None:
    """Otherwise a trickle in more portals than there are workers would delay messages of users too."""
    [waits] = campaign(own, linked, portal, many(1))
    assert queue.is_soon_done(own, portal.portal_id)
    own.execute(
        "UPDATE messages SET due_at = due_at - make_interval(secs => %s) WHERE message_id = %s",
        (queue.FRESH_S, waits.message_id),
    )
    assert not queue.is_soon_done(own, portal.portal_id)
    send(own, linked, portal)
    own.execute("UPDATE messages SET due_at = due_at - interval '1 min'")
    assert not queue.is_soon_done(own, portal.portal_id)
    assert queue.does_a_person_wait(own, portal.portal_id), "a person who waits is, in the lane of persons"


@pytest.mark.parametrize("urgent_first", [True, False])
def test_taking_a_lane_reads_no_lane_that_is_not_due(own: Conn, alone: Wiring, urgent_first: bool) -> None:
    own.execute(
        "INSERT INTO lanes (portal_id, kind, next_due_at, urgent_at)"
        " SELECT n, 'deliver', now() + n * interval '1 s', now() FROM generate_series(1, 5000) AS n"
    )
    own.execute("INSERT INTO lanes (portal_id, kind, next_due_at) VALUES (0, 'events', now())")
    own.execute("ANALYZE lanes")
    values = {"owner": "test", "lease_s": 30.0, "kinds": ["deliver", "events"], "urgent_first": urgent_first}
    rows = own.execute(b"EXPLAIN (ANALYZE, FORMAT JSON) " + lanes.TAKE, values).fetchall()
    own.rollback()
    read = [
        (node["Node Type"], node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
        for node in nodes_of(rows[0]["QUERY PLAN"][0]["Plan"])
    ]
    assert "Seq Scan" not in {name for name, _ in read}
    assert max(number for _, number in read) <= 10, read
