"""The gateway's STOP list and NPAI list: imported as a whole at linking and every night (P14)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from backend.tests.factories import RECIPIENT, a_consent, a_portal, link, queue
from backend.tests.integration.conftest import drain
from connector.domain.vocabulary import UnassignedSource
from connector.store.consent import list_readings, opt_outs, unassigned_numbers
from connector.store.database import Conn
from connector.store.messages import messages
from connector.store.portals.portals import Portal
from connector.use_cases.consent.record_consent import record_consent
from connector.wiring import Wiring
from connector.worker.accounts import lists
from connector.worker.accounts.lists import next_night
from sandbox.driver.gateway import Gateway

OTHER = "+33612345602"
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def portal(own: Conn, linked: Wiring) -> Portal:
    return a_portal(own, linked.vault, linked=False)


def link_now(own: Conn, wiring: Wiring, portal: Portal, gateway: Gateway) -> None:
    link(own, wiring.vault, portal.portal_id, client_id=f"c{portal.portal_id}", token=gateway.token)
    own.commit()
    drain(wiring)


def night_comes(own: Conn, wiring: Wiring) -> None:
    """Make the next reading due and run it."""
    own.execute("UPDATE account_links SET lists_due_at = now()")
    own.execute("UPDATE lanes SET next_due_at = now(), not_before = NULL WHERE kind = 'lists'")
    own.commit()
    drain(wiring)


def consent(own: Conn, portal: Portal, recipient: str) -> None:
    record_consent(own, a_consent(own, portal.portal_id, recipient))
    own.commit()


def due_in(own: Conn, portal: Portal) -> timedelta:
    due_at = list_readings.next_due_at(own, portal.portal_id)
    own.commit()
    assert due_at is not None
    return due_at - datetime.now(UTC)


def test_both_lists_are_taken_over_whole_when_an_account_is_linked(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "NUMBERS_PER_PAGE", 40)
    stopped = [f"+336123{n:05d}" for n in range(95)]
    dead = [f"+336124{n:05d}" for n in range(41)]
    gateway.list_numbers("blacklist", stopped)
    gateway.list_numbers("npai", dead)
    link_now(own, linked, portal, gateway)
    assert opt_outs.opted_out(own, portal.portal_id, stopped + dead) == set(stopped)
    assert unassigned_numbers.unassigned(own, portal.portal_id, stopped + dead) == set(dead)
    assert (gateway.calls("/blacklist", "GET"), gateway.calls("/npai", "GET")) == (3, 2)
    assert timedelta(0) < due_in(own, portal) < timedelta(hours=30)


def test_every_night_brings_what_is_new_and_blocks_what_waits(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    link_now(own, linked, portal, gateway)
    waiting = queue(own, linked.vault, portal, send_at="2031-01-08T10:00").message
    gateway.list_numbers("blacklist", [RECIPIENT.e164])
    drain(linked)
    assert opt_outs.opted_out(own, portal.portal_id, [RECIPIENT.e164]) == set(), "not before its time"
    night_comes(own, linked)
    assert opt_outs.opted_out(own, portal.portal_id, [RECIPIENT.e164]) == {RECIPIENT.e164}
    blocked = messages.get(own, portal.portal_id, waiting.message_id)
    assert (blocked.state, blocked.reason) == ("blocked", "opted_out")
    own.commit()
    night_comes(own, linked)
    history = own.execute("SELECT event, source FROM consent_events").fetchall()
    assert history == [{"event": "opted_out", "source": "import"}], "known already: nothing more happens"


def test_number_that_the_gateway_no_longer_lists_as_unassigned_is_usable_again(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    gateway.list_numbers("npai", [RECIPIENT.e164])
    link_now(own, linked, portal, gateway)
    unassigned_numbers.add(own, portal.portal_id, [OTHER], source=UnassignedSource.RECEIPT)
    own.commit()
    gateway.reset()  # a new world: its lists are empty
    night_comes(own, linked)
    assert unassigned_numbers.unassigned(own, portal.portal_id, [RECIPIENT.e164, OTHER]) == {OTHER}


def test_consent_recorded_meanwhile_is_not_undone_by_an_older_page(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    gateway.list_numbers("blacklist", [RECIPIENT.e164])
    link_now(own, linked, portal, gateway)
    consent(own, portal, RECIPIENT.e164)
    night_comes(own, linked)  # the gateway's list still shows it: the list may lag
    assert opt_outs.opted_out(own, portal.portal_id, [RECIPIENT.e164]) == set()
    own.execute("UPDATE consent_events SET at = at - interval '1 day'")
    night_comes(own, linked)  # a day later this is no lag: the number was listed again
    assert opt_outs.opted_out(own, portal.portal_id, [RECIPIENT.e164]) == {RECIPIENT.e164}


def test_list_that_ends_before_its_total_is_not_taken_for_whole(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    gateway.list_numbers("blacklist", [RECIPIENT.e164, OTHER])
    broken = {"status": 1, "message": "OK", "list": [], "totalRecords": 2, "totalDisplayRecords": 2}
    gateway.fault("status", "/blacklist", "GET", status=200, body=broken)
    link_now(own, linked, portal, gateway)
    row = own.execute("SELECT last_error FROM lanes WHERE kind = 'lists'").fetchone()
    assert row == {"last_error": "list_incomplete"}
    assert due_in(own, portal) < timedelta(0)
    own.execute("UPDATE lanes SET next_due_at = now(), not_before = NULL WHERE kind = 'lists'")
    own.commit()
    drain(linked)
    assert opt_outs.opted_out(own, portal.portal_id, [RECIPIENT.e164, OTHER]) == {RECIPIENT.e164, OTHER}
    assert due_in(own, portal) > timedelta(0)


@pytest.fixture
def newer_schema(own: Conn) -> Iterator[None]:
    """The check of the list's name as a later version may widen it."""
    own.execute("ALTER TABLE account_links DROP CONSTRAINT account_links_lists_name_check")
    own.commit()
    yield
    own.rollback()
    own.execute("UPDATE account_links SET lists_name = 'stop'")
    own.execute(
        "ALTER TABLE account_links ADD CONSTRAINT account_links_lists_name_check"
        " CHECK (lists_name IN ('stop', 'unassigned'))"
    )
    own.commit()


@pytest.mark.usefixtures("newer_schema")
def test_list_of_a_newer_version_is_left_to_its_worker(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    gateway.list_numbers("npai", [RECIPIENT.e164])
    link(own, linked.vault, portal.portal_id, client_id="c1", token=gateway.token)
    own.execute("UPDATE account_links SET lists_name = 'landlines', lists_offset = 7")
    own.commit()
    drain(linked)
    row = own.execute("SELECT last_error FROM lanes WHERE kind = 'lists'").fetchone()
    assert row == {"last_error": "list_unknown"}
    reading = own.execute("SELECT lists_name, lists_offset FROM account_links").fetchone()
    assert reading == {"lists_name": "landlines", "lists_offset": 7}
    assert (gateway.calls("/blacklist", "GET"), gateway.calls("/npai", "GET")) == (0, 0)


@pytest.mark.parametrize(
    ("now", "at"),
    [
        ("2026-11-25T12:00", "2026-11-26T02:01:40"),
        ("2026-11-25T01:59", "2026-11-25T02:01:40"),
        ("2026-11-25T02:01:40", "2026-11-26T02:01:40"),
        ("2027-03-28T01:30", "2027-03-28T03:01:40"),  # 02:01 does not exist that night
    ],
)
def test_the_night_is_the_portals(now: str, at: str) -> None:
    asked = datetime.fromisoformat(now).replace(tzinfo=PARIS).astimezone(UTC)
    assert next_night(asked, PARIS, 10_800_100) == datetime.fromisoformat(at).replace(tzinfo=PARIS)
