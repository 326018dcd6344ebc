"""Removing a number from the gateway's STOP list, with or without a known entry id (P14)."""

import dataclasses
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from backend.tests.factories import RECIPIENT, a_consent, a_portal, link, queue
from backend.tests.integration.conftest import drain
from connector.crm.records import RecordNumber, TextableRecord
from connector.domain.phone_numbers import PhoneNumber
from connector.domain.refusals import Code, Refusal
from connector.domain.vocabulary import AlertRule, ConsentSource, LaneKind, NumberKind
from connector.inbound.card import consents
from connector.inbound.card.consents import remove_from_stop_list
from connector.store import lanes
from connector.store.consent import opt_outs
from connector.store.database import Conn
from connector.store.portals import portals
from connector.use_cases.consent.record_consent import record_consent
from connector.use_cases.delivery.plan_writes import plan_marks
from connector.use_cases.delivery.receive_event import ReceivedStop, receive_stop
from connector.wiring import Wiring
from sandbox.driver.gateway import Gateway

OTHERS = [f"+336123{n:05d}" for n in range(95)]


@pytest.fixture
def wiring(linked: Wiring, monkeypatch: pytest.MonkeyPatch) -> Wiring:
    monkeypatch.setattr(consents, "NUMBERS_PER_PAGE", 40)
    return dataclasses.replace(linked, interactive_smsfactor=linked.smsfactor)


@pytest.fixture
def portal_id(own: Conn, wiring: Wiring, gateway: Gateway) -> int:
    gateway.list_numbers("blacklist", [*OTHERS, RECIPIENT.e164])
    portal = a_portal(own, wiring.vault, linked=False)
    link(own, wiring.vault, portal.portal_id, client_id="c1", token=gateway.token)
    own.commit()
    return portal.portal_id


def listed(wiring: Wiring, gateway: Gateway) -> list[str | None]:
    return [row.number for row in wiring.smsfactor.blacklist(gateway.token, 0, 1000).rows]


def test_known_entry_is_removed_without_a_search(
    own: Conn, wiring: Wiring, gateway: Gateway, portal_id: int
) -> None:
    drain(wiring)  # imports the list with the entries' ids
    before = gateway.calls("/blacklist", "GET")
    remove_from_stop_list(wiring, portal_id, RECIPIENT.e164)
    assert gateway.calls("/blacklist", "GET") == before
    assert listed(wiring, gateway) == OTHERS


def test_unknown_entry_is_searched_for_in_the_whole_list(
    wiring: Wiring, gateway: Gateway, portal_id: int
) -> None:
    remove_from_stop_list(wiring, portal_id, RECIPIENT.e164)
    assert listed(wiring, gateway) == OTHERS
    remove_from_stop_list(wiring, portal_id, RECIPIENT.e164)  # the entry is gone: nothing to do


def test_entry_that_has_changed_its_id_is_searched_for(
    own: Conn, wiring: Wiring, gateway: Gateway, portal_id: int
) -> None:
    drain(wiring)
    own.execute("UPDATE opt_outs SET gateway_entry_id = '999999' WHERE recipient = %s", (RECIPIENT.e164,))
    own.commit()
    remove_from_stop_list(wiring, portal_id, RECIPIENT.e164)
    assert listed(wiring, gateway) == OTHERS


def test_list_not_shown_to_its_end_proves_nothing(wiring: Wiring, gateway: Gateway, portal_id: int) -> None:
    broken = {"status": 1, "message": "OK", "list": [], "totalRecords": 96, "totalDisplayRecords": 96}
    gateway.fault("status", "/blacklist", "GET", status=200, body=broken)
    with pytest.raises(Refusal) as refusal:
        remove_from_stop_list(wiring, portal_id, RECIPIENT.e164)
    assert refusal.value.code == Code.CONSENT_NOT_REMOVED
    assert RECIPIENT.e164 in listed(wiring, gateway)


def test_without_an_account_there_is_nobody_to_tell(own: Conn, wiring: Wiring) -> None:
    stranger = a_portal(own, wiring.vault, linked=False)
    own.commit()
    with pytest.raises(Refusal) as refusal:
        remove_from_stop_list(wiring, stranger.portal_id, RECIPIENT.e164)
    assert refusal.value.code == Code.ACCOUNT_NOT_LINKED


@pytest.mark.parametrize(("others", "mark"), [([], "false"), ([OTHERS[0]], "true"), ([OTHERS[1]], "false")])
def test_mark_of_the_record_follows_all_its_numbers(
    own: Conn, linked: Wiring, gateway: Gateway, others: list[str], mark: str
) -> None:
    """A permitted alert has marked the record; consent for its last opted-out number ends the mark (P21)."""
    portal = a_portal(own, linked.vault, linked=False)
    link(own, linked.vault, portal.portal_id, client_id="c1", token=gateway.token)
    portals.save_preferences(own, portal.portal_id, {"alert_rule": "allow"})
    gateway.set(blacklist_applies_to_alert=False)
    for number in (RECIPIENT.e164, OTHERS[0]):
        opt_outs.add(own, portal.portal_id, number, source=ConsentSource.STOP, text="", at=datetime.now(UTC))
    own.commit()
    queue(own, linked.vault, dataclasses.replace(portal, alert_rule=AlertRule.ALLOW))
    drain(linked)
    assert marks(own) == ["true"]
    numbers = [(number, "0-1", "501") for number in (RECIPIENT.e164, *others)]
    record_consent(own, replace(a_consent(own, portal.portal_id), numbers=numbers))
    own.commit()
    assert marks(own) == [mark]


@pytest.mark.parametrize(("stopped", "after"), [([], ["false"]), ([OTHERS[0]], ["true", "true"])])
def test_consent_from_a_deal_looks_at_the_contact_whose_number_it_is(
    own: Conn, linked: Wiring, gateway: Gateway, stopped: list[str], after: list[str]
) -> None:
    """The contact's mark ends too, unless another of its numbers has opted out without ever being texted from here.

    In that case the deal is marked as well, because it is now known to have that number.
    """
    portal = a_portal(own, linked.vault, linked=False)
    link(own, linked.vault, portal.portal_id, client_id="c1", token=gateway.token)
    queue(own, linked.vault, portal)
    drain(linked)
    numbers = [RECIPIENT.e164, OTHERS[0]]
    for number in (RECIPIENT.e164, *stopped):
        opt_outs.add(own, portal.portal_id, number, source=ConsentSource.STOP, text="", at=datetime.now(UTC))
    plan_marks(lanes.enter(own, portal.portal_id, LaneKind.SYNC_CRM), numbers)
    own.commit()
    assert marks(own) == ["true"]
    deal = TextableRecord(
        "0-3",
        "9001",
        [
            RecordNumber(
                "phone", number, PhoneNumber(number, "FR", NumberKind.MOBILE), "0-1", "501", "Camille Moreau"
            )
            for number in numbers
        ],
        {},
    )
    record_consent(own, replace(a_consent(own, portal.portal_id), numbers=consents.numbers_of(deal)))
    own.commit()
    assert marks(own) == after


@pytest.mark.parametrize("known", [True, False])
def test_stop_that_comes_while_consent_is_recorded_is_not_lost(
    own: Conn, wiring: Wiring, portal_id: int, known: bool
) -> None:
    """The consent is older than the new STOP, even if the first STOP was only on the gateway's list (P14)."""
    at = datetime.now(UTC)
    if known:
        opt_outs.add(
            own,
            portal_id,
            RECIPIENT.e164,
            source=ConsentSource.STOP,
            text="STOP",
            at=at - timedelta(minutes=5),
        )
        own.commit()
    opt_out = remove_from_stop_list(wiring, portal_id, RECIPIENT.e164)
    assert (opt_out is not None) == known
    again = ReceivedStop("c1", RECIPIENT.e164, "STOP !!", at, uuid.uuid4().hex, payload={})
    assert receive_stop(own, again) == "stored"
    own.commit()
    with pytest.raises(Refusal) as refusal:
        record_consent(own, replace(a_consent(own, portal_id), opt_out=opt_out))
    own.rollback()
    assert refusal.value == Refusal(Code.OPTED_OUT_AGAIN, number=RECIPIENT.e164)
    assert opt_outs.opted_out(own, portal_id, [RECIPIENT.e164]) == {RECIPIENT.e164}
    newest = own.execute("SELECT event, text FROM consent_events ORDER BY event_id DESC LIMIT 1").fetchone()
    assert newest == {"event": "opted_out", "text": "STOP !!"}


def test_new_entry_of_the_gateways_list_is_never_deleted(
    own: Conn, wiring: Wiring, gateway: Gateway, portal_id: int
) -> None:
    """The webhook of the new STOP is still on its way: only the list shows it."""
    before = datetime.now(UTC) - timedelta(days=1)
    opt_outs.add(own, portal_id, RECIPIENT.e164, source=ConsentSource.STOP, text="STOP", at=before)
    own.commit()
    with pytest.raises(Refusal) as refusal:
        remove_from_stop_list(wiring, portal_id, RECIPIENT.e164)
    assert refusal.value == Refusal(Code.OPTED_OUT_AGAIN, number=RECIPIENT.e164)
    assert RECIPIENT.e164 in listed(wiring, gateway)
    newer = opt_outs.find(own, portal_id, RECIPIENT.e164)
    own.commit()
    assert newer is not None
    assert newer.at > before
    assert remove_from_stop_list(wiring, portal_id, RECIPIENT.e164) == newer, "a consent after it may end it"
    assert RECIPIENT.e164 not in listed(wiring, gateway)


@pytest.mark.parametrize("known", [True, False])
def test_stop_that_comes_during_the_search_stays_at_the_gateway(
    own: Conn, wiring: Wiring, gateway: Gateway, portal_id: int, known: bool
) -> None:
    at = datetime.now(UTC)
    if known:
        opt_outs.add(own, portal_id, RECIPIENT.e164, source=ConsentSource.STOP, text="STOP", at=at)
        own.commit()
    held = gateway.fault("hold_before", "/blacklist", "GET")
    with ThreadPoolExecutor(1) as threads:
        removing = threads.submit(remove_from_stop_list, wiring, portal_id, RECIPIENT.e164)
        gateway.wait_for_hit(held)
        again = ReceivedStop("c1", RECIPIENT.e164, "STOP", at + timedelta(seconds=1), "later", payload={})
        assert receive_stop(own, again) == "stored"
        own.commit()
        gateway.release(held)
        with pytest.raises(Refusal) as refusal:
            removing.result()
    assert refusal.value == Refusal(Code.OPTED_OUT_AGAIN, number=RECIPIENT.e164)
    assert RECIPIENT.e164 in listed(wiring, gateway)


def test_older_stop_that_is_told_late_does_not_replace_the_newer(own: Conn, portal_id: int) -> None:
    at = datetime.now(UTC)
    for said, when in (("newer", at), ("older", at - timedelta(hours=1))):
        opt_outs.add(own, portal_id, RECIPIENT.e164, source=ConsentSource.STOP, text=said, at=when)
    stored = own.execute("SELECT text, opted_out_at FROM opt_outs").fetchall()
    assert stored == [{"text": "newer", "opted_out_at": at}]
    own.rollback()


def marks(own: Conn) -> list[str]:
    rows = own.execute("SELECT flags->>'smsfactor_is_stop' AS mark FROM record_writes").fetchall()
    own.commit()
    return [row["mark"] for row in rows]
