"""A view's reads from HubSpot: their number, their deadline, and the answers when HubSpot fails or refuses."""

import time
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from backend.tests.integration.view_calls import ask, open_card
from connector import create_app
from connector.crm import records
from connector.crm.record_cache import RecordCache
from connector.domain import objects
from connector.hubspot.client import HubSpotApi
from connector.store.database import Conn
from connector.store.portals import problems
from connector.wiring import Wiring
from sandbox.hubspot_sim.testing import HubSpot
from sandbox.hubspot_sim.world import PORTAL_ID

CONTACT, DEAL = objects.CONTACT.id, objects.DEAL.id
CAMILLE, OTHER = "+33612340101", "+33612340102"
PREVIEW, SEND = "/card/preview", "/card/send"
UNAVAILABLE = {"ok": False, "error": {"code": "hubspot_unavailable", "params": {}}}


@pytest.fixture
def app(connected: Wiring) -> Flask:
    return create_app(connected.settings, connected)


@pytest.fixture
def contact(hubspot: HubSpot) -> str:
    body = {"properties": {"firstname": "Camille", "mobilephone": CAMILLE}}
    record_id: str = hubspot.control("POST", "records/0-1", body)["id"]
    return record_id


@pytest.fixture
def deal(hubspot: HubSpot, contact: str) -> str:
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}]
    body = {"properties": {"dealname": "x"}, "associations": [{"to": {"id": contact}, "types": types}]}
    record_id: str = hubspot.control("POST", "records/0-3", body)["id"]
    return record_id


def message(record: tuple[str, str], person: str, **changes: Any) -> dict[str, Any]:
    """An SMS to the mobile of a contact, from a record."""
    return {
        "object_type_id": record[0],
        "object_id": record[1],
        "property": "mobilephone",
        "number_object_type_id": CONTACT,
        "number_object_id": person,
        "recipient": CAMILLE,
        "push_type": "alert",
        "sender": None,
        "unicode": False,
        "text": "Bonjour",
        **changes,
    }


def calls(hubspot: HubSpot) -> int:
    """Calls that HubSpot has received since the previous query."""
    count: int = hubspot.control("GET", "api-calls")["total"]
    hubspot.control("POST", "api-calls/reset")
    return count


def fault(hubspot: HubSpot, kind: str, path: str = "/crm/*", **details: Any) -> None:
    hubspot.control("POST", "faults", {"kind": kind, "path": path, "count": 100, **details})


def edit(hubspot: HubSpot, contact: str, **properties: str) -> None:
    """Change the contact as a user does on its page."""
    answer = hubspot.call("PATCH", f"/sandbox-api/records/0-1/{contact}", json={"properties": properties})
    assert answer.status_code == 200, answer.text


# --- number of reads


def test_previews_of_one_text_read_the_record_once(
    app: Flask, hubspot: HubSpot, contact: str, deal: str
) -> None:
    for record, cost in (((CONTACT, contact), 1), ((DEAL, deal), 3)):
        calls(hubspot)
        told = [ask(app, PREVIEW, message(record, contact, text=f"Bonjour{'!' * n}"))["ok"] for n in range(4)]
        assert (told, calls(hubspot)) == ([True] * 4, cost)


def test_cached_record_is_read_again_after_a_while(app: Flask, hubspot: HubSpot, contact: str) -> None:
    app.extensions["record_cache"] = RecordCache(max_age_s=0.0)
    calls(hubspot)
    for _ in range(2):
        assert ask(app, PREVIEW, message((CONTACT, contact), contact))["ok"]
        assert calls(hubspot) == 1


def test_few_records_are_cached(app: Flask, hubspot: HubSpot, contact: str, deal: str) -> None:
    app.extensions["record_cache"] = RecordCache(max_records=1)
    for record, cost in (((CONTACT, contact), 1), ((DEAL, deal), 3), ((CONTACT, contact), 1)):
        calls(hubspot)
        assert ask(app, PREVIEW, message(record, contact))["ok"]
        assert calls(hubspot) == cost


def test_number_that_is_changed_meanwhile_stops_the_sms(app: Flask, hubspot: HubSpot, contact: str) -> None:
    """A preview may use cached values; a sent SMS must not."""
    asked = message((CONTACT, contact), contact)
    assert ask(app, PREVIEW, asked)["ok"]
    edit(hubspot, contact, mobilephone=OTHER)
    assert ask(app, PREVIEW, asked)["ok"]
    refused = ask(app, SEND, {**asked, "idempotency_key": "key-of-the-test"})
    assert refused["error"]["code"] == "number_changed"


def test_what_the_card_has_read_anew_is_not_previewed_as_it_was(
    app: Flask, hubspot: HubSpot, contact: str
) -> None:
    asked = message((CONTACT, contact), contact)
    assert ask(app, PREVIEW, asked)["ok"]
    edit(hubspot, contact, mobilephone=OTHER)
    open_card(app, CONTACT, contact)
    assert ask(app, PREVIEW, asked)["error"]["code"] == "number_changed"
    assert ask(app, PREVIEW, {**asked, "recipient": OTHER})["ok"]


@pytest.mark.parametrize("mended", [{"mobilephone": OTHER}, {"lastname": "Moreau"}])
def test_nothing_is_refused_for_what_has_been_mended(
    connected: Wiring, app: Flask, hubspot: HubSpot, contact: str, mended: dict[str, str]
) -> None:
    """This holds even if another process opened the card, which cannot clear this process's cache."""
    text = "Bonjour {{lastname}}" if "lastname" in mended else "Bonjour"
    asked = message((CONTACT, contact), contact, text=text)
    ask(app, PREVIEW, asked)
    edit(hubspot, contact, **mended)
    open_card(create_app(connected.settings, connected), CONTACT, contact)
    now = {**asked, "recipient": mended.get("mobilephone", CAMILLE)}
    assert ask(app, PREVIEW, now)["ok"]


# --- deadlines


def test_views_do_not_wait_as_long_as_lanes_do(connected: Wiring, hubspot: HubSpot, contact: str) -> None:
    nobody = HubSpotApi("http://127.0.0.1:9")
    app = create_app(connected.settings, replace(connected, hubspot=replace(connected.hubspot, api=nobody)))
    assert open_card(app, CONTACT, contact)["numbers"][0]["recipient"] == CAMILLE
    hurried = replace(connected.hubspot, interactive_api=HubSpotApi(hubspot.url, timeout_s=0.3))
    hasty = replace(connected, hubspot=hurried)
    fault(hubspot, "timeout_before")
    card = {"object_type_id": CONTACT, "object_id": contact}
    assert ask(create_app(connected.settings, hasty), "/card/open", card) == UNAVAILABLE


@pytest.mark.parametrize("path", ["/card/open", PREVIEW, SEND])
def test_slow_hubspot_is_given_up_in_time_for_all_its_calls_together(
    app: Flask, hubspot: HubSpot, contact: str, deal: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of a deal's three calls is answered in time, but together they take too long."""
    monkeypatch.setattr(records, "READING_S", 2.0)
    fault(hubspot, "slow", delay_s=0.9)
    body = message((DEAL, deal), contact)
    if path == SEND:
        body["idempotency_key"] = "key-of-the-test"
    if path == "/card/open":
        body = {name: body[name] for name in ("object_type_id", "object_id")}
    calls(hubspot)
    began = time.monotonic()
    assert ask(app, path, body) == UNAVAILABLE
    assert time.monotonic() - began >= 0.9  # the first call was answered
    hubspot.control("DELETE", "faults")
    answer = ask(app, path, body)
    assert answer["ok"]
    assert answer["data"].get("repeated") in (None, False)  # no message had been stored


# --- answers


@pytest.mark.parametrize(
    ("status", "category", "code"),
    [
        (403, "MISSING_SCOPES", "hubspot_scope_missing"),
        (400, "VALIDATION_ERROR", "hubspot_refused"),
        (403, "BANNED", "hubspot_refused"),
        (404, "OBJECT_NOT_FOUND", "record_not_found"),
        (429, "RATE_LIMITS", "hubspot_unavailable"),
        (503, "", "hubspot_unavailable"),
    ],
)
def test_fault_of_hubspot_is_told_for_what_it_is(
    app: Flask, own: Conn, hubspot: HubSpot, contact: str, status: int, category: str, code: str
) -> None:
    said = {"status": "error", "category": category, "message": "no", "correlationId": "c"}
    fault(hubspot, "status", status=status, body=said)
    card = {"object_type_id": CONTACT, "object_id": contact}
    assert ask(app, "/card/open", card)["error"]["code"] == code
    is_lasting = code == "hubspot_scope_missing"
    assert [one["code"] for one in problems.open_problems(own, PORTAL_ID)] == [code] * is_lasting
