"""The calls by which the composer saves its draft and reads it back; the card says whether there is one."""

from typing import Any

import pytest
from flask import Flask

from backend.tests.integration.view_calls import ask, call_view, open_card
from connector import create_app
from connector.wiring import Wiring
from sandbox.hubspot_sim.testing import HubSpot
from sandbox.hubspot_sim.world import PORTAL_ID

DRAFT: dict[str, Any] = {
    "text": "Bonjour {{firstname",
    "links": ["https://lumen.example/"],
    "push_type": "marketing",
    "sender": "LU",
    "unicode": True,
    "removes_special": False,
    "property": "mobilephone",
    "number_object_type_id": "0-1",
    "number_object_id": "501",
    "recipient": "+33612345678",
    "send_at": "2026-12-01T09:30",
    "template_id": "00000000-0000-0000-0000-000000000007",
}
WRITTEN_AT = "2026-11-23T09:00:00.000Z"


@pytest.fixture
def app(connected: Wiring) -> Flask:
    return create_app(connected.settings, connected)


@pytest.fixture
def record(hubspot: HubSpot) -> dict[str, str]:
    made = hubspot.control("POST", "records/0-1", {"properties": {"mobilephone": "+33612345678"}})
    return {"object_type_id": "0-1", "object_id": made["id"]}


def save(app: Flask, record: dict[str, str], draft: dict[str, Any] | None, at: str = WRITTEN_AT) -> Any:
    answer = ask(app, "/card/save-draft", {**record, "draft": draft, "written_at": at})
    assert answer["ok"], answer
    return answer["data"]


def read(app: Flask, record: dict[str, str]) -> Any:
    return ask(app, "/card/draft", record)["data"]


def test_a_half_written_text_comes_back_until_it_is_sent(app: Flask, record: dict[str, str]) -> None:
    assert read(app, record) == {"draft": None, "written_at": None}
    assert not open_card(app, **record)["has_draft"]
    assert save(app, record, DRAFT) == {"is_newest": True}
    assert read(app, record)["draft"] == DRAFT
    assert open_card(app, **record)["has_draft"]
    assert save(app, record, None, "2026-11-23T09:00:01.000Z") == {"is_newest": True}
    assert read(app, record)["draft"] is None
    assert not open_card(app, **record)["has_draft"]


def test_an_older_tab_hears_that_a_newer_text_is_stored(app: Flask, record: dict[str, str]) -> None:
    save(app, record, DRAFT, "2026-11-23T10:00:00+00:00")
    assert save(app, record, {**DRAFT, "text": "vieux"}, "2026-11-23T09:59:59Z") == {"is_newest": False}
    assert read(app, record)["draft"]["text"] == DRAFT["text"]


def test_a_draft_is_shown_to_its_writer_alone(app: Flask, record: dict[str, str]) -> None:
    save(app, record, DRAFT)
    answer = call_view(app.test_client(), "/card/draft", record, portal_id=PORTAL_ID, user_id=78)
    assert answer.get_json()["data"]["draft"] is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"written_at": "hier"}, "written_at"),
        ({"written_at": "2026-11-23T09:00:00"}, "written_at"),
        ({"object_type_id": "0-5"}, "object_type_id"),
        ({"draft": {**DRAFT, "text": "x" * 5001}}, "draft"),
        ({"draft": {**DRAFT, "links": ["x"] * 11}}, "draft"),
        ({"draft": {**DRAFT, "links": ["x" * 2001]}}, "draft"),
        ({"draft": {**DRAFT, "recipient": "06 12 34 56 78"}}, "draft"),
        ({"draft": {**DRAFT, "html": "<b>"}}, "draft"),
        ({"draft": "Bonjour"}, "draft"),
    ],
)
def test_a_wrong_body_is_refused_and_nothing_is_stored(
    app: Flask, record: dict[str, str], changes: dict[str, Any], field: str
) -> None:
    body = {**record, "written_at": WRITTEN_AT, "draft": DRAFT, **changes}
    answer = ask(app, "/card/save-draft", body)
    assert answer["error"] == {"code": "bad_request", "params": {"field": field}}
    assert read(app, record)["draft"] is None
