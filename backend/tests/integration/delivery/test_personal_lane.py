"""A person's messages have a lane and a thread of their own: a hanging gateway delays workflows alone (P4)."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from backend.tests.factories import a_portal
from backend.tests.integration.conftest import change
from backend.tests.integration.delivery.steps import (
    campaign,
    history,
    many,
    now_of,
    relink,
    send,
    take_turn,
    to,
)
from backend.tests.integration.migrations import migrate_to
from connector.domain.vocabulary import LaneKind
from connector.store import lanes
from connector.store.database import Conn, connect
from connector.store.lanes import Turn
from connector.store.messages import attempts, claims
from connector.store.portals.portals import Portal
from connector.wiring import Wiring
from connector.worker.delivery.take_over import take_over
from connector.worker.main import DRAINS, loops
from connector.worker.runner import Runner
from connector.worker.vitals import Vitals
from sandbox.driver.gateway import Gateway
from sandbox.driver.waiting import until

HANGS = "Campagne"  # part of the texts whose calls stand at a barrier


def only(wiring: Wiring, kind: LaneKind) -> Runner:
    return Runner(wiring, {kind: DRAINS[kind]}, threading.Event())


def test_person_is_served_while_a_call_of_a_workflow_hangs(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    barrier = gateway.fault("hold_before", contains=HANGS)
    [hanging] = campaign(own, linked, portal, many(1), text=f"{HANGS} de juin")
    with ThreadPoolExecutor(1) as threads:
        turn = threads.submit(only(linked, LaneKind.DELIVER).run_one)
        gateway.wait_for_hit(barrier)
        message = send(own, linked, portal)
        assert only(linked, LaneKind.DELIVER_PERSONAL).run_one()
        assert now_of(own, message).state == "accepted"
        assert now_of(own, hanging).state == "sending", "nobody has declared its call lost"
        gateway.release(barrier)
        assert turn.result()
    assert gateway.accepted_ids() == [message.gateway_id, hanging.gateway_id]
    assert history(own, hanging) == ["queued", "sending", "accepted"]


def a_turn(own: Conn, kind: LaneKind) -> Turn:
    own.execute("UPDATE lanes SET next_due_at = now(), lease_until = NULL WHERE kind = %s", (kind,))
    own.commit()
    turn = lanes.take(own, owner="rival", lease_s=30.0, kinds=[kind])
    assert turn is not None
    return turn


@pytest.mark.parametrize("is_person", [True, False])
def test_live_call_of_one_lane_is_not_taken_over_by_the_other(
    own: Conn, linked: Wiring, portal: Portal, *, is_person: bool
) -> None:
    """Fences of different lanes do not compare."""
    if is_person:
        message = send(own, linked, portal)
    else:
        [message] = campaign(own, linked, portal, many(1))
    turn = take_turn(own, portal)
    assert claims.claim(own, turn, call_s=2.0).claim is not None
    own.commit()
    other = LaneKind.DELIVER if is_person else LaneKind.DELIVER_PERSONAL
    rival = [a_turn(own, other) for _ in range(3)][-1]
    assert rival.fence > turn.fence
    take_over(linked, rival)
    assert now_of(own, message).state == "sending"
    assert attempts.abandoned(own, rival) == []
    turn.fence += 1
    assert len(attempts.abandoned(own, turn)) == 1, "the next turn of its own lane takes it over"


def test_each_lane_claims_its_own_classes(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    [other] = campaign(own, linked, portal, many(1))
    person = send(own, linked, portal, recipient=to("20"))
    assert only(linked, LaneKind.DELIVER).run_one()
    assert gateway.accepted_ids() == [other.gateway_id]
    own.execute("UPDATE sms_accounts SET next_call_at = '-infinity'")
    own.commit()
    assert only(linked, LaneKind.DELIVER_PERSONAL).run_one()
    assert gateway.accepted_ids() == [other.gateway_id, person.gateway_id]


def test_both_lanes_share_the_accounts_pace_and_pause(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    own.execute("UPDATE sms_accounts SET calls_per_s = 0.01")
    own.commit()
    campaign(own, linked, portal, many(1))
    assert only(linked, LaneKind.DELIVER).run_one()
    person = send(own, linked, portal)
    assert only(linked, LaneKind.DELIVER_PERSONAL).run_one()
    assert now_of(own, person).state == "queued"
    row = own.execute(
        "SELECT l.next_due_at = a.next_call_at AS waits FROM lanes l, sms_accounts a WHERE l.kind = 'deliver_personal'"
    ).fetchone()
    assert row == {"waits": True}, "its lane is due at the account's next slot"
    assert gateway.calls() == 1


@contextmanager
def a_worker(wiring: Wiring) -> Iterator[None]:
    """All threads of a worker process."""
    threads = [threading.Thread(target=loop, daemon=True) for loop in loops(wiring, Vitals()).values()]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        wiring.ending.set()
        for thread in threads:
            thread.join()


def test_as_many_hanging_portals_as_threads_leave_a_person_one(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    hanging = [portal, *(a_portal(own, linked.vault, linked=False) for _ in range(3))]
    for place, one in enumerate(hanging[1:]):
        relink(own, linked, one, gateway.token, client_id=f"other-{place}")
    own.execute("UPDATE lanes SET next_due_at = 'infinity'")
    own.commit()
    barriers = [gateway.fault("hold_before", contains=HANGS) for _ in hanging]
    held = [campaign(own, linked, one, many(1), text=f"{HANGS} {n}")[0] for n, one in enumerate(hanging)]
    with a_worker(change(linked, worker_threads=len(hanging))):
        for barrier in barriers:
            gateway.wait_for_hit(barrier)
        persons = [send(own, linked, one, recipient=to(f"1{n}")) for n, one in enumerate(hanging)]
        until(lambda: all(now_of(own, p).state == "accepted" for p in persons), "every person's SMS has left")
        assert {now_of(own, message).state for message in held} == {"sending"}
        for barrier in barriers:
            gateway.release(barrier)
        until(lambda: all(now_of(own, m).state == "accepted" for m in held), "the workflows' calls end")
    ids = gateway.accepted_ids()
    assert set(ids[: len(persons)]) == {person.gateway_id for person in persons}
    assert sorted(ids[len(persons) :]) == sorted(message.gateway_id for message in held)


# --- Rows of the former version


ROW = """
INSERT INTO messages (portal_id, message_id, direction, state, state_at, object_type_id, object_id, recipient,
    recipient_raw, recipient_property, recipient_country, source, priority, push_type, text, unicode, encoding, parts,
    gateway_id, created_at, due_at, expires_at)
SELECT p.portal_id, gen_random_uuid(), 'outbound', %(state)s, now(), '0-1', '501', '+33612345601', 'raw', 'phone', 'FR',
    %(source)s, %(priority)s, 'alert', 'Bonjour', false, 'gsm7', 1, gen_random_uuid()::text, now(), now(),
    now() + interval '1 day'
FROM portals p WHERE p.portal_id = %(portal_id)s
"""


def test_messages_of_persons_that_waited_before_the_lane_existed_are_found(
    former_database: Callable[[str], str],
) -> None:
    rows: list[tuple[int, str, str, int]] = [
        (1, "queued", "card", 0),
        (2, "scheduled", "card", 0),
        (3, "queued", "workflow", 1),
        (4, "accepted", "card", 0),
    ]
    former = former_database("0019")
    with connect(former) as conn:
        for portal_id, state, source, priority in rows:
            conn.execute(
                "INSERT INTO portals (portal_id, state, scopes, time_zone, language, installed_at)"
                " VALUES (%s, 'installed', '{}', 'Europe/Paris', 'fr', now())",
                (portal_id,),
            )
            values = {"portal_id": portal_id, "state": state, "source": source, "priority": priority}
            conn.execute(ROW, values)
    migrate_to(former, "head")
    with connect(former) as conn:
        opened = conn.execute(
            "SELECT portal_id FROM lanes WHERE kind = 'deliver_personal' AND ready_at <= now() ORDER BY 1"
        ).fetchall()
    assert [row["portal_id"] for row in opened] == [1, 2]
