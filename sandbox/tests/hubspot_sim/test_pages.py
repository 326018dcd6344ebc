"""The data of the simulator's own pages: session, records, extensions, files."""

from pathlib import Path

import pytest

from sandbox.hubspot_sim.testing import HubSpot, hubspot_in_process

RECORD = "/sandbox-api/records/0-1/501"


def test_the_session(hubspot: HubSpot) -> None:
    session = hubspot.call("GET", "/sandbox-api/session").json()
    assert session["portal"] == {
        "id": 145000001,
        "name": "Atelier Lumen",
        "timezone": "Europe/Paris",
        "language": "fr",
    }
    assert session["user"]["id"] == 77
    assert (session["user"]["language"], session["user"]["locale"]) == ("fr", "fr-fr")
    assert session["user"]["permissions"] == ["integrations-management-write"]
    assert session["app"] == {
        "id": 1234567,
        "name": "Exemple SMS",
        "installed": False,
        "install_url": "http://127.0.0.1:4802/oauth/hubspot/install",
        "settings_path": "/connected-apps/145000001/installed/1234567",
    }
    assert session["gateway"]["token"] == "gateway-token"
    assert session["origins"] == {"https://connector.sandbox.example": "http://127.0.0.1:4802"}


def test_the_language_can_be_chosen(hubspot: HubSpot) -> None:
    changed = hubspot.call("POST", "/sandbox-api/session", json={"language": "en"}).json()
    assert changed["user"]["language"] == "en"
    assert changed["portal"]["language"] == "fr"
    record = hubspot.call("GET", RECORD).json()
    labels = {found["name"]: found["label"] for found in record["definitions"]}
    assert labels["firstname"] == "First name"
    assert record["groups"] == [{"name": "contactinformation", "label": "Contact information"}]
    refused = hubspot.call("POST", "/sandbox-api/session", json={"language": "de"})
    assert refused.status_code == 400


def test_permissions_can_be_taken_away(hubspot: HubSpot) -> None:
    hubspot.settings(user_permissions=[])
    assert hubspot.call("GET", "/sandbox-api/session").json()["user"]["permissions"] == []


def test_records_can_be_listed_and_looked_for(hubspot: HubSpot) -> None:
    page = hubspot.call("GET", "/sandbox-api/records/0-1?limit=2").json()
    assert page["total"] == 30
    assert [row["id"] for row in page["results"]] == ["501", "502"]

    def found(query: str) -> list[str]:
        answer = hubspot.call("GET", "/sandbox-api/records/0-1", params={"q": query}).json()
        return [row["id"] for row in answer["results"]]

    assert found("garnier") == ["503"]
    assert found("camille moreau") == ["501"]
    assert found("06 12 34 56 94") == ["506"]
    assert found("nobody") == []


def test_companies_and_deals_have_lists_too(hubspot: HubSpot) -> None:
    companies = hubspot.call("GET", "/sandbox-api/records/0-2").json()
    assert [row["properties"]["name"] for row in companies["results"]][3] == "La Table d'Hortense"
    deals = hubspot.call("GET", "/sandbox-api/records/0-3", params={"q": "vitrine"}).json()
    assert [(row["id"], row["properties"]["dealstage"]) for row in deals["results"]] == [
        ("1301", "presentationscheduled")
    ]
    stage = next(found for found in deals["definitions"] if found["name"] == "dealstage")
    assert {"label": "Présentation planifiée", "value": "presentationscheduled"} in stage["options"]


def test_a_record_names_what_it_is_associated_with(hubspot: HubSpot) -> None:
    contacts, companies = hubspot.call("GET", "/sandbox-api/records/0-3/1301").json()["associations"]
    assert [row["properties"]["lastname"] for row in contacts["records"]] == ["Moreau", "Gauthier"]
    assert [(row["id"], row["primary"]) for row in companies["records"]] == [("901", True)]
    company = hubspot.call("GET", "/sandbox-api/records/0-2/901").json()
    assert [found["object_type_id"] for found in company["associations"]] == ["0-1", "0-3"]
    hubspot.control("DELETE", "records/contacts/501")
    contacts, _ = hubspot.call("GET", "/sandbox-api/records/0-3/1301").json()["associations"]
    assert [row["id"] for row in contacts["records"]] == ["519"]


def test_one_record_has_definitions_groups_and_a_timeline(hubspot: HubSpot) -> None:
    record = hubspot.call("GET", RECORD).json()
    assert record["object_type_id"] == "0-1"
    assert set(record["properties"]) == {found["name"] for found in record["definitions"]}
    assert record["properties"]["mobilephone"] == "06 12 34 56 78"
    assert record["properties"]["phone"] is None
    stage = next(found for found in record["definitions"] if found["name"] == "lifecyclestage")
    assert stage["label"] == "Phase du cycle de vie"
    assert {"label": "Client", "value": "customer"} in stage["options"]
    assert record["timeline"] == [{"kind": "created", "timestamp": "2026-09-01T08:30:00.000Z"}]


@pytest.mark.parametrize("path", ["0-1/999999", "0-18/7001", "contacts/501", "0-9/1"])
def test_there_are_no_pages_for_other_records(hubspot: HubSpot, path: str) -> None:
    assert hubspot.call("GET", f"/sandbox-api/records/{path}").status_code == 404


def test_the_person_can_change_a_number(hubspot: HubSpot) -> None:
    before = hubspot.call("GET", RECORD).json()["version"]
    changed = hubspot.call("PATCH", RECORD, json={"properties": {"phone": "06 00 00 00 01"}})
    assert changed.status_code == 200
    assert changed.json()["properties"]["phone"] == "06 00 00 00 01"
    assert changed.json()["version"] == before + 1
    assert hubspot.call("PATCH", RECORD, json={"properties": {"nope": "x"}}).status_code == 400


def test_extensions_appear_with_the_installation(hubspot: HubSpot) -> None:
    assert hubspot.call("GET", "/sandbox-api/extensions").json() == {"extensions": []}
    hubspot.install()
    card, settings = hubspot.call("GET", "/sandbox-api/extensions").json()["extensions"]
    assert card == {
        "uid": "card",
        "type": "card",
        "name": "SMS",
        "location": "crm.record.sidebar",
        "object_types": ["0-1", "0-3"],
        "bundle_url": "/bundles/Card.js",
        "variables": {"BACKEND_URL": "https://connector.sandbox.example"},
    }
    assert (settings["type"], settings["location"], settings["object_types"]) == ("settings", "settings", [])
    hubspot.control("POST", "uninstall")
    assert hubspot.call("GET", "/sandbox-api/extensions").json() == {"extensions": []}


def test_properties_for_an_extension(hubspot: HubSpot) -> None:
    body = {"object_type_id": "0-1", "object_id": "501", "names": ["mobilephone", "phone", "nope"]}
    answer = hubspot.call("POST", "/sandbox-api/crm-properties", json=body)
    assert answer.json() == {"data": {"mobilephone": "06 12 34 56 78", "phone": None, "nope": None}}


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/contacts/145000001/objects/0-1/views/all/list",
        "/contacts/145000001/record/0-1/501",
        "/contacts/145000001/record/0-3/1301",
        "/connected-apps/145000001/installed/1234567",
    ],
)
def test_all_pages_are_the_same_html(hubspot: HubSpot, path: str) -> None:
    page = hubspot.call("GET", path)
    assert page.status_code == 200
    assert page.text.startswith("<!doctype html>")
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path",
    [
        "/contacts/999/record/0-1/501",
        "/contacts/145000001/record/0-9/501",
        "/connected-apps/145000001/installed/7",
        "/host/nope.js",
        "/host/../project.json",
        "/bundles/%2e%2e/project.json",
        "/project.json",
    ],
)
def test_there_is_nothing_else(hubspot: HubSpot, path: str) -> None:
    assert hubspot.call("GET", path).status_code == 404


def test_a_worker_may_load_its_bundle_and_nothing_else(hubspot: HubSpot) -> None:
    worker = hubspot.call("GET", "/host/worker-runtime.js")
    assert worker.headers["Content-Security-Policy"] == "default-src 'none'; script-src 'self'"
    assert worker.headers["Content-Type"].startswith("text/javascript")
    assert "Content-Security-Policy" not in hubspot.call("GET", "/host/host.js").headers
    bundle = hubspot.call("GET", "/bundles/Card.js")
    assert (bundle.text, bundle.headers["Cache-Control"]) == ("// card", "no-store")


def test_missing_pages_say_what_to_do(tmp_path: Path) -> None:
    with hubspot_in_process(tmp_path) as unbuilt:
        (tmp_path / "host" / "index.html").unlink()
        page = unbuilt.call("GET", "/")
    assert (page.status_code, page.json()["category"]) == (503, "NOT_BUILT")


def test_a_reset_brings_the_first_day_back(hubspot: HubSpot) -> None:
    first = hubspot.call("GET", RECORD).json()
    hubspot.install()
    hubspot.call("PATCH", RECORD, json={"properties": {"phone": "1"}})
    hubspot.call("POST", "/sandbox-api/session", json={"language": "en"})
    hubspot.control("POST", "reset")
    assert hubspot.call("GET", RECORD).json() == first
    assert hubspot.api("GET", "/crm/objects/2026-09/contacts/501").status_code == 401
