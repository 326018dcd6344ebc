"""Property definitions and groups: creating them, reading them, and the values they allow."""

from typing import Any

import pytest

from sandbox.hubspot_sim.testing import HubSpot

PROPERTIES = "/crm/properties/2026-09/contacts"
CONTACT = "/crm/objects/2026-09/contacts/501"
YES_NO = [
    {"label": "Oui", "value": "true", "displayOrder": 0, "hidden": False},
    {"label": "Non", "value": "false", "displayOrder": 1, "hidden": False},
]


@pytest.fixture(name="hubspot")
def _hubspot(installed: HubSpot) -> HubSpot:
    installed.api("POST", f"{PROPERTIES}/groups", {"name": "smsfactor", "label": "SMSFactor"})
    return installed


def definition(name: str, value_type: str, field_type: str, **more: Any) -> dict[str, Any]:
    fixed = {"name": name, "label": name.title(), "type": value_type, "fieldType": field_type}
    return {**fixed, "groupName": "smsfactor", **more}


def test_a_group_is_made_once(hubspot: HubSpot) -> None:
    groups = hubspot.api("GET", f"{PROPERTIES}/groups").json()["results"]
    assert [group["name"] for group in groups] == ["contactinformation", "smsfactor"]
    again = hubspot.api("POST", f"{PROPERTIES}/groups", {"name": "smsfactor", "label": "x"})
    assert again.status_code == 409
    assert hubspot.api("GET", f"{PROPERTIES}/groups/smsfactor").json()["label"] == "SMSFactor"
    assert hubspot.api("GET", f"{PROPERTIES}/groups/nope").status_code == 404


def test_a_property_is_made_once_and_can_be_read(hubspot: HubSpot) -> None:
    wanted = definition("is_stop", "bool", "booleancheckbox", options=YES_NO, description="Fait par l'app")
    made = hubspot.api("POST", PROPERTIES, wanted)
    assert made.status_code == 201
    assert made.json()["hubspotDefined"] is False
    read = hubspot.api("GET", f"{PROPERTIES}/is_stop").json()
    assert read == made.json()
    assert [option["value"] for option in read["options"]] == ["true", "false"]
    again = hubspot.api("POST", PROPERTIES, wanted)
    assert (again.status_code, again.json()["category"]) == (409, "OBJECT_ALREADY_EXISTS")


def test_a_batch_makes_what_is_missing(hubspot: HubSpot) -> None:
    first = definition("last_text", "string", "textarea")
    second = definition("last_date", "datetime", "date")
    assert hubspot.api("POST", f"{PROPERTIES}/batch/create", {"inputs": [first]}).status_code == 200
    answer = hubspot.api("POST", f"{PROPERTIES}/batch/create", {"inputs": [first, second]})
    assert answer.status_code == 207
    assert [made["name"] for made in answer.json()["results"]] == ["last_date"]
    assert answer.json()["errors"][0]["context"] == {"name": ["last_text"]}
    body = {"archived": False, "inputs": [{"name": "last_date"}, {"name": "nope"}]}
    read = hubspot.api("POST", f"{PROPERTIES}/batch/read", body)
    assert (read.status_code, [found["name"] for found in read.json()["results"]]) == (207, ["last_date"])


def test_one_ill_formed_definition_refuses_the_batch(hubspot: HubSpot) -> None:
    inputs = [definition("fine", "string", "text"), definition("Bad Name", "string", "text")]
    assert hubspot.api("POST", f"{PROPERTIES}/batch/create", {"inputs": inputs}).status_code == 400
    assert hubspot.api("GET", f"{PROPERTIES}/fine").status_code == 404


def test_a_new_property_checks_its_values(hubspot: HubSpot) -> None:
    options = [{"label": "Envoyé", "value": "sent", "displayOrder": 0, "hidden": False}]
    inputs = [
        definition("state", "enumeration", "select", options=options),
        definition("day", "date", "date"),
        definition("kinds", "enumeration", "checkbox", options=[*options, *YES_NO]),
        definition("is_stop", "bool", "booleancheckbox", options=YES_NO),
        definition("cost", "number", "number"),
    ]
    assert hubspot.api("POST", f"{PROPERTIES}/batch/create", {"inputs": inputs}).status_code == 200

    def patch(**properties: Any) -> int:
        return hubspot.api("PATCH", CONTACT, {"properties": properties}).status_code

    assert patch(state="sent", day="2026-11-23", kinds="sent;true", is_stop="true", cost="-1.5") == 200
    assert patch(day="1795392000000", is_stop=False, cost="1e3") == 200
    for wrong in (
        {"state": "Envoyé"}, {"day": "1795426262114"}, {"day": "23/11/2026"}, {"kinds": "sent;nope"},
        {"is_stop": "yes"}, {"is_stop": "TRUE"}, {"cost": "1,5"}, {"cost": "NaN"},
    ):  # fmt: skip
        assert patch(**wrong) == 400, wrong
    kept = hubspot.control("GET", "records/contacts/501")["properties"]
    assert (kept["state"], kept["day"], kept["kinds"], kept["is_stop"], kept["cost"]) == (
        "sent",
        "2026-11-23",
        "sent;true",
        "false",
        "1e3",
    )


def test_a_unique_property_identifies_a_record(hubspot: HubSpot) -> None:
    hubspot.api("POST", PROPERTIES, definition("client_ref", "string", "text", hasUniqueValue=True))
    hubspot.api("PATCH", CONTACT, {"properties": {"client_ref": "R-1"}})
    path = "/crm/objects/2026-09/contacts"
    assert hubspot.api("GET", f"{path}/R-1?idProperty=client_ref").json()["id"] == "501"
    taken = hubspot.api("PATCH", f"{path}/502", {"properties": {"client_ref": "R-1"}})
    assert taken.status_code == 409


def test_labels_follow_the_session_language(hubspot: HubSpot) -> None:
    def label(name: str) -> str:
        return str(hubspot.api("GET", f"{PROPERTIES}/{name}").json()["label"])

    hubspot.api("POST", PROPERTIES, definition("note", "string", "text", label="SMSFactor - Note"))
    assert label("mobilephone") == "Numéro de téléphone portable"
    hubspot.call("POST", "/sandbox-api/session", json={"language": "en"})
    assert label("mobilephone") == "Mobile phone number"
    assert label("note") == "SMSFactor - Note"


def test_each_type_has_its_own_properties(hubspot: HubSpot) -> None:
    names = {
        kind: {
            found["name"] for found in hubspot.api("GET", f"/crm/properties/2026-09/{kind}").json()["results"]
        }
        for kind in ("contacts", "companies", "deals")
    }
    assert "mobilephone" in names["contacts"]
    assert "mobilephone" not in names["companies"]
    assert "dealstage" in names["deals"]


def test_a_test_makes_a_property_without_a_token(hubspot: HubSpot) -> None:
    body = {"name": "portable_pro", "label": "Portable pro", "type": "string", "fieldType": "phonenumber"}
    hubspot.control("POST", "properties/contacts", {**body, "groupName": "contactinformation"})
    page = hubspot.call("GET", "/sandbox-api/records/0-1/501").json()
    assert "Portable pro" in [found["label"] for found in page["definitions"]]


@pytest.mark.parametrize("batch", ["207", "atomic"])
def test_an_object_type_takes_a_limited_number_of_custom_properties(hubspot: HubSpot, batch: str) -> None:
    """HubSpot's own properties do not count; the limit is that of one object type."""
    hubspot.settings(custom_properties_max=2, property_batch=batch)
    assert hubspot.api("POST", PROPERTIES, definition("first", "string", "text")).status_code == 201
    two_more = [definition(name, "string", "text") for name in ("second", "third")]
    answer = hubspot.api("POST", f"{PROPERTIES}/batch/create", {"inputs": two_more})
    made = [found["name"] for found in hubspot.api("GET", PROPERTIES).json()["results"]]
    assert (answer.status_code, "second" in made) == ((207, True) if batch == "207" else (400, False))
    assert "third" not in made
    full = hubspot.api("POST", PROPERTIES, definition("fourth", "string", "text"))
    assert full.status_code == (400 if batch == "207" else 201)
    hubspot.settings(custom_properties_max=0)
    refused = hubspot.api("POST", PROPERTIES, definition("fifth", "string", "text"))
    assert (refused.status_code, refused.json()["subCategory"]) == (400, "Properties.PROPERTY_LIMIT_REACHED")
