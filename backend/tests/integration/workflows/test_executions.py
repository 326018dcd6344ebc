"""Executions of workflow actions through the Flask application, on PostgreSQL, with real signatures."""

import json
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from psycopg import sql
from psycopg.errors import UntranslatableCharacter

from backend.tests.factories import a_portal
from backend.tests.workflow_calls import SEGMENT, SEND_SMS, SEND_SMS_DEAL, execution, signed
from connector import create_app
from connector.domain.vocabulary import Action, ConsentSource, PushType
from connector.hubspot.executions import read_execution
from connector.inbound.http import portal_batches
from connector.store.consent import opt_outs
from connector.store.database import Conn, open_pool
from connector.store.messages.messages import Message
from connector.store.messages.templates import Author, TemplateContent
from connector.store.portals import portals
from connector.store.portals.portals import Portal
from connector.store.vault import Vault
from connector.use_cases.messages.build_message import build_message
from connector.use_cases.messages.edit_templates import save
from connector.use_cases.workflows import compose_executions
from connector.use_cases.workflows.accept_executions import ExecutionAnswer
from connector.wiring import Wiring

Outputs = dict[str, str]
OPTIONS = tuple(f"/hubspot/workflow/{SEGMENT}/options/{name}" for name in ("senders", "templates"))


@pytest.fixture(scope="module")
def app(wiring: Wiring) -> Flask:
    return create_app(wiring.settings, wiring)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def portal(conn: Conn, vault: Vault) -> Portal:
    return with_closed_lanes(conn, a_portal(conn, vault))


def with_closed_lanes(conn: Conn, portal: Portal) -> Portal:
    """Installing and linking open lanes; this closes them, so that an execution must open its own."""
    conn.execute("DELETE FROM lanes WHERE portal_id = %s", (portal.portal_id,))
    conn.commit()
    return portal


@pytest.fixture
def run(client: FlaskClient) -> Callable[..., Outputs]:
    """Execute an action and return its output fields."""

    def call(body: dict[str, Any], path: str = SEND_SMS, version: str = "v3") -> Outputs:
        answer = client.post(path, **signed(path, body, version=version))
        assert answer.status_code == 200, answer.get_data()
        fields: Outputs = answer.get_json()["outputFields"]
        assert all(isinstance(value, str) for value in fields.values())
        return fields

    return call


def rows(conn: Conn, table: str, portal: Portal) -> list[dict[str, Any]]:
    found = conn.execute(
        sql.SQL("SELECT * FROM {} WHERE portal_id = %s ORDER BY created_at").format(sql.Identifier(table)),
        (portal.portal_id,),
    ).fetchall()
    conn.commit()
    return found


def stored(conn: Conn, portal: Portal) -> list[dict[str, Any]]:
    return rows(conn, "messages", portal)


def lane(conn: Conn, portal: Portal, kind: str) -> datetime | None:
    """Time at which the lane is due; None if it was never opened."""
    row = conn.execute(
        "SELECT next_due_at FROM lanes WHERE portal_id = %s AND kind = %s", (portal.portal_id, kind)
    ).fetchone()
    conn.commit()
    return row["next_due_at"] if row else None


def prefer(conn: Conn, portal: Portal, **preferences: Any) -> None:
    portals.save_preferences(conn, portal.portal_id, preferences)
    conn.commit()


def a_template(conn: Conn, portal: Portal, text: str, *links: str, **changes: Any) -> str:
    content = replace(TemplateContent(text, list(links), PushType.ALERT, None, False), **changes)
    template = save(conn, portal.portal_id, f"Modèle {uuid.uuid4()}", content, author=Author(77, None))
    conn.commit()
    return str(template.template_id)


def test_an_execution_is_answered_once_it_is_stored(
    run: Callable[..., Outputs], conn: Conn, portal: Portal
) -> None:
    fields = run(execution(portal.portal_id))
    [message] = stored(conn, portal)
    assert fields == {
        "hs_execution_state": "SUCCESS",
        "status": "queued",
        "reason": "",
        "message_id": str(message["message_id"]),
        "recipient": "+33612345601",
        "sms_count": "1",
        "cost": "1",
        "reply": "",
        "detail": "",
    }
    assert (message["state"], message["source"], message["priority"]) == ("queued", "workflow", 1)
    assert message["expires_at"] - message["due_at"] == timedelta(hours=24)
    due_at = lane(conn, portal, "deliver")
    assert due_at is not None
    assert due_at <= datetime.now(UTC)
    [row] = rows(conn, "workflow_executions", portal)
    assert (row["state"], row["message_id"], row["is_blocked"]) == ("done", message["message_id"], False)
    assert row["outputs"] == {name: value for name, value in fields.items() if name != "hs_execution_state"}
    history = conn.execute(
        "SELECT state, cause FROM message_states WHERE message_id = %s", (message["message_id"],)
    )
    assert history.fetchall() == [{"state": "queued", "cause": "workflow"}]


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_both_signatures_let_in_and_a_repeat_stores_nothing(
    run: Callable[..., Outputs], conn: Conn, portal: Portal, version: str
) -> None:
    body = execution(portal.portal_id)
    first = run(body, version=version)
    body["inputFields"] = {
        **body["inputFields"],
        "message": "Autre texte",
    }  # HubSpot may have rendered it again
    assert run(body, version=version) == first
    assert len(stored(conn, portal)) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": "v2", "secret": "another"},
        {"version": "v3", "secret": "another"},
        {"version": "v2", "base": "https://attacker.example"},
        {"version": "v3", "base": "https://attacker.example"},
    ],
)
@pytest.mark.parametrize("path", [SEND_SMS, SEND_SMS_DEAL])
def test_wrong_signatures_store_nothing(
    client: FlaskClient, conn: Conn, portal: Portal, wrong: dict[str, str], path: str
) -> None:
    answer = client.post(path, **signed(path, execution(portal.portal_id), **wrong))
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "signature_invalid")
    assert rows(conn, "workflow_executions", portal) == []


def test_a_wrong_v3_is_not_excused_by_a_right_v2(client: FlaskClient, conn: Conn, portal: Portal) -> None:
    call = signed(SEND_SMS, execution(portal.portal_id), version="v2")
    wrong = signed(SEND_SMS, execution(portal.portal_id), version="v3", secret="another")
    call["headers"] = {**wrong["headers"], **call["headers"]}
    assert client.post(SEND_SMS, **call).status_code == 401
    call = signed(SEND_SMS, execution(portal.portal_id), version="v2")
    call["headers"]["X-HubSpot-Signature-Version"] = "v1"
    assert client.post(SEND_SMS, **call).status_code == 401
    assert rows(conn, "workflow_executions", portal) == []


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"origin": {"portalId": "x"}}', b"[" * 100_000, b"{\xff"]
)
def test_a_signed_body_without_a_portal_is_refused(client: FlaskClient, body: bytes) -> None:
    answer = client.post(SEND_SMS, **signed(SEND_SMS, body))
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "portal_missing")


def test_a_portal_without_the_app_is_refused(client: FlaskClient, conn: Conn) -> None:
    for path in (SEND_SMS, *OPTIONS):
        answer = client.post(path, **signed(path, execution(424242)))
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "portal_not_installed")


def test_what_cannot_be_read_goes_on_as_failed(
    run: Callable[..., Outputs], conn: Conn, portal: Portal
) -> None:
    body = execution(portal.portal_id)
    del body["callbackId"]
    fields = run(body)
    assert (fields["hs_execution_state"], fields["reason"]) == ("FAIL_CONTINUE", "bad_input")
    assert rows(conn, "workflow_executions", portal) == []


@pytest.mark.parametrize("record", [None, {"objectId": 5, "objectType": "TICKET"}, {"objectType": "CONTACT"}])
def test_without_a_record_of_ours_nothing_is_sent(
    run: Callable[..., Outputs], conn: Conn, portal: Portal, record: Any
) -> None:
    fields = run({**execution(portal.portal_id), "object": record})
    assert (fields["hs_execution_state"], fields["reason"]) == ("FAIL_CONTINUE", "bad_input")
    assert stored(conn, portal) == []


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"recipient": ""}, "number_missing"),
    ({"recipient": "demain"}, "number_invalid"),
    ({"recipient": "01 42 68 53 00"}, "number_not_mobile"),
    ({"message": None}, "text_empty"),
    ({"message": "Bonjour {{amount}}"}, "text_tokens_left"),
    ({"message": "Bonjour 😀" + "a" * 70}, "text_not_gsm7"),
    ({"message": "a" * 1600}, "text_too_long"),
    ({"sender": "X"}, "sender_invalid"),
    ({"message": "https://a:b@c.example", "shorten_links": True}, "url_invalid"),
    ({"message": None, "template": str(uuid.uuid4())}, "template_not_found"),
    ({"push_type": "loud"}, "bad_input"),
    ({"wait_for": "delivered"}, "scope_missing"),
]


@pytest.mark.parametrize(("changes", "reason"), REFUSED, ids=[reason for _, reason in REFUSED])
def test_refusals_are_stored_and_repeated(
    run: Callable[..., Outputs], conn: Conn, portal: Portal, changes: dict[str, Any], reason: str
) -> None:
    body = execution(portal.portal_id, **changes)
    first = run(body)
    assert (first["hs_execution_state"], first["status"], first["reason"]) == (
        "FAIL_CONTINUE",
        "refused",
        reason,
    )
    assert (first["message_id"], first["cost"]) == ("", "0")
    assert (first["sms_count"] != "0") == (reason in ("text_too_long", "text_not_gsm7"))
    assert run(body) == first
    assert stored(conn, portal) == []
    assert len(rows(conn, "workflow_executions", portal)) == 1


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"message": "Bonjour 😀 你" + "a" * 70}, "😀, 你"),
        ({"message": "Voir https://a:b@c.example ici", "shorten_links": True}, "https://a:b@c.example"),
        ({"push_type": "loud"}, "push_type"),
        ({"wait_for": "clicked", "wait_hours": "500"}, "wait_hours"),
    ],
)
def test_a_refusal_names_the_thing_at_fault(
    run: Callable[..., Outputs], portal: Portal, changes: dict[str, Any], detail: str
) -> None:
    assert run(execution(portal.portal_id, **changes))["detail"] == detail


@pytest.mark.parametrize(
    ("message", "sent"),
    [
        ("Bonjour Zoe\u0301, fête à Noël", "Bonjour Zoé, fête à Noël"),
        ("L’été\tà Noël, ça plaît" + "a" * 70, "L'été à Noel, ca plait" + "a" * 70),
        ("L&#39;&eacute;quipe &amp; vous", "L'équipe & vous"),
        ("&amp;eacute; &copy=2 &unknown;", "&eacute; &copy=2 &unknown;"),
        ("a\x00b\x07c\x1bd", "abcd"),
        ("Bonjour&nbsp;! " + "é&ecirc;" * 40, "Bonjour ! " + "ée" * 40),
    ],
)
def test_the_text_that_leaves_is_the_text_that_was_meant(
    run: Callable[..., Outputs], conn: Conn, portal: Portal, message: str, sent: str
) -> None:
    assert run(execution(portal.portal_id, message=message))["status"] == "queued"
    assert [row["text"] for row in stored(conn, portal)] == [sent]


def test_consent_country_and_account_are_asked(
    run: Callable[..., Outputs], conn: Conn, vault: Vault, portal: Portal
) -> None:
    opt_outs.add(
        conn, portal.portal_id, "+33612345609", source=ConsentSource.STOP, text="STOP", at=datetime.now(UTC)
    )
    prefer(conn, portal, allowed_countries=["FR"], alert_rule="allow")
    marketing = {
        "recipient": "06 12 34 56 09",
        "push_type": "marketing",
    }  # national form, parsed with the portal's country
    assert run(execution(portal.portal_id, **marketing))["reason"] == "opted_out"
    assert (
        run(execution(portal.portal_id, recipient="+33612345609", push_type="marketing"))["reason"]
        == "opted_out"
    )
    assert run(execution(portal.portal_id, recipient="+33612345609"))["status"] == "queued"
    fields = run(execution(portal.portal_id, recipient="+32470123456"))
    assert (fields["reason"], fields["recipient"]) == ("country_not_allowed", "+32470123456")
    lonely = a_portal(conn, vault, linked=False)
    assert run(execution(lonely.portal_id))["reason"] == "account_not_linked"


def test_marketing_waits_for_legal_hours(run: Callable[..., Outputs], conn: Conn, portal: Portal) -> None:
    now = datetime.now(ZoneInfo("Europe/Paris"))
    hours = (10, 12) if now.hour >= 13 else (20, 22)  # a window that excludes the present
    prefer(conn, portal, calendar_start_hour=hours[0], calendar_end_hour=hours[1])
    fields = run(execution(portal.portal_id, push_type="marketing"))
    [message] = stored(conn, portal)
    assert (fields["status"], fields["reason"]) == ("scheduled", "legal_hours")
    assert fields["hs_execution_state"] == "SUCCESS"
    assert (message["state"], message["priority"]) == ("scheduled", 2)
    assert message["due_at"] > datetime.now(UTC)
    assert lane(conn, portal, "deliver") == message["due_at"]


TEXTS: list[tuple[dict[str, Any], str, list[str]]] = [
    (
        {"message": "Voir https://a.example/x.", "shorten_links": "true"},
        "Voir <-short->.",
        ["https://a.example/x"],
    ),
    ({"message": "Voir https://a.example/x."}, "Voir https://a.example/x.", []),
    ({"message": "Promo", "stop_mention": "yes"}, "Promo\n<-stop->", []),
    ({"message": "Promo", "push_type": "marketing", "sender": "LUMEN", "stop_mention": True}, "Promo", []),
    ({"message": "Nom : <-stop-> <-short->"}, "Nom : <stop> <short>", []),
    ({"message": "Bonjour 😀", "unicode": "1"}, "Bonjour 😀", []),
    ({"message": "a\x00b\ud800", "unicode": "1"}, "ab\ufffd", []),
]


@pytest.mark.parametrize(("changes", "text", "links"), TEXTS)
def test_texts(
    run: Callable[..., Outputs],
    conn: Conn,
    portal: Portal,
    changes: dict[str, Any],
    text: str,
    links: list[str],
) -> None:
    run(execution(portal.portal_id, **changes))
    [message] = stored(conn, portal)
    assert (message["text"], message["links"]) == (text, links)


def test_a_template_without_tokens_is_sent_with_its_links_and_sender(
    run: Callable[..., Outputs], conn: Conn, portal: Portal
) -> None:
    template = a_template(conn, portal, "Voir <-short->", "https://a.example", sender="LUMEN")
    run(execution(portal.portal_id, message=None, template=template, shorten_links=True))
    [message] = stored(conn, portal)
    assert (message["text"], message["links"]) == ("Voir <-short->", ["https://a.example"])
    assert (message["sender"], str(message["template_id"])) == ("LUMEN", template)


@pytest.fixture
def blocking(conn: Conn, vault: Vault) -> Portal:
    """A portal that lets the app block its workflows."""
    return with_closed_lanes(conn, a_portal(conn, vault, scopes=("oauth", "automation")))


def test_a_wait_blocks_with_the_message_stored(
    run: Callable[..., Outputs], conn: Conn, blocking: Portal
) -> None:
    body = execution(blocking.portal_id, wait_for="replied", wait_hours="3")
    fields = run(body)
    assert (fields["hs_execution_state"], fields["status"]) == ("BLOCK", "pending")
    assert fields["hs_expiration_duration"] == "PT240M"
    [message] = stored(conn, blocking)
    assert (message["state"], fields["message_id"]) == ("queued", str(message["message_id"]))
    [row] = rows(conn, "workflow_executions", blocking)
    assert (row["state"], row["wait_for"], row["wait_s"], row["is_blocked"]) == (
        "waiting",
        "replied",
        10_800,
        True,
    )
    assert message["due_at"] < row["timer_at"] < row["blocked_until"]
    assert lane(conn, blocking, "callbacks") == row["check_at"] == row["timer_at"]
    again = run(body)
    assert {**again, "hs_expiration_duration": ""} == {**fields, "hs_expiration_duration": ""}
    assert len(stored(conn, blocking)) == 1


@pytest.mark.parametrize("path", [SEND_SMS_DEAL, SEND_SMS])
def test_what_needs_the_record_is_kept_to_be_resolved(
    run: Callable[..., Outputs], conn: Conn, blocking: Portal, path: str
) -> None:
    template = a_template(conn, blocking, "Bonjour {{firstname}}")
    fields = run(execution(blocking.portal_id, message=None, template=template, phone_property="phone"), path)
    assert (fields["hs_execution_state"], fields["status"], fields["message_id"]) == ("BLOCK", "pending", "")
    [row] = rows(conn, "workflow_executions", blocking)
    assert (row["state"], row["request"]["template"]) == ("resolving", template)
    assert row["blocked_until"] > row["created_at"] + timedelta(hours=24)
    due_at = lane(conn, blocking, "resolve")
    assert due_at is not None
    assert due_at <= datetime.now(UTC)
    assert stored(conn, blocking) == []


def test_a_known_outcome_is_told_again_and_once_more_by_callback(
    run: Callable[..., Outputs], conn: Conn, blocking: Portal
) -> None:
    body = execution(blocking.portal_id, wait_for="delivered")
    first = run(body)
    conn.execute(
        "UPDATE workflow_executions SET state = 'done', check_at = NULL, done_at = now(),"
        ' outputs = outputs || \'{"status": "delivered"}\' WHERE portal_id = %s',
        (blocking.portal_id,),
    )
    conn.commit()
    fields = run(body)
    assert (fields["hs_execution_state"], fields["status"]) == ("SUCCESS", "delivered")
    assert fields["message_id"] == first["message_id"]
    [row] = rows(conn, "workflow_executions", blocking)
    assert (row["state"], row["is_blocked"]) == ("due", False)
    assert row["check_at"] > datetime.now(UTC) + timedelta(seconds=5)
    assert run(body) == fields


def test_ten_equal_executions_at_once_are_one(app: Flask, conn: Conn, portal: Portal) -> None:
    body = execution(portal.portal_id)
    answers = at_once(app, [body] * 10)
    assert len({json.dumps(answer, sort_keys=True) for answer in answers}) == 1
    assert answers[0]["status"] == "queued"
    assert len(stored(conn, portal)) == 1


def test_equal_executions_in_two_processes_are_one(wiring: Wiring, conn: Conn, portal: Portal) -> None:
    """Each application has its own coalescer, as two processes have: the database decides."""
    apps = [create_app(wiring.settings, wiring) for _ in range(2)]
    bodies = [execution(portal.portal_id) for _ in range(8)]
    with ThreadPoolExecutor(2) as pool:
        both = list(
            pool.map(lambda one: at_once(one[0], one[1]), [(apps[0], bodies), (apps[1], bodies[::-1])])
        )
    assert [one["message_id"] for one in both[0]] == [one["message_id"] for one in both[1][::-1]]
    assert len(stored(conn, portal)) == len(bodies)


def at_once(app: Flask, bodies: list[dict[str, Any]]) -> list[Outputs]:
    start = threading.Barrier(len(bodies))

    def call(body: dict[str, Any]) -> Outputs:
        start.wait(20)
        answer = app.test_client().post(SEND_SMS, **signed(SEND_SMS, body))
        assert answer.status_code == 200, answer.get_data()
        fields: Outputs = answer.get_json()["outputFields"]
        return fields

    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(call, bodies))


def test_one_poisoned_execution_does_not_fail_its_neighbours(
    app: Flask, conn: Conn, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One execution makes our code fail, one the database: both are found, and the others are still stored."""
    build = build_message

    def poisoned(portal: Portal, origin: Any, request: Any, *rest: Any) -> Message:
        if request.recipient.e164.endswith("66"):
            raise LookupError("a defect of ours")
        message = build(portal, origin, request, *rest)
        return replace(message, text="\x00") if message.recipient.endswith("67") else message

    monkeypatch.setattr(compose_executions, "build_message", poisoned)
    numbers = ("+33612345665", "+33612345666", "+33612345667", "+33612345668")
    asked = [
        (portal.portal_id, read_execution(execution(portal.portal_id, recipient=number), Action.SEND_SMS))
        for number in numbers
    ]
    answers = app.extensions["executions"].accepting.run(asked)
    kinds = [ExecutionAnswer, LookupError, UntranslatableCharacter, ExecutionAnswer]
    assert [type(answer) for answer in answers] == kinds
    assert [message["recipient"] for message in stored(conn, portal)] == ["+33612345665", "+33612345668"]
    assert len(rows(conn, "workflow_executions", portal)) == 2


def test_a_defect_is_a_500_that_hubspot_repeats(
    app: Flask, portal: Portal, conn: Conn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any) -> Message:
        raise LookupError("a defect of ours")

    body = execution(portal.portal_id)
    with monkeypatch.context() as patch:
        patch.setattr(compose_executions, "build_message", broken)
        answer = app.test_client().post(SEND_SMS, **signed(SEND_SMS, body))
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (500, "internal")
    assert rows(conn, "workflow_executions", portal) == []
    assert app.test_client().post(SEND_SMS, **signed(SEND_SMS, body)).status_code == 200


def test_overload_is_a_429_in_milliseconds_with_nothing_stored(
    wiring: Wiring, conn: Conn, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All connections of the process are in use."""
    monkeypatch.setattr(portal_batches, "POOL_PATIENCE_S", 0.05)
    with open_pool(wiring.settings.database_url, 1) as small:
        app = create_app(wiring.settings, replace(wiring, pool=small))
        body = execution(portal.portal_id)
        with small.connection():
            answer = app.test_client().post(SEND_SMS, **signed(SEND_SMS, body))
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (429, "overloaded")
        assert 5_000 <= int(answer.headers["Retry-After"]) <= 15_000
        assert rows(conn, "workflow_executions", portal) == []
        assert app.test_client().post(SEND_SMS, **signed(SEND_SMS, body)).status_code == 200


def options(client: FlaskClient, path: str, portal: Portal, **fetch: Any) -> dict[str, Any]:
    body = {"origin": {"portalId": portal.portal_id}, "fetchOptions": fetch}
    answer = client.post(path, **signed(path, body, version="v2"))
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def test_senders_are_those_of_the_portal_and_the_one_typed(
    client: FlaskClient, run: Callable[..., Outputs], conn: Conn, portal: Portal
) -> None:
    assert options(client, OPTIONS[0], portal) == {"options": [], "searchable": True}
    prefer(conn, portal, default_sender="LUMEN")
    for sender in ("Zebre", "Alpha", "Zebre", None):
        run(execution(portal.portal_id, sender=sender))

    def labels(**fetch: str) -> list[str]:
        return [each["label"] for each in options(client, OPTIONS[0], portal, **fetch)["options"]]

    assert labels() == ["LUMEN", "Alpha", "Zebre"]
    assert labels(q="ze") == ["Zebre"]
    assert labels(q="zeb") == ["Zebre", "zeb"]
    assert labels(q="06 12") == []


def test_templates_are_searched_and_paged(client: FlaskClient, conn: Conn, portal: Portal) -> None:
    for number in range(52):
        content = TemplateContent(f"Texte {number}", [], PushType.ALERT, None, False)
        save(conn, portal.portal_id, f"Relance {number:02d}", content, author=Author(77, None))
    save(
        conn,
        portal.portal_id,
        "100% remise",
        TemplateContent("Promo", [], PushType.ALERT, None, False),
        author=Author(77, None),
    )
    conn.commit()
    first = options(client, OPTIONS[1], portal, q="rel")
    assert (len(first["options"]), first["after"]) == (50, "50")
    assert first["options"][0]["label"] == "Relance 00"
    assert first["options"][0]["description"] == "Texte 0"
    last = options(client, OPTIONS[1], portal, q="REL", after="50")
    assert [option["label"] for option in last["options"]] == ["Relance 50", "Relance 51"]
    assert "after" not in last
    assert [option["label"] for option in options(client, OPTIONS[1], portal, q="%")["options"]] == [
        "100% remise"
    ]
    assert uuid.UUID(first["options"][0]["value"])


@pytest.mark.parametrize(
    ("recipient", "country", "reason", "number"),
    [
        ("07911 123456", "Royaume-Uni", "", "+447911123456"),
        ("079 123 45 67", "Suisse", "number_ambiguous", ""),
        ("079 123 45 67", "Atlantis", "", "+33791234567"),
        ("079 123 45 67", None, "", "+33791234567"),
        ("0470 12 34 56", "BE", "", "+32470123456"),
        ("+1 900 234 5678", None, "number_special_rate", ""),
        ("06 12 34 50 05 ext. 12", None, "", "+33612345005"),
    ],
)
def test_number_is_read_in_the_country_that_the_call_names(
    run: Callable[..., Outputs],
    portal: Portal,
    recipient: str,
    country: str | None,
    reason: str,
    number: str,
) -> None:
    body = execution(portal.portal_id, recipient=recipient)
    body["object"]["properties"] = {"country": country, "smsfactor_is_stop": None}
    fields = run(body)
    assert (fields["reason"], fields["recipient"]) == (reason, number)
