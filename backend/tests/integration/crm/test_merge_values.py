"""Values of merge fields on the card: formats, people, properties created just now, names of no property (F2.5)."""

from typing import Any

import pytest
from flask import Flask

from backend.tests.integration.view_calls import ask
from connector import create_app
from connector.domain import objects
from connector.hubspot.payloads import PropertyDefinition, PropertyOption
from connector.store.database import Conn
from connector.wiring import Wiring
from sandbox.hubspot_sim.testing import HubSpot
from sandbox.hubspot_sim.world import PORTAL_ID

CONTACT, COMPANY, DEAL = objects.CONTACT.id, objects.COMPANY.id, objects.DEAL.id
MOBILE = "+33612340199"


@pytest.fixture
def app(connected: Wiring) -> Flask:
    return create_app(connected.settings, connected)


def made(hubspot: HubSpot, object_type_id: str, **properties: str) -> str:
    return str(hubspot.control("POST", f"records/{object_type_id}", {"properties": properties})["id"])


def deal_with(hubspot: HubSpot, contact: str, **properties: str) -> str:
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}]
    associations = [{"to": {"id": contact}, "types": types}]
    body = {"properties": {"dealname": "x", **properties}, "associations": associations}
    return str(hubspot.control("POST", "records/0-3", body)["id"])


def create(connected: Wiring, name: str, type_: str, field_type: str, **options: str) -> None:
    choices = [PropertyOption(label, value) for value, label in options.items()]
    definition = PropertyDefinition(
        name, name.title(), "contactinformation", type_, field_type, options=choices
    )
    connected.hubspot.call_portal(
        PORTAL_ID, lambda client: client.create_properties("contacts", [definition])
    )


def previewed(app: Flask, record: tuple[str, str], text: str, person: tuple[str, str] | None = None) -> Any:
    """The text of a preview, or its error."""
    owner = person or record
    body = {
        "object_type_id": record[0],
        "object_id": record[1],
        "property": "phone" if owner[0] == COMPANY else "mobilephone",
        "number_object_type_id": owner[0],
        "number_object_id": owner[1],
        "recipient": MOBILE,
        "push_type": "alert",
        "sender": None,
        "unicode": False,
        "text": text,
    }
    answer = ask(app, "/card/preview", body)
    return answer["data"]["text"] if answer["ok"] else answer["error"]


def test_an_owner_is_a_name(app: Flask, hubspot: HubSpot) -> None:
    contact = made(hubspot, CONTACT, mobilephone=MOBILE, hubspot_owner_id="41629702")
    assert previewed(app, (CONTACT, contact), "Votre conseiller : {{hubspot_owner_id}}") == (
        "Votre conseiller : Karim Benoît"
    )


def test_an_owner_whom_hubspot_does_not_know_is_no_value(app: Flask, hubspot: HubSpot) -> None:
    contact = made(hubspot, CONTACT, mobilephone=MOBILE, hubspot_owner_id="999")
    assert previewed(app, (CONTACT, contact), "{{hubspot_owner_id|Nous}}") == "Nous"
    error = previewed(app, (CONTACT, contact), "{{hubspot_owner_id}}")
    assert (error["code"], error["params"]["names"]) == ("property_missing", ["hubspot_owner_id"])


def test_without_the_scope_of_owners_the_property_is_named(app: Flask, own: Conn, hubspot: HubSpot) -> None:
    own.execute("UPDATE portals SET scopes = array_remove(scopes, 'crm.objects.owners.read')")
    own.commit()
    contact = made(hubspot, CONTACT, mobilephone=MOBILE, hubspot_owner_id="41629702")
    error = previewed(app, (CONTACT, contact), "{{hubspot_owner_id|Nous}}")
    assert (error["code"], error["params"]["names"]) == ("property_unreadable", ["hubspot_owner_id"])


def test_an_amount_has_the_deals_currency_or_else_the_portals(app: Flask, hubspot: HubSpot) -> None:
    contact = made(hubspot, CONTACT, mobilephone=MOBILE)
    person = (CONTACT, contact)
    plain = deal_with(hubspot, contact, amount="8400")
    swiss = deal_with(hubspot, contact, amount="8400.5", deal_currency_code="CHF")
    assert previewed(app, (DEAL, plain), "{{amount}}", person) == "8 400 €"
    assert previewed(app, (DEAL, swiss), "{{amount}}", person) == "8 400,50 CHF"


def test_a_deal_offers_the_properties_of_the_person_texted(app: Flask, hubspot: HubSpot) -> None:
    contact = made(hubspot, CONTACT, mobilephone=MOBILE, firstname="Camille", hubspot_owner_id="41629701")
    deal = deal_with(hubspot, contact)
    text = "{{contact.firstname}}, {{dealname}}, {{contact.hubspot_owner_id}}, {{company.name|sans société}}"
    assert (
        previewed(app, (DEAL, deal), text, (CONTACT, contact)) == "Camille, x, Margaux Delattre, sans société"
    )


def test_a_property_created_just_now_is_read_as_others_are(
    app: Flask, connected: Wiring, hubspot: HubSpot
) -> None:
    contact = made(hubspot, CONTACT, mobilephone=MOBILE, firstname="Camille")
    assert previewed(app, (CONTACT, contact), "{{firstname}}") == "Camille"  # the definitions are cached now
    create(connected, "visite_le", "datetime", "date")
    create(connected, "note_riche", "string", "html")
    create(connected, "vip", "bool", "booleancheckbox", true="Oui", false="Non")
    outdate_definitions(connected)
    visited = made(
        hubspot,
        CONTACT,
        mobilephone=MOBILE,
        visite_le="2026-12-24T08:00:00.000Z",
        note_riche="<p>Sonner <b>deux</b> fois</p>",
        vip="true",
    )
    text = "{{visite_le}} {{note_riche}} {{vip}}"
    assert previewed(app, (CONTACT, visited), text) == "24/12/2026 09:00 Sonner deux fois Oui"


def outdate_definitions(connected: Wiring) -> None:
    """A minute passes for the cached definitions: they are still in use, and may be asked anew."""
    with connected.pool.connection() as conn:
        conn.execute("UPDATE property_lists SET read_at = read_at - interval '1 minute'")


@pytest.mark.parametrize("name", ["prenom", "contact.prenom", "company.name", "owner.email"])
def test_a_name_of_no_property_is_refused_by_name_also_with_a_fallback(
    app: Flask, hubspot: HubSpot, name: str
) -> None:
    contact = made(hubspot, CONTACT, mobilephone=MOBILE)
    error = previewed(app, (CONTACT, contact), f"Bonjour {{{{{name}|cher client}}}}")
    assert error == {"code": "property_unknown", "params": {"names": [name], "object": "contact"}}


def test_a_contacts_text_on_a_company_is_refused_by_name(app: Flask, hubspot: HubSpot) -> None:
    company = made(hubspot, COMPANY, name="Lumen", phone=MOBILE)
    error = previewed(app, (COMPANY, company), "Bonjour {{firstname|cher client}}")
    assert error == {"code": "property_unknown", "params": {"names": ["firstname"], "object": "company"}}


def test_an_unknown_name_asks_hubspot_once_for_a_while(
    app: Flask, connected: Wiring, hubspot: HubSpot
) -> None:
    contact = made(hubspot, CONTACT, mobilephone=MOBILE, firstname="Camille")
    previewed(app, (CONTACT, contact), "{{firstname}}")
    outdate_definitions(connected)
    hubspot.control("POST", "api-calls/reset")
    for typed in ("{{p}}", "{{pr}}", "{{pre}}"):
        assert previewed(app, (CONTACT, contact), typed)["code"] == "property_unknown"
    families = hubspot.control("GET", "api-calls")["families"]
    assert families["properties"]["calls"] == 1


def test_a_time_zone_that_the_data_does_not_know_is_utc_and_a_problem(
    app: Flask, own: Conn, hubspot: HubSpot
) -> None:
    own.execute("UPDATE portals SET time_zone = 'US/Pacific-New'")
    own.commit()
    contact = made(hubspot, CONTACT, mobilephone=MOBILE, closedate="2026-12-24T08:00:00Z")
    assert previewed(app, (CONTACT, contact), "{{closedate}}") == "24/12/2026 08:00"
    card = ask(app, "/card/open", {"object_type_id": CONTACT, "object_id": contact})["data"]
    assert card["time_zone"] == "UTC"
    assert card["account"]["problem"] == {"code": "time_zone_unknown", "params": {"zone": "US/Pacific-New"}}
