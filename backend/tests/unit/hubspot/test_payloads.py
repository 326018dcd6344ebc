"""HubSpot's requests and answers, scopes and errors, without a network."""

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from connector.hubspot import errors, grants, payloads, scopes
from connector.hubspot.client import HubSpotApi
from connector.hubspot.oauth import HubSpotOAuth
from connector.hubspot.payloads import EventOccurrence, PropertyDefinition, PropertyOption, RecordUpdate
from connector.hubspot.values import NotUnderstood

APP = Path(__file__).parents[4] / "hubspot-project" / "src" / "app" / "app-hsmeta.json"


def an_event(event_id: str = "e1") -> EventOccurrence:
    at = datetime(2026, 11, 23, 10, 31, 2, 114_900, tzinfo=timezone(timedelta(hours=1)))
    return EventOccurrence("sms_sent_contact", event_id, "501", at, {"text": "Bonjour"})


def test_an_event() -> None:
    assert an_event().as_json() == {
        "eventTypeName": "sms_sent_contact",
        "id": "e1",
        "objectId": "501",
        "timestamp": "2026-11-23T09:31:02.114Z",
        "properties": {"text": "Bonjour"},
    }


def test_an_event_needs_an_aware_instant() -> None:
    naive = EventOccurrence("sms_sent_contact", "e1", "501", datetime(2026, 11, 23), {})  # noqa: DTZ001
    with pytest.raises(ValueError, match="aware"):
        naive.as_json()


def test_a_property_and_an_update() -> None:
    options = [PropertyOption("Oui", "true"), PropertyOption("Non", "false")]
    definition = PropertyDefinition(
        "smsfactor_is_stop", "Désabonné", "smsfactor", "bool", "booleancheckbox", "", options
    )
    body = definition.as_json()
    assert (body["groupName"], body["fieldType"]) == ("smsfactor", "booleancheckbox")
    assert body["options"] == [
        {"label": "Oui", "value": "true", "displayOrder": 0, "hidden": False},
        {"label": "Non", "value": "false", "displayOrder": 1, "hidden": False},
    ]
    assert RecordUpdate("501", {"a": ""}).as_json() == {"id": "501", "properties": {"a": ""}}


def test_a_record_says_whose_it_is() -> None:
    record = payloads.read_record({"id": 502, "properties": {"phone": None, "hs_object_id": "502"}})
    assert record.record_id == "502"
    assert record.properties == {"phone": None, "hs_object_id": "502"}
    with pytest.raises(NotUnderstood):
        payloads.read_record({"properties": {}})


def test_a_batch_that_was_carried_out_in_part() -> None:
    body: dict[str, object] = {
        "status": "COMPLETE",
        "results": [{"id": "1", "properties": {}}],
        "numErrors": 1,
        "errors": [
            {
                "status": "error",
                "category": "OBJECT_NOT_FOUND",
                "message": "gone",
                "context": {"ids": ["2", "3"]},
            }
        ],
    }
    result = payloads.read_batch(body, "id")
    assert result.done == ["1"]
    assert [(problem.ids, problem.category) for problem in result.problems] == [
        (["2", "3"], "OBJECT_NOT_FOUND")
    ]
    with pytest.raises(NotUnderstood):
        payloads.read_batch({"status": "COMPLETE"}, "id")


def test_a_batch_of_records_is_found_by_merged_ids_too() -> None:
    body: dict[str, object] = {
        "results": [
            {"id": "9", "properties": {"hs_merged_object_ids": "1;2"}},
            {"id": "3", "properties": {}},
        ],
        "errors": [{"category": "OBJECT_NOT_FOUND", "context": {"ids": ["4"]}}],
    }
    read = payloads.read_records(body)
    assert {asked: record.record_id for asked, record in read.by_id.items()} == {
        "9": "9",
        "1": "9",
        "2": "9",
        "3": "3",
    }
    assert set(read.missing) == {"4"}


def test_the_context_of_an_error_is_put_together() -> None:
    body: dict[str, object] = {
        "context": {"missing": "a"},
        "errors": [
            {"code": "PROPERTY_DOESNT_EXIST", "context": {"propertyName": ["x"]}},
            {"subCategory": "Other", "context": {"propertyName": ["y", 3]}},
            "odd",
        ],
    }
    context, codes = payloads.read_context(body)
    assert context == {"missing": ["a"], "propertyName": ["x", "y", "3"]}
    assert codes == ["PROPERTY_DOESNT_EXIST", "Other"]
    assert errors.Rejected(context=context).names_property
    assert errors.Rejected(codes=codes).names_property
    assert not errors.Rejected(codes=["INVALID_EMAIL"]).names_property


def test_an_error_tells_support_what_it_needs_and_no_personal_data() -> None:
    error = errors.Rejected(
        status=400, category="VALIDATION_ERROR", message="+33612345678 is no email", correlation_id="c-1"
    )
    assert str(error) == "status 400, category VALIDATION_ERROR, correlation c-1"
    assert "+336" not in repr(error)


TOKENS: dict[str, object] = {
    "token_type": "bearer", "access_token": "ACCESS-TOKEN", "refresh_token": "REFRESH-TOKEN", "expires_in": 1800,
    "hub_id": 145000001, "user_id": 77, "scopes": ["oauth", "timeline"],
}  # fmt: skip


def test_tokens_are_read_and_never_shown() -> None:
    tokens = grants.read_tokens(TOKENS)
    assert (tokens.portal_id, tokens.user_id, tokens.expires_in_s) == (145000001, 77, 1800)
    assert tokens.access_token == "ACCESS-TOKEN"
    assert "TOKEN" not in repr(tokens)
    for name in ("access_token", "refresh_token", "expires_in", "hub_id"):
        with pytest.raises(NotUnderstood, match=name):
            grants.read_tokens({key: value for key, value in TOKENS.items() if key != name})


def test_token_info() -> None:
    assert grants.read_token_info({"active": False}) == grants.TokenInfo(False)
    info = grants.read_token_info({"active": True, "hub_id": 1, "user": "a@b.example", "scopes": ["oauth"]})
    assert (info.portal_id, info.user_email, info.scopes) == (1, "a@b.example", ["oauth"])
    with pytest.raises(NotUnderstood):
        grants.read_token_info({})


def an_oauth() -> HubSpotOAuth:
    return HubSpotOAuth(
        "http://127.0.0.1:1",
        "http://127.0.0.1:1/",
        client_id="client",
        client_secret="CLIENT-SECRET",
        redirect_uri="https://connector.example/oauth/hubspot/callback",
    )


def test_the_authorise_address() -> None:
    address = an_oauth().authorize_url(
        "st&te", scopes=["oauth", "crm.objects.contacts.read"], optional_scopes=[]
    )
    assert address == (
        "http://127.0.0.1:1/oauth/authorize?client_id=client"
        "&redirect_uri=https%3A%2F%2Fconnector.example%2Foauth%2Fhubspot%2Fcallback"
        "&scope=oauth%20crm.objects.contacts.read&state=st%26te"
    )
    assert "&optional_scope=a%20b&" in an_oauth().authorize_url("s", optional_scopes=["a", "b"])


def test_clients_show_no_secret() -> None:
    portal = HubSpotApi("http://127.0.0.1:1").portal("ACCESS-TOKEN")
    assert "ACCESS-TOKEN" not in repr(portal)
    assert "CLIENT-SECRET" not in repr(an_oauth())


def test_batches_are_bounded_before_anything_is_called() -> None:
    portal = HubSpotApi("http://127.0.0.1:1").portal("t")
    for updates in ([], [RecordUpdate(str(n), {}) for n in range(101)]):
        with pytest.raises(ValueError, match="1 to 100"):
            portal.batch_update("contacts", updates)
    with pytest.raises(ValueError, match="1 to 500"):
        portal.send_events_batch([an_event(str(n)) for n in range(501)])


def test_the_app_asks_for_exactly_the_scopes_that_its_calls_need() -> None:
    auth = json.loads(APP.read_text("utf-8"))["config"]["auth"]
    assert sorted(auth["requiredScopes"]) == list(scopes.REQUIRED_SCOPES)
    assert "oauth" in scopes.REQUIRED_SCOPES
    assert sorted(auth["optionalScopes"]) == list(scopes.OPTIONAL_SCOPES)
