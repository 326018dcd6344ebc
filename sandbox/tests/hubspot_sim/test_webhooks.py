"""HubSpot's webhooks: events of changes, their batches, signatures, retries and sources."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request

from sandbox.hubspot_signing import signature_v1, signature_v3
from sandbox.hubspot_sim.accounts import ACCOUNTS
from sandbox.hubspot_sim.project import load_project
from sandbox.hubspot_sim.project_errors import ProjectError
from sandbox.hubspot_sim.testing import (
    APP_ID,
    CLIENT_SECRET,
    PUBLIC_ORIGIN,
    HubSpot,
    example_project,
    hubspot_in_process,
    write_build,
)
from sandbox.serving import running

OBJECTS = "/crm/objects/2026-09"
SECOND = ACCOUNTS[1].id
URL = f"{PUBLIC_ORIGIN}/hubspot/webhooks"


class App:
    """The app's end: every call with its headers. `statuses` are answered in turn, the last one for ever."""

    def __init__(self) -> None:
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.statuses = [204]

    def flask(self) -> Flask:
        app = Flask("webhook_app")

        @app.post("/hubspot/webhooks")
        def take() -> tuple[str, int]:
            self.calls.append((dict(request.headers), request.get_data()))
            return "", self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]

        return app

    def events(self) -> list[dict[str, Any]]:
        return [event for _, body in self.calls for event in json.loads(body)]


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def hubspot(app: App, tmp_path: Path) -> Iterator[HubSpot]:
    with (
        running(app.flask()) as url,
        hubspot_in_process(write_build(tmp_path), backend_url=url) as simulator,
    ):
        simulator.install()
        simulator.settings(webhook_delay_s=0.02, webhook_shuffled=False)
        yield simulator


def delivered(hubspot: HubSpot) -> None:
    assert hubspot.control("GET", "webhook-idle?timeout_s=20")["idle"]


def change(hubspot: HubSpot, phone: str, query: str = "") -> None:
    hubspot.control("PATCH", f"records/contacts/501{query}", {"properties": {"phone": phone}})


def test_a_users_change_is_an_event_with_both_signatures(hubspot: HubSpot, app: App) -> None:
    change(hubspot, "06 12 34 56 70")
    hubspot.control("PATCH", "records/contacts/501", {"properties": {"city": "Lyon"}})  # not subscribed to
    delivered(hubspot)
    [(headers, body)] = app.calls
    [event] = json.loads(body)
    fixed = {name: event[name] for name in event if name not in ("eventId", "subscriptionId", "occurredAt")}
    assert fixed == {
        "portalId": ACCOUNTS[0].id, "appId": APP_ID, "attemptNumber": 0, "objectId": 501, "changeSource": "CRM_UI",
        "sourceId": "userId:77", "propertyName": "phone", "propertyValue": "06 12 34 56 70",
        "subscriptionType": "object.propertyChange", "objectTypeId": "0-1", "isSensitive": False,
    }  # fmt: skip
    assert (headers["X-Hubspot-Signature-Version"], headers["X-Hubspot-Signature"]) == (
        "v1", signature_v1(CLIENT_SECRET, body),
    )  # fmt: skip
    stamp = int(headers["X-Hubspot-Request-Timestamp"])
    assert headers["X-Hubspot-Signature-V3"] == signature_v3(CLIENT_SECRET, "POST", URL, body, stamp)


def test_version_1_may_come_alone(hubspot: HubSpot, app: App) -> None:
    hubspot.settings(webhook_signatures="v1")
    change(hubspot, "1")
    delivered(hubspot)
    assert "X-Hubspot-Signature-V3" not in app.calls[0][0]


def test_the_apps_own_change_comes_back(hubspot: HubSpot, app: App) -> None:
    hubspot.api("PATCH", f"{OBJECTS}/contacts/501", {"properties": {"phone": "1"}})
    change(hubspot, "2", "?source=IMPORT&source_id=9")
    change(hubspot, "")
    change(hubspot, "")  # the value is the same: no event
    delivered(hubspot)
    sources = {(event["changeSource"], event["sourceId"], event["propertyValue"]) for event in app.events()}
    assert sources == {("INTEGRATION", str(APP_ID), "1"), ("IMPORT", "9", "2"), ("CRM_UI", "userId:77", "")}


def test_a_new_contact_sends_one_event_for_each_property(hubspot: HubSpot, app: App) -> None:
    """The subscription to creations is not active."""
    hubspot.control("POST", "records/contacts", {"properties": {"phone": "1", "mobilephone": "2"}})
    delivered(hubspot)
    assert sorted(event["propertyName"] for event in app.events()) == ["mobilephone", "phone"]


def test_deletion_restore_and_privacy_deletion(hubspot: HubSpot, app: App) -> None:
    hubspot.control("DELETE", "records/contacts/501")
    hubspot.control("POST", "records/contacts/501/restore")
    hubspot.control("POST", "records/contacts/502/privacy-delete")
    delivered(hubspot)
    found = [
        (event["subscriptionType"], event["objectId"], event.get("objectTypeId")) for event in app.events()
    ]
    assert sorted(found) == [
        ("contact.privacyDeletion", 502, None),
        ("object.deletion", 501, "0-1"),
        ("object.deletion", 502, "0-1"),
        ("object.restore", 501, "0-1"),
    ]
    assert hubspot.control("GET", "records/contacts/502")["properties"] == {"hs_object_id": "502"}


@pytest.mark.parametrize("new_id", [True, False])
def test_a_merge_names_its_survivor(hubspot: HubSpot, app: App, new_id: bool) -> None:
    hubspot.settings(merge_ids="new" if new_id else "survivor")
    left = hubspot.control("POST", "records/contacts/501/merge", {"into": "502"})
    delivered(hubspot)
    [merge] = [event for event in app.events() if event["subscriptionType"] == "object.merge"]
    assert merge["primaryObjectId"] == 502
    assert merge["mergedObjectIds"] == ([501, 502] if new_id else [501])
    assert merge.get("newObjectId") == (int(left["id"]) if new_id else None)
    assert not [event for event in app.events() if event["subscriptionType"] == "object.deletion"]


def test_events_travel_in_batches_of_a_hundred(hubspot: HubSpot, app: App) -> None:
    hubspot.settings(webhook_delay_s=600)
    for number in range(101):
        change(hubspot, str(number))
    hubspot.control("POST", "clock", {"advance_s": 601})
    delivered(hubspot)
    assert [len(json.loads(body)) for _, body in app.calls] == [100, 1]


def test_one_call_may_hold_several_portals(hubspot: HubSpot, app: App) -> None:
    for portal in (ACCOUNTS[0].id, SECOND):
        hubspot.token(
            grant_type="authorization_code", redirect_uri=f"{PUBLIC_ORIGIN}/oauth/hubspot/callback",
            code=hubspot.code(portal=portal),
        )  # fmt: skip
    hubspot.settings(webhook_delay_s=600)
    change(hubspot, "1")
    change(hubspot, "2", f"?portal={SECOND}")
    hubspot.control("POST", "clock", {"advance_s": 601})
    delivered(hubspot)
    [(_, body)] = app.calls
    assert {(event["portalId"], event["propertyValue"]) for event in json.loads(body)} == {
        (ACCOUNTS[0].id, "1"),
        (SECOND, "2"),
    }


@pytest.mark.parametrize("event_ids", ["same", "new"])
def test_a_failed_call_is_made_again_up_to_ten_times(hubspot: HubSpot, app: App, event_ids: str) -> None:
    hubspot.settings(webhook_retry_compression=1_000_000, webhook_retry_event_id=event_ids)
    app.statuses = [400, 500, 302, *[503] * 8]
    change(hubspot, "1")
    delivered(hubspot)
    assert [event["attemptNumber"] for event in app.events()] == list(range(11))
    assert len({event["eventId"] for event in app.events()}) == (1 if event_ids == "same" else 11)
    assert [call["status"] for call in hubspot.control("GET", "webhook-calls")["calls"]][:3] == [
        400,
        500,
        302,
    ]


def test_a_taken_call_may_come_again(hubspot: HubSpot, app: App) -> None:
    hubspot.settings(webhook_duplicate_percent=100)
    change(hubspot, "1")
    delivered(hubspot)
    assert len({body for _, body in app.calls}) == 1
    assert len(app.calls) == 2


def test_a_portal_without_the_app_sends_nothing(hubspot: HubSpot, app: App) -> None:
    change(hubspot, "1", f"?portal={SECOND}")
    hubspot.control("POST", "uninstall")
    change(hubspot, "2")
    delivered(hubspot)
    assert app.calls == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"settings": {"targetUrl": URL, "maxConcurrentRequests": 5}}, "greater than five"),
        ({"settings": {"targetUrl": "http://a.example/x", "maxConcurrentRequests": 10}}, "https URL"),
        ({"settings": {"targetUrl": f"{URL}?a=b", "maxConcurrentRequests": 10}}, "without a query"),
    ],
)
def test_a_file_that_hubspot_would_not_take(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    project = example_project()
    component = next(item for item in project["components"] if item["type"] == "webhooks")
    component["config"] = {**component["config"], **changes}
    with pytest.raises(ProjectError, match=words):
        load_project(write_build(tmp_path, project))


def test_a_subscription_is_declared_once(tmp_path: Path) -> None:
    project = example_project()
    config = next(item for item in project["components"] if item["type"] == "webhooks")["config"]
    config["subscriptions"]["crmObjects"] *= 2
    with pytest.raises(ProjectError, match="twice"):
        load_project(write_build(tmp_path, project))
