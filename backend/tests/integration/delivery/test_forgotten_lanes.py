"""The second net of P1: it finds work of any kind in closed lanes, and nothing else."""

from datetime import UTC, datetime
from typing import LiteralString

import pytest

from backend.tests.factories import a_portal, link
from backend.tests.integration.conftest import drain
from backend.tests.integration.delivery.steps import send, take_turn
from connector.domain.vocabulary import LaneKind
from connector.store import lanes
from connector.store.database import Conn
from connector.store.portals.portals import Portal
from connector.store.vault import Vault
from connector.wiring import Wiring
from connector.worker.delivery.deliver import deliver
from connector.worker.forgotten_lanes import ClosedLane, ForgottenLanes
from connector.worker.main import DRAINS
from connector.worker.runner import Drain

EXECUTION = (
    "INSERT INTO workflow_executions (portal_id, callback_id, action, object_type_id, object_id, state, is_blocked,"
    " created_at, check_at) SELECT portal_id, 'c1', 'send_sms', '0-1', '501', '{state}', true,"
    " now() - interval '5 min', {check_at} FROM portals"
)
# kind of lane -> statement that makes one of its rows five minutes overdue
OVERDUE: dict[LaneKind, LiteralString] = {
    LaneKind.SETUP: "UPDATE portals SET setup_wanted = setup_done + 1, state = 'installed'",
    LaneKind.DELIVER: "UPDATE messages SET state = 'scheduled', due_at = now() - interval '5 min'",
    LaneKind.RECONCILE: "UPDATE attempts SET next_lookup_at = now() - interval '5 min'",
    LaneKind.EVENTS: "INSERT INTO inbox (portal_id, event_key, client_id, type, payload, received_at)"
    " SELECT portal_id, 'DLR:1', 'client', 'DLR', '{}', now() - interval '5 min' FROM portals",
    LaneKind.RESOLVE: EXECUTION.format(state="resolving", check_at="NULL"),
    LaneKind.CALLBACKS: EXECUTION.format(state="waiting", check_at="now() - interval '5 min'"),
    LaneKind.SYNC_CRM: "UPDATE event_writes SET due_at = now() - interval '5 min'",
    LaneKind.OUTLOOK: "UPDATE messages SET state = 'queued', due_at = now() - interval '5 min'",
    LaneKind.LISTS: "UPDATE account_links SET lists_due_at = now() - interval '5 min'",
    LaneKind.BALANCE: "UPDATE sms_accounts SET balance_due_at = now() - interval '5 min'",
}
QUIET = (
    "UPDATE portals SET setup_done = setup_wanted",
    "UPDATE attempts SET next_lookup_at = NULL",
    "UPDATE event_writes SET due_at = NULL",
    "UPDATE record_writes SET due_at = NULL",
    "UPDATE account_links SET lists_due_at = now() + interval '1 day'",
    "UPDATE sms_accounts SET balance_due_at = NULL",
)


@pytest.fixture
def quiet(own: Conn, linked: Wiring, portal: Portal) -> Portal:
    """A portal with one sent message: none of its rows is due, and all lanes are closed but the nightly `lists`."""
    send(own, linked, portal)
    deliver(linked, take_turn(own, portal))
    for statement in QUIET:
        own.execute(statement)
    own.execute(
        "UPDATE lanes SET not_before = NULL, owner = NULL, lease_until = NULL,"
        " next_due_at = CASE kind WHEN 'lists' THEN now() + interval '1 day' ELSE 'infinity' END"
    )
    own.commit()
    return portal


def test_every_kind_of_lane_has_an_overdue_row_here() -> None:
    assert OVERDUE.keys() == DRAINS.keys() == set(LaneKind)


@pytest.mark.parametrize("has_row", [True, False], ids=["closed", "never opened"])
def test_overdue_row_in_a_closed_lane_is_found(own: Conn, quiet: Portal, *, has_row: bool) -> None:
    net = ForgottenLanes(DRAINS)
    for _ in range(2):
        assert net.open_forgotten(own) == []
    for kind in DRAINS:
        own.execute(OVERDUE[kind])
        _close_only(own, quiet, kind, has_row=has_row)
        assert net.open_forgotten(own) == [], f"{kind} may have been opened since: it is looked at once more"
        assert net.open_forgotten(own) == [ClosedLane(quiet.portal_id, kind)]
        for _ in range(2):
            assert net.open_forgotten(own) == [], f"{kind} is open now"
        own.rollback()


def _close_only(own: Conn, portal: Portal, kind: LaneKind, *, has_row: bool) -> None:
    """Close one lane and open all others, because a row may be work of several kinds."""
    own.execute("DELETE FROM lanes")
    own.execute(
        "INSERT INTO lanes (portal_id, kind, next_due_at) SELECT %s, unnest(%s::text[]), now() + interval '1 day'",
        (portal.portal_id, [other for other in LaneKind if other != kind]),
    )
    if has_row:
        own.execute(
            "INSERT INTO lanes (portal_id, kind, next_due_at) VALUES (%s, %s, 'infinity')",
            (portal.portal_id, kind),
        )


def test_lane_that_is_open_at_the_second_look_was_not_forgotten(own: Conn, quiet: Portal) -> None:
    net = ForgottenLanes(DRAINS)
    own.execute("UPDATE attempts SET next_lookup_at = now()")
    assert net.open_forgotten(own) == []
    own.execute("UPDATE lanes SET next_due_at = now() WHERE kind = 'reconcile'")
    assert net.open_forgotten(own) == []
    own.execute("UPDATE lanes SET next_due_at = 'infinity' WHERE kind = 'reconcile'")
    assert net.open_forgotten(own) == [], "the two looks have to be one after the other"


def test_lane_that_is_opened_while_the_net_looks_is_not_forgotten(own: Conn, quiet: Portal) -> None:
    """A busy lane closes and opens many times a minute, so every check may meet this."""

    def opened_meanwhile(conn: Conn, _portal_id: int) -> datetime:
        conn.execute("UPDATE lanes SET next_due_at = now() WHERE kind = 'events'")
        return datetime.now(UTC)

    net = ForgottenLanes({LaneKind.EVENTS: Drain(lambda _wiring, _turn: False, opened_meanwhile)})
    lane = (quiet.portal_id, LaneKind.EVENTS)
    own.execute(
        "INSERT INTO lanes (portal_id, kind, next_due_at) VALUES (%s, %s, 'infinity') ON CONFLICT DO NOTHING",
        lane,
    )
    for _ in range(3):
        own.execute("UPDATE lanes SET next_due_at = 'infinity' WHERE kind = 'events'")
        assert net.open_forgotten(own) == []


def test_message_of_a_claim_that_nobody_settled_is_found(own: Conn, quiet: Portal) -> None:
    net = ForgottenLanes(DRAINS)
    own.execute("UPDATE messages SET state = 'sending'")
    own.execute("UPDATE attempts SET outcome = NULL, settled_at = NULL")
    assert net.open_forgotten(own) == []
    assert net.open_forgotten(own) == [ClosedLane(quiet.portal_id, LaneKind.DELIVER)]


def test_work_that_is_in_order_is_not_touched(own: Conn, linked: Wiring, quiet: Portal) -> None:
    send(own, linked, quiet)
    net = ForgottenLanes(DRAINS)
    for _ in range(2):
        assert net.open_forgotten(own) == []
    drain(linked)
    for _ in range(2):
        assert net.open_forgotten(own) == []


def test_balance_that_another_portal_of_the_account_asks_for_is_not_forgotten(
    own: Conn, vault: Vault, quiet: Portal
) -> None:
    client_id = own.execute("SELECT client_id FROM account_links").fetchall()[0]["client_id"]
    other = a_portal(own, vault, linked=False)
    link(own, vault, other.portal_id, client_id=client_id)
    for statement in QUIET:
        own.execute(statement)
    own.execute(OVERDUE[LaneKind.BALANCE])
    asking = lanes.enter(own, other.portal_id, LaneKind.BALANCE)
    lanes.wake(asking, LaneKind.BALANCE)
    net = ForgottenLanes({LaneKind.BALANCE: DRAINS[LaneKind.BALANCE]})
    for _ in range(3):
        assert net.open_forgotten(own) == [], "the other portal's lane is open"
    own.execute("UPDATE lanes SET next_due_at = 'infinity' WHERE kind = 'balance'")
    assert net.open_forgotten(own) == []
    forgotten = {lane.portal_id for lane in net.open_forgotten(own)}
    assert forgotten == {quiet.portal_id, other.portal_id}, "no lane of the account is open"


def test_looks_go_round_the_portals_and_see_a_suspect_again(own: Conn, vault: Vault, quiet: Portal) -> None:
    for _ in range(3):
        a_portal(own, vault)
    own.execute("UPDATE portals SET setup_done = setup_wanted")
    own.execute("UPDATE attempts SET next_lookup_at = now() - interval '5 min'")
    net = ForgottenLanes(DRAINS, portals_a_look=1)
    found = [net.open_forgotten(own) for _ in range(8)]
    assert [lanes for lanes in found if lanes] == [[ClosedLane(quiet.portal_id, LaneKind.RECONCILE)]]
