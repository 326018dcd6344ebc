"""« Non » in the opt-out property: in the empty one of a texted record, never over a user's « Oui » (F4.1, B3)."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.tests.factories import a_consent
from backend.tests.integration.conftest import drain, install
from backend.tests.integration.crm.test_sync import put_record, values_of, write_all
from connector.store.consent import opt_outs
from connector.store.consent.opt_outs import Author
from connector.store.crm import record_numbers
from connector.store.database import Conn
from connector.use_cases.consent.note_opt_outs import RecordOptOut, record_opt_out
from connector.use_cases.consent.record_consent import record_consent
from connector.wiring import Wiring
from sandbox.hubspot_sim.testing import HubSpot
from sandbox.hubspot_sim.world import PORTAL_ID

RECORD, NUMBER, STOP = "501", "+33612345678", "smsfactor_is_stop"
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.fixture
def ready(alone: Wiring, own: Conn, hubspot: HubSpot) -> Wiring:
    wiring = install(alone, own, hubspot)
    drain(wiring)
    record_numbers.add(own, PORTAL_ID, [(NUMBER, "0-1", RECORD)])
    own.commit()
    return wiring


def text_again(own: Conn, wiring: Wiring, minute: int) -> None:
    """An SMS to the record was accepted, and its values are written."""
    put_record(own, RECORD, f"numéro {minute}", NOON + timedelta(minutes=minute))
    write_all(own, wiring)


def by_hand(hubspot: HubSpot, value: str) -> None:
    hubspot.control("PATCH", f"records/contacts/{RECORD}", {"properties": {STOP: value}})


def calls(hubspot: HubSpot) -> int:
    families = hubspot.control("GET", "api-calls")["families"]
    return sum(int(counted["calls"]) for counted in families.values())


def test_texted_record_says_no_once_and_for_all(ready: Wiring, own: Conn, hubspot: HubSpot) -> None:
    text_again(own, ready, 1)
    assert values_of(hubspot, RECORD)[STOP] == "false"


def test_users_yes_is_obeyed_and_stays(ready: Wiring, own: Conn, hubspot: HubSpot) -> None:
    by_hand(hubspot, "true")
    text_again(own, ready, 1)
    assert values_of(hubspot, RECORD)[STOP] == "true"
    assert opt_outs.opted_out(own, PORTAL_ID, [NUMBER]) == {NUMBER}
    own.commit()


def test_users_yes_after_our_no_stays(ready: Wiring, own: Conn, hubspot: HubSpot) -> None:
    """The receipt of an SMS that left before comes later, and writes the other values."""
    text_again(own, ready, 1)
    by_hand(hubspot, "true")
    text_again(own, ready, 2)
    assert values_of(hubspot, RECORD)[STOP] == "true"
    assert values_of(hubspot, RECORD)["smsfactor_last_message_content"] == "numéro 2"


def test_consent_says_no_once_and_a_later_yes_stays(ready: Wiring, own: Conn, hubspot: HubSpot) -> None:
    text_again(own, ready, 1)
    command = RecordOptOut(
        PORTAL_ID, Author(77, None), NUMBER, "", datetime.now(UTC), [(NUMBER, "0-1", RECORD)]
    )
    record_opt_out(own, command)
    own.commit()
    write_all(own, ready)
    assert values_of(hubspot, RECORD)[STOP] == "true"
    record_consent(own, a_consent(own, PORTAL_ID, NUMBER))
    own.commit()
    write_all(own, ready)
    assert values_of(hubspot, RECORD)[STOP] == "false"
    by_hand(hubspot, "true")
    text_again(own, ready, 2)
    assert values_of(hubspot, RECORD)[STOP] == "true"


def test_records_of_one_call_are_read_in_one_call_and_only_once(
    ready: Wiring, own: Conn, hubspot: HubSpot
) -> None:
    hubspot.control("POST", "api-calls/reset")
    for record_id in (RECORD, "502", "503"):
        put_record(own, record_id, "ensemble", NOON)
    write_all(own, ready)
    assert calls(hubspot) == 2, "one read, one write"
    text_again(own, ready, 5)
    assert calls(hubspot) == 3


def test_property_that_was_read_before_is_not_read_again(ready: Wiring, own: Conn, hubspot: HubSpot) -> None:
    hubspot.control("POST", "api-calls/reset")
    put_record(own, RECORD, "un", NOON, stop_empty_at=datetime.now(UTC))
    put_record(own, "502", "deux", NOON, stop_empty_at=datetime.now(UTC))
    write_all(own, ready)
    assert calls(hubspot) == 1
    assert [values_of(hubspot, record_id)[STOP] for record_id in (RECORD, "502")] == ["false", "false"]


def test_property_that_was_read_minutes_ago_is_read_again(ready: Wiring, own: Conn, hubspot: HubSpot) -> None:
    put_record(own, RECORD, "un", NOON, stop_empty_at=datetime.now(UTC) - timedelta(minutes=3))
    by_hand(hubspot, "true")
    write_all(own, ready)
    assert values_of(hubspot, RECORD)[STOP] == "true"
    assert opt_outs.opted_out(own, PORTAL_ID, [NUMBER]) == {NUMBER}
    own.commit()
