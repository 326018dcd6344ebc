"""The numbers on a card, read from HubSpot's simulator: their selection, labels, order and limit."""

from typing import Any

import pytest
from flask import Flask

from backend.tests.integration.view_calls import ask, open_card
from connector import create_app
from connector.domain import objects
from connector.store.database import Conn
from connector.store.portals import portals
from connector.wiring import Wiring
from sandbox.hubspot_sim.testing import HubSpot
from sandbox.hubspot_sim.world import PORTAL_ID

CONTACT, COMPANY, DEAL = objects.CONTACT.id, objects.COMPANY.id, objects.DEAL.id
LABELS = {CONTACT: "Portable pro", COMPANY: "Standard mobile"}
MOBILE, LANDLINE = "06 12 34 {:02d} {:02d}", "01 40 20 {:02d} {:02d}"
# HubSpot's association types from a deal.
TO_CONTACT, TO_COMPANY, TO_PRIMARY_COMPANY = 3, 341, 5


@pytest.fixture
def app(connected: Wiring, hubspot: HubSpot) -> Flask:
    made = create_app(connected.settings, connected)
    hubspot.control("POST", "api-calls/reset")
    return made


@pytest.fixture
def own_properties(own: Conn, connected: Wiring, hubspot: HubSpot) -> None:
    """The portal stores its numbers in a custom property beside HubSpot's."""
    for kind, group in ((CONTACT, "contactinformation"), (COMPANY, "companyinformation")):
        body = {
            "name": "portable_pro",
            "label": LABELS[kind],
            "type": "string",
            "fieldType": "phonenumber",
            "groupName": group,
        }
        hubspot.control("POST", f"properties/{kind}", body)
    prefer(own, phone_properties=["portable_pro"], company_phone_properties=["portable_pro", "phone"])
    hubspot.control("POST", "api-calls/reset")


def prefer(own: Conn, **values: Any) -> None:
    portals.save_preferences(own, PORTAL_ID, values)
    own.commit()


def made(hubspot: HubSpot, kind: str, *associated: tuple[str, int], **properties: str) -> str:
    """Create a record; `associated`: ids and association types. Returns its id."""
    body = {
        "properties": properties,
        "associations": [
            {
                "to": {"id": other},
                "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}],
            }
            for other, type_id in associated
        ],
    }
    record_id: str = hubspot.control("POST", f"records/{kind}", body)["id"]
    return record_id


def calls(hubspot: HubSpot) -> int:
    """Number of calls that HubSpot has answered since the previous query."""
    count: int = hubspot.control("GET", "api-calls")["total"]
    hubspot.control("POST", "api-calls/reset")
    return count


def names(card: dict[str, Any]) -> list[str]:
    return [number["owner_name"] for number in card["numbers"]]


# --- selection and labels of properties


@pytest.mark.parametrize("kind", [CONTACT, COMPANY])
def test_own_property_has_hubspots_label(
    app: Flask, own_properties: None, hubspot: HubSpot, kind: str
) -> None:
    record = made(hubspot, kind, portable_pro=MOBILE.format(1, 1))
    card = open_card(app, kind, record)
    assert [(n["property"], n["property_label"]) for n in card["numbers"]] == [("portable_pro", LABELS[kind])]
    own = {"object_type_id": kind, "name": "portable_pro", "label": LABELS[kind]}
    phone = {"object_type_id": COMPANY, "name": "phone", "label": None}
    assert card["phone_properties"] == ([own] if kind == CONTACT else [own, phone])


def test_deal_tells_which_properties_of_its_people_count(
    app: Flask, own_properties: None, hubspot: HubSpot
) -> None:
    contact = made(hubspot, CONTACT, firstname="Zoé", mobilephone=MOBILE.format(1, 1))
    company = made(hubspot, COMPANY, name="Lumen", portable_pro=MOBILE.format(1, 2))
    card = open_card(
        app, DEAL, made(hubspot, DEAL, (contact, TO_CONTACT), (company, TO_PRIMARY_COMPANY), dealname="x")
    )
    assert [(n["owner_name"], n["property_label"]) for n in card["numbers"]] == [("Lumen", LABELS[COMPANY])]
    told = [(p["object_type_id"], p["name"], p["label"]) for p in card["phone_properties"]]
    assert told == [
        (CONTACT, "portable_pro", LABELS[CONTACT]),
        (COMPANY, "portable_pro", LABELS[COMPANY]),
        (COMPANY, "phone", None),
    ]


def test_labels_cost_one_call_a_day(app: Flask, own: Conn, own_properties: None, hubspot: HubSpot) -> None:
    record = made(hubspot, CONTACT, portable_pro=MOBILE.format(1, 1))
    assert [open_card(app, CONTACT, record) and calls(hubspot) for _ in range(3)] == [2, 1, 1]
    own.execute("UPDATE property_lists SET read_at = now() - interval '1 day'")
    own.commit()
    open_card(app, CONTACT, record)
    assert calls(hubspot) == 2


@pytest.mark.parametrize("kind", [CONTACT, COMPANY])
def test_hubspots_own_properties_cost_no_call(app: Flask, hubspot: HubSpot, kind: str) -> None:
    card = open_card(app, kind, made(hubspot, kind, phone=MOBILE.format(1, 1)))
    assert [number["property_label"] for number in card["numbers"]] == [None]
    assert calls(hubspot) == 1


def test_card_opens_without_labels(app: Flask, own_properties: None, hubspot: HubSpot) -> None:
    record = made(hubspot, CONTACT, portable_pro=MOBILE.format(1, 1))
    hubspot.control("POST", "faults", {"kind": "status", "path": "/crm/properties/*", "status": 503})
    card = open_card(app, CONTACT, record)
    assert [(n["property"], n["property_label"]) for n in card["numbers"]] == [("portable_pro", None)]


# --- many numbers


def test_forty_numbers_of_twenty_contacts_are_all_offered(app: Flask, hubspot: HubSpot) -> None:
    people = [
        made(hubspot, CONTACT, firstname=f"P{n}", mobilephone=MOBILE.format(n, 1), phone=MOBILE.format(n, 2))
        for n in range(20)
    ]
    card = open_card(app, DEAL, made(hubspot, DEAL, *((one, TO_CONTACT) for one in people), dealname="x"))
    assert (len(card["numbers"]), card["numbers_left_out"]) == (40, 0)


def test_usable_number_is_found_behind_those_that_are_not(app: Flask, hubspot: HubSpot) -> None:
    landlines = [made(hubspot, CONTACT, phone=LANDLINE.format(n // 100, n % 100)) for n in range(120)]
    last = made(hubspot, CONTACT, firstname="Inès", mobilephone=MOBILE.format(1, 1))
    deal = made(hubspot, DEAL, *((one, TO_CONTACT) for one in (*landlines, last)), dealname="x")
    card = open_card(app, DEAL, deal)
    first, *others = card["numbers"]
    assert first["owner_name"] == "Inès"
    assert {number["error"]["code"] for number in others} == {"number_not_mobile"}
    assert card["numbers_left_out"] == 121 - len(card["numbers"]) > 0


def test_people_who_were_not_asked_are_told_of(app: Flask, hubspot: HubSpot) -> None:
    people = [made(hubspot, CONTACT, firstname="Sans numéro") for _ in range(101)]
    first = made(hubspot, CONTACT, firstname="Inès", mobilephone=MOBILE.format(1, 1))
    deal = made(hubspot, DEAL, *((one, TO_CONTACT) for one in (first, *people)), dealname="x")
    card = open_card(app, DEAL, deal)
    assert (names(card), card["numbers_left_out"]) == (["Inès"], 2)


def test_primary_company_comes_first(app: Flask, hubspot: HubSpot) -> None:
    other, primary = (
        made(hubspot, COMPANY, name=name, phone=MOBILE.format(2, n))
        for n, name in enumerate(("Autre", "Principale"))
    )
    deal = made(hubspot, DEAL, (other, TO_COMPANY), (primary, TO_PRIMARY_COMPANY), dealname="x")
    assert names(open_card(app, DEAL, deal)) == ["Principale", "Autre"]


# --- the country of the record


def test_number_is_read_in_the_country_of_its_record(app: Flask, hubspot: HubSpot) -> None:
    british = made(hubspot, "contacts", mobilephone="07911 123456", country="Royaume-Uni")
    [number] = open_card(app, CONTACT, british)["numbers"]
    assert (number["recipient"], number["is_ambiguous"]) == ("+447911123456", False)


def test_number_of_a_handset_in_two_countries_is_offered_twice_and_sent_as_chosen(
    app: Flask, own: Conn, hubspot: HubSpot
) -> None:
    swiss = made(hubspot, "contacts", mobilephone="079 123 45 67", country="Switzerland")
    numbers = open_card(app, CONTACT, swiss)["numbers"]
    assert [(n["recipient"], n["country"], n["is_ambiguous"]) for n in numbers] == [
        ("+41791234567", "CH", True),
        ("+33791234567", "FR", True),
    ]
    for recipient in ("+33791234567", "+41791234567"):
        answer = ask(app, "/card/send", a_message(swiss, recipient))
        assert answer["ok"], answer
        assert answer["data"]["message"]["recipient"] == recipient
    assert ask(app, "/card/send", a_message(swiss, "+41791234568"))["error"]["code"] == "number_changed"


def test_contact_of_a_deal_is_read_in_its_own_country(app: Flask, hubspot: HubSpot) -> None:
    belgian = made(hubspot, "contacts", mobilephone="0470 12 34 56", country="Belgique")
    deal = made(hubspot, "deals", (belgian, TO_CONTACT), dealname="Essai")
    assert [n["recipient"] for n in open_card(app, DEAL, deal)["numbers"]] == ["+32470123456"]


def test_number_that_receives_no_sms_says_why(app: Flask, hubspot: HubSpot) -> None:
    numbers = ("+1 900 234 5678", "01 42 68 53 00 ext. 4")
    shop = made(hubspot, "contacts", mobilephone=numbers[0], phone=numbers[1])
    errors = {n["raw"]: n["error"]["code"] for n in open_card(app, CONTACT, shop)["numbers"]}
    assert errors == {numbers[0]: "number_special_rate", numbers[1]: "number_extension"}


def a_message(record_id: str, recipient: str) -> dict[str, Any]:
    return {
        "object_type_id": CONTACT,
        "object_id": record_id,
        "property": "mobilephone",
        "recipient": recipient,
        "push_type": "alert",
        "sender": None,
        "unicode": False,
        "text": "Votre colis est là",
        "idempotency_key": f"{record_id}{recipient}",
    }
