"""Reading, changing, searching and associating CRM records."""

from pathlib import Path
from typing import Any

import pytest

from sandbox.hubspot_sim.testing import HubSpot, hubspot_in_process

OBJECTS = "/crm/objects/2026-09"


@pytest.fixture(name="hubspot")
def _hubspot(installed: HubSpot) -> HubSpot:
    return installed


def contact(hubspot: HubSpot, record_id: str) -> Any:
    return hubspot.control("GET", f"records/contacts/{record_id}")


def test_the_world_is_the_same_at_every_start(tmp_path: Path) -> None:
    pages = []
    for name in ("first", "second"):
        with hubspot_in_process(tmp_path / name) as started:
            pages.append([started.call("GET", f"/sandbox-api/records/0-{n}").json() for n in (1, 2, 3)])
    assert pages[0] == pages[1]
    assert [page["total"] for page in pages[0]] == [30, 5, 8]
    emails = [row["properties"]["email"] for row in pages[0][0]["results"]]
    assert all(email.endswith(".example") and email.isascii() for email in emails)
    assert len(set(emails)) == 30


def test_numbers_cover_the_gateways_outcomes(hubspot: HubSpot) -> None:
    rows = hubspot.call("GET", "/sandbox-api/records/0-1").json()["results"]
    endings = {row["properties"].get("mobilephone", "")[-2:] for row in rows}
    assert endings >= {str(number) for number in range(90, 100)}
    by_id = {row["id"]: row["properties"] for row in rows}
    assert "phone" not in by_id["512"]
    assert "mobilephone" not in by_id["512"]
    assert by_id["514"]["phone"].startswith("01")
    assert {"phone", "mobilephone"} <= set(by_id["515"])


def test_a_read_gives_the_usual_properties_or_those_asked_for(hubspot: HubSpot) -> None:
    usual = hubspot.api("GET", f"{OBJECTS}/contacts/512").json()
    assert usual["properties"]["firstname"] == "Gabriel"
    assert "mobilephone" not in usual["properties"]
    asked = hubspot.api("GET", f"{OBJECTS}/0-1/512?properties=phone,jobtitle,nope").json()["properties"]
    assert asked["phone"] is None
    assert asked["jobtitle"] == "Client"
    assert asked["hs_object_id"] == "512"
    assert "nope" not in asked
    assert "firstname" not in asked


def test_a_contact_can_be_read_by_email_and_with_associations(hubspot: HubSpot) -> None:
    path = f"{OBJECTS}/contacts/Camille.Moreau@courriel.example?idProperty=email&associations=companies,deals"
    found = hubspot.api("GET", path).json()
    assert found["id"] == "501"
    assert found["associations"] == {
        "companies": {"results": [{"id": "901", "type": "contact_to_company"}]},
        "deals": {"results": [{"id": "1301", "type": "contact_to_deal"}]},
    }


def test_every_change_counts_the_version_up(hubspot: HubSpot) -> None:
    before = contact(hubspot, "501")
    answer = hubspot.api(
        "PATCH", f"{OBJECTS}/contacts/501", {"properties": {"city": "Brest", "jobtitle": ""}}
    )
    after = contact(hubspot, "501")
    assert answer.json()["properties"]["city"] == "Brest"
    assert answer.json()["properties"]["jobtitle"] is None
    assert after["version"] == before["version"] + 1
    assert after["properties"]["city"] == "Brest"
    assert "jobtitle" not in after["properties"]
    assert after["updated_at"] > before["updated_at"]


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("closedate", "2026-11-23T10:31:02.114+01:00", "2026-11-23T09:31:02.114Z"),
        ("closedate", "1795426262114", "2026-11-23T09:31:02.114Z"),
        ("closedate", "2026-11-23", "2026-11-23T00:00:00.000Z"),
        ("associatedcompanyid", 902, "902"),
        ("lifecyclestage", "customer", "customer"),
        ("email", "New@Courriel.Example", "new@courriel.example"),
        ("hubspot_owner_id", "41629702", "41629702"),
        ("message", "  deux\nlignes ", "  deux\nlignes "),
    ],
)
def test_values_are_kept_in_hubspots_form(hubspot: HubSpot, name: str, given: Any, kept: str) -> None:
    answer = hubspot.api("PATCH", f"{OBJECTS}/contacts/501", {"properties": {name: given}})
    assert answer.status_code == 200
    assert contact(hubspot, "501")["properties"][name] == kept


def test_a_batch_read_gives_what_it_finds(hubspot: HubSpot) -> None:
    body = {
        "properties": ["mobilephone"],
        "propertiesWithHistory": [],
        "inputs": [{"id": "501"}, {"id": "999"}, {"id": "502"}, {"id": "501"}],
    }
    answer = hubspot.api("POST", f"{OBJECTS}/contacts/batch/read", body)
    found = answer.json()
    assert answer.status_code == 207
    assert [row["id"] for row in found["results"]] == ["501", "502"]
    assert found["results"][0]["properties"]["mobilephone"] == "06 12 34 56 78"
    assert found["numErrors"] == 1
    assert found["errors"][0]["category"] == "OBJECT_NOT_FOUND"
    assert found["errors"][0]["context"]["ids"] == ["999"]
    body = {"inputs": [{"id": "501"}], "properties": [], "propertiesWithHistory": []}
    whole = hubspot.api("POST", f"{OBJECTS}/contacts/batch/read", body)
    assert whole.status_code == 200
    assert "errors" not in whole.json()


def test_a_batch_update_changes_what_it_finds(hubspot: HubSpot) -> None:
    inputs = [
        {"id": "501", "properties": {"city": "Brest"}, "objectWriteTraceId": "t-1"},
        {"id": "999", "properties": {"city": "Brest"}, "objectWriteTraceId": "t-2"},
    ]
    answer = hubspot.api("POST", f"{OBJECTS}/contacts/batch/update", {"inputs": inputs})
    assert answer.status_code == 207
    assert [row["objectWriteTraceId"] for row in answer.json()["results"]] == ["t-1"]
    assert answer.json()["errors"][0]["context"] == {"ids": ["999"], "objectWriteTraceId": ["t-2"]}
    assert contact(hubspot, "501")["properties"]["city"] == "Brest"


def test_one_bad_value_keeps_a_batch_update_from_changing_anything(hubspot: HubSpot) -> None:
    inputs = [
        {"id": "501", "properties": {"city": "Brest"}},
        {"id": "502", "properties": {"closedate": "soon"}},
    ]
    answer = hubspot.api("POST", f"{OBJECTS}/contacts/batch/update", {"inputs": inputs})
    assert answer.status_code == 400
    assert contact(hubspot, "501")["version"] == 1


def test_a_hundred_records_fit_in_a_batch(hubspot: HubSpot) -> None:
    hubspot.settings(rate_limit_max=1000)
    ids = [f"{501 + number}" for number in range(30)]
    for _ in range(70):
        ids.append(hubspot.control("POST", "records/contacts", {"properties": {"city": "Nice"}})["id"])
    inputs = [{"id": record_id, "properties": {"city": "Brest"}} for record_id in ids]
    answer = hubspot.api("POST", f"{OBJECTS}/contacts/batch/update", {"inputs": inputs})
    assert (answer.status_code, len(answer.json()["results"])) == (200, 100)


def merged(hubspot: HubSpot, loser: str, survivor: str, kind: str = "contacts") -> str:
    return str(hubspot.control("POST", f"records/{kind}/{loser}/merge", {"into": survivor})["id"])


def test_a_merge_makes_a_new_contact_to_which_both_ids_lead(hubspot: HubSpot) -> None:
    associated = f"{OBJECTS}/contacts/%s/associations/deals"
    before = hubspot.api("GET", associated % "501").json()["results"]
    left = merged(hubspot, "502", "501")
    assert left not in ("501", "502")
    for old in ("501", "502"):
        assert hubspot.api("GET", f"{OBJECTS}/contacts/{old}").json()["id"] == left
        patched = hubspot.api("PATCH", f"{OBJECTS}/contacts/{old}", {"properties": {"city": "Brest"}})
        assert patched.json()["id"] == left
    values = contact(hubspot, left)["properties"]
    assert (values["firstname"], values["city"]) == ("Camille", "Brest")
    assert values["hs_merged_object_ids"] == "502;501"
    assert hubspot.api("GET", associated % left).json()["results"] == before
    deals = hubspot.api("GET", f"{OBJECTS}/deals/1301/associations/contacts").json()["results"]
    assert left in [row["toObjectId"] for row in deals], "the other side leads to the new id too"
    last = merged(hubspot, left, "503")
    assert hubspot.api("GET", f"{OBJECTS}/contacts/501").json()["id"] == last


def test_a_merge_may_keep_the_survivors_id_and_deals_always_do(hubspot: HubSpot) -> None:
    assert merged(hubspot, "1301", "1302", "deals") == "1302"
    hubspot.settings(merge_ids="survivor")
    assert merged(hubspot, "502", "501") == "501"


@pytest.mark.parametrize(("setting", "status", "errors"), [("silent", 200, 0), ("reported", 207, 1)])
def test_a_batch_update_does_not_follow_a_merge(
    hubspot: HubSpot, setting: str, status: int, errors: int
) -> None:
    hubspot.settings(update_merged=setting)
    left = merged(hubspot, "502", "501")
    inputs = [{"id": record_id, "properties": {"city": "Nice"}} for record_id in ("502", "503")]
    batch = hubspot.api("POST", f"{OBJECTS}/contacts/batch/update", {"inputs": inputs})
    answer = batch.json()
    assert (batch.status_code, [row["id"] for row in answer["results"]]) == (status, ["503"])
    assert len(answer.get("errors", [])) == errors
    assert contact(hubspot, left)["properties"]["city"] != "Nice"


def test_a_batch_update_may_do_nothing_and_say_nothing(hubspot: HubSpot) -> None:
    hubspot.settings(updates_do_nothing=True)
    inputs = [{"id": "501", "properties": {"city": "Nice"}}]
    batch = hubspot.api("POST", f"{OBJECTS}/contacts/batch/update", {"inputs": inputs})
    assert (batch.status_code, batch.json()["results"]) == (200, [])
    assert contact(hubspot, "501")["properties"]["city"] != "Nice"


def test_a_batch_read_answers_a_merged_id_with_the_survivor_or_not_at_all(hubspot: HubSpot) -> None:
    left = merged(hubspot, "502", "501")
    wanted = {"inputs": [{"id": "502"}], "properties": ["city"], "propertiesWithHistory": []}
    path = f"{OBJECTS}/contacts/batch/read"
    assert [row["id"] for row in hubspot.api("POST", path, wanted).json()["results"]] == [left]
    hubspot.settings(read_merged="left_out")
    answer = hubspot.api("POST", path, wanted)
    assert (answer.status_code, answer.json()["results"]) == (200, [])


@pytest.mark.parametrize("name", ["properties", "propertiesWithHistory"])
def test_a_batch_read_needs_the_fields_of_the_specification(hubspot: HubSpot, name: str) -> None:
    body = {"inputs": [{"id": "501"}], "properties": [], "propertiesWithHistory": []}
    del body[name]
    answer = hubspot.api("POST", f"{OBJECTS}/contacts/batch/read", body)
    assert answer.status_code == 400
    assert name in answer.json()["message"]


@pytest.mark.parametrize(("setting", "kind"), [("text", str), ("number", int)])
def test_associated_ids_are_texts_or_numbers(hubspot: HubSpot, setting: str, kind: type) -> None:
    hubspot.settings(association_ids=setting)
    rows = hubspot.api("GET", f"{OBJECTS}/deals/1301/associations/contacts").json()["results"]
    assert [type(row["toObjectId"]) for row in rows] == [kind, kind]


def test_a_user_changes_a_record_over_the_control_api(hubspot: HubSpot) -> None:
    hubspot.control("PATCH", "records/contacts/501", {"properties": {"city": "Brest", "mobilephone": ""}})
    values = contact(hubspot, "501")["properties"]
    assert (values["city"], values.get("mobilephone")) == ("Brest", None)


def test_an_archived_record_is_gone_for_the_app(hubspot: HubSpot) -> None:
    hubspot.control("DELETE", "records/contacts/501")
    assert hubspot.api("GET", f"{OBJECTS}/contacts/501").status_code == 404
    assert hubspot.api("PATCH", f"{OBJECTS}/contacts/501", {"properties": {}}).status_code == 404
    assert contact(hubspot, "501")["archived"] is True


def test_records_can_be_paged(hubspot: HubSpot) -> None:
    seen: list[str] = []
    path = f"{OBJECTS}/contacts?limit=12"
    after = ""
    while True:
        page = hubspot.api("GET", path + after).json()
        seen += [row["id"] for row in page["results"]]
        if "paging" not in page:
            break
        after = f"&after={page['paging']['next']['after']}"
    assert seen == [str(number) for number in range(501, 531)]


def search(hubspot: HubSpot, **body: Any) -> list[str]:
    hubspot.control("POST", "clock", {"advance_s": 1})
    answer = hubspot.api("POST", f"{OBJECTS}/contacts/search", body)
    assert answer.status_code == 200
    return [row["id"] for row in answer.json()["results"]]


def where(name: str, operator: str, **more: Any) -> list[dict[str, Any]]:
    return [{"filters": [{"propertyName": name, "operator": operator, **more}]}]


def test_search_filters(hubspot: HubSpot) -> None:
    assert search(hubspot, filterGroups=where("lastname", "EQ", value="moreau")) == ["501"]
    assert "512" in search(hubspot, filterGroups=where("mobilephone", "NOT_HAS_PROPERTY"))
    assert search(hubspot, filterGroups=where("hs_object_id", "BETWEEN", value="503", highValue="504")) == [
        "503",
        "504",
    ]
    assert search(hubspot, filterGroups=where("firstname", "IN", values=["léa", "hugo"])) == ["502", "505"]
    assert search(hubspot, query="garnier") == ["503"]
    both = [
        where("lastname", "EQ", value="moreau")[0]["filters"][0],
        where("city", "EQ", value="lyon")[0]["filters"][0],
    ]
    assert search(hubspot, filterGroups=[{"filters": both}]) == []


def test_search_finds_numbers_without_country_code(hubspot: HubSpot) -> None:
    name = "hs_searchable_calculated_mobile_number"
    assert search(hubspot, filterGroups=where(name, "EQ", value="612345694")) == ["506"]
    assert search(hubspot, query="+33612345696") == ["508"]
    hubspot.api("PATCH", f"{OBJECTS}/contacts/508", {"properties": {"mobilephone": ""}})
    hubspot.settings(search_index_lag_s=0)
    assert search(hubspot, query="+33612345696") == []


def test_search_sorts_and_pages(hubspot: HubSpot) -> None:
    sort = [{"propertyName": "hs_object_id", "direction": "DESCENDING"}]
    assert search(hubspot, sorts=sort, limit=2) == ["530", "529"]
    assert search(hubspot, sorts=sort, limit=2, after="2") == ["528", "527"]


def test_search_has_a_limit_of_its_own(hubspot: HubSpot) -> None:
    hubspot.control("POST", "clock", {"at": "2026-12-01T10:00:00Z"})
    hubspot.install()
    answers = [hubspot.api("POST", f"{OBJECTS}/contacts/search", {"limit": 1}) for _ in range(30)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert answers[4].status_code == 200
    assert refused
    assert refused[0].json()["policyName"] == "SECONDLY"
    assert refused[0].json()["message"] == "You have reached your secondly limit."
    assert not any("X-HubSpot-RateLimit-Max" in answer.headers for answer in answers)
    assert hubspot.api("GET", f"{OBJECTS}/contacts/501").headers["X-HubSpot-RateLimit-Remaining"] == "109"


def test_associations_of_one_and_of_many(hubspot: HubSpot) -> None:
    one = hubspot.api("GET", f"{OBJECTS}/deals/1301/associations/contacts").json()
    assert [entry["toObjectId"] for entry in one["results"]] == ["501", "519"]
    assert one["results"][0]["associationTypes"] == [
        {"category": "HUBSPOT_DEFINED", "typeId": 3, "label": None}
    ]
    body = {"inputs": [{"id": "1301"}, {"id": "1305"}]}
    many = hubspot.api("POST", "/crm/associations/2026-09/deals/companies/batch/read", body)
    assert many.status_code == 207
    assert many.json()["results"][0]["to"][0]["associationTypes"][0] == {
        "category": "HUBSPOT_DEFINED",
        "typeId": 5,
        "label": "Primary",
    }
    assert many.json()["errors"][0]["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"


def test_associations_are_paged(hubspot: HubSpot) -> None:
    path = f"{OBJECTS}/deals/1301/associations/contacts?limit=1"
    first = hubspot.api("GET", path).json()
    second = hubspot.api("GET", f"{path}&after={first['paging']['next']['after']}").json()
    assert [entry["toObjectId"] for entry in first["results"] + second["results"]] == ["501", "519"]
    assert "paging" not in second


def test_the_default_association_is_made_in_both_directions(hubspot: HubSpot) -> None:
    path = f"{OBJECTS}/contacts/511/associations/default/companies/902"
    assert hubspot.api("PUT", path).status_code == 200
    found = hubspot.api("GET", f"{OBJECTS}/companies/902/associations/contacts").json()["results"]
    assert "511" in [entry["toObjectId"] for entry in found]


def test_a_communication_is_logged_on_the_contact(hubspot: HubSpot) -> None:
    properties = {
        "hs_communication_channel_type": "SMS",
        "hs_communication_logged_from": "CRM",
        "hs_communication_body": "Bonjour",
        "hs_timestamp": "2026-11-23T09:31:02Z",
    }
    kinds = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 81}]
    body = {"properties": properties, "associations": [{"to": {"id": 501}, "types": kinds}]}
    made = hubspot.api("POST", f"{OBJECTS}/communications", body)
    assert made.status_code == 201
    logged = hubspot.api("GET", f"{OBJECTS}/contacts/501/associations/communications").json()["results"]
    assert [str(entry["toObjectId"]) for entry in logged] == [made.json()["id"]]
    path = f"{OBJECTS}/communications/{made.json()['id']}?properties=hs_communication_body"
    assert hubspot.api("GET", path).json()["properties"]["hs_communication_body"] == "Bonjour"
    del properties["hs_timestamp"]
    assert hubspot.api("POST", f"{OBJECTS}/communications", body).status_code == 400
    kinds[0]["associationTypeId"] = 3
    properties["hs_timestamp"] = "2026-11-23T09:31:02Z"
    assert hubspot.api("POST", f"{OBJECTS}/communications", body).status_code == 400


def test_owners(hubspot: HubSpot) -> None:
    page = hubspot.api("GET", "/crm/owners/2026-09?limit=2").json()
    assert [owner["userId"] for owner in page["results"]] == [77, 78]
    rest = hubspot.api("GET", f"/crm/owners/2026-09?after={page['paging']['next']['after']}").json()
    assert [owner.get("userId") for owner in rest["results"]] == [79, None]  # the last one is a queue
    assert hubspot.api("GET", "/crm/owners/2026-09/77?idProperty=userId").json()["id"] == "41629701"
    assert hubspot.api("GET", "/crm/owners/2026-09/1").status_code == 404


def test_first_company_of_a_deal_is_not_primary_unless_said(hubspot: HubSpot) -> None:
    association = {"to": {"id": "901"}, "types": []}
    for type_id, is_primary in ((341, False), (5, True)):
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]
        body = {"properties": {"dealname": "x"}, "associations": [{**association, "types": types}]}
        deal = hubspot.control("POST", "records/0-3", body)["id"]
        page = hubspot.call("GET", f"/sandbox-api/records/0-3/{deal}").json()
        [companies] = [each for each in page["associations"] if each["object_type_id"] == "0-2"]
        assert [row["primary"] for row in companies["records"]] == [is_primary]
