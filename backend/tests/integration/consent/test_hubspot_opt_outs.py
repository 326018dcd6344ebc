"""Opt-outs by hand: a user's « Oui » in HubSpot, read with the record on every path, and one recorded on the card."""

from typing import Any

import pytest
from flask import Flask

from backend.tests.factories import a_consent, link
from backend.tests.integration.conftest import drain, install
from backend.tests.integration.view_calls import USER_EMAIL, USER_ID, ask, open_card
from backend.tests.integration.workflows.executions import accept, an_execution, row_of
from backend.tests.integration.workflows.resolving import CONTACTS, a_deal, a_template, installed
from backend.tests.integration.workflows.test_resolve import resolve, stored_messages
from connector import create_app
from connector.domain.vocabulary import ConsentSource
from connector.hubspot.scopes import OPTIONAL_SCOPES
from connector.store.database import Conn
from connector.store.portals.portals import Portal
from connector.use_cases.consent.record_consent import record_consent
from connector.wiring import Wiring
from sandbox.hubspot_sim.testing import HubSpot
from sandbox.hubspot_sim.world import PORTAL_ID

CAMILLE, NUMBER = "501", "+33612345678"
STOP = "smsfactor_is_stop"


@pytest.fixture
def ready(alone: Wiring, own: Conn, hubspot: HubSpot) -> Wiring:
    """The simulator's portal with the app's properties, and then an account."""
    wiring = install(alone, own, hubspot, optional_scope=" ".join(OPTIONAL_SCOPES))
    drain(wiring)
    link(own, wiring.vault, PORTAL_ID, client_id="4471")
    own.commit()
    return wiring


@pytest.fixture
def app(ready: Wiring) -> Flask:
    return create_app(ready.settings, ready)


@pytest.fixture
def portal(own: Conn, ready: Wiring) -> Portal:
    return installed(own)


def set_in_hubspot(hubspot: HubSpot, value: str) -> None:
    hubspot.control("PATCH", f"records/contacts/{CAMILLE}", {"properties": {STOP: value}})


@pytest.fixture
def marked(ready: Wiring, hubspot: HubSpot) -> None:
    """A user has opted Camille out in HubSpot."""
    set_in_hubspot(hubspot, "true")


def ledger(own: Conn) -> list[tuple[str, str]]:
    rows = own.execute("SELECT recipient, source FROM opt_outs ORDER BY recipient").fetchall()
    own.commit()
    return [(row["recipient"], row["source"]) for row in rows]


def write_marks(own: Conn, wiring: Wiring) -> None:
    """Write what is planned for HubSpot now."""
    own.execute("UPDATE record_writes SET due_at = now() WHERE due_at IS NOT NULL")
    own.execute("UPDATE write_streams SET quiet_until = now()")
    own.execute("UPDATE lanes SET next_due_at = now(), not_before = NULL WHERE next_due_at < 'infinity'")
    own.commit()
    drain(wiring)


def is_stop(hubspot: HubSpot, record_id: str = CAMILLE) -> str | None:
    value: str | None = hubspot.control("GET", f"records/contacts/{record_id}")["properties"].get(STOP)
    return value


def a_message(**changes: Any) -> dict[str, Any]:
    return {
        "object_type_id": CONTACTS,
        "object_id": CAMILLE,
        "property": "mobilephone",
        "recipient": NUMBER,
        "push_type": "alert",
        "sender": None,
        "unicode": False,
        "text": "Votre colis est arrivé",
        **changes,
    }


BY_HUBSPOT = [(NUMBER, ConsentSource.HUBSPOT)]


@pytest.mark.usefixtures("marked")
def test_card_shows_it_and_the_ledger_has_it(app: Flask, own: Conn) -> None:
    [number] = open_card(app, CONTACTS, CAMILLE)["numbers"]
    assert number["is_opted_out"]
    assert ledger(own) == BY_HUBSPOT


@pytest.mark.usefixtures("marked")
def test_card_of_a_deal_obeys_its_contacts_mark(app: Flask, own: Conn) -> None:
    numbers = {n["recipient"]: n["is_opted_out"] for n in open_card(app, "0-3", "1301")["numbers"]}
    assert numbers[NUMBER]
    assert ledger(own) == BY_HUBSPOT


@pytest.mark.usefixtures("marked")
@pytest.mark.parametrize("path", ["/card/preview", "/card/send"])
def test_composer_refuses_and_the_refusal_does_not_undo_the_record(app: Flask, own: Conn, path: str) -> None:
    body = a_message() if path == "/card/preview" else a_message(idempotency_key="k" * 12)
    assert ask(app, path, body)["error"]["code"] == "opted_out"
    assert ledger(own) == BY_HUBSPOT
    assert stored_messages(own) == 0


@pytest.mark.usefixtures("ready")
def test_workflow_of_a_contact_gets_it_in_the_call(own: Conn, portal: Portal) -> None:
    execution = an_execution(object_id=CAMILLE, recipient="06 12 34 56 78")
    execution.properties = {STOP: "true"}
    [answer] = accept(own, portal, execution)
    assert (answer.outputs["status"], answer.outputs["reason"]) == ("refused", "opted_out")
    assert ledger(own) == BY_HUBSPOT


@pytest.mark.usefixtures("marked")
def test_workflow_with_merge_fields_reads_it_with_the_values(
    own: Conn, ready: Wiring, portal: Portal
) -> None:
    template = a_template(own, "Bonjour {{firstname}}")
    execution = an_execution(template=template, message="", object_id=CAMILLE, recipient="06 12 34 56 78")
    accept(own, portal, execution)
    resolve(own, ready)
    assert row_of(own, portal, execution.callback_id)["outputs"]["reason"] == "opted_out"
    assert ledger(own) == BY_HUBSPOT


@pytest.mark.usefixtures("marked")
def test_workflow_of_a_deal_reads_it_with_its_people(own: Conn, ready: Wiring, portal: Portal) -> None:
    execution = a_deal("1301")
    accept(own, portal, execution)
    resolve(own, ready)
    assert row_of(own, portal, execution.callback_id)["outputs"]["reason"] == "opted_out"
    assert ledger(own) == BY_HUBSPOT


def are_passed_on(own: Conn) -> list[bool]:
    """Whether the messages say that the opt-out property of the record with the number was read as empty."""
    rows = own.execute("SELECT stop_empty_at IS NOT NULL AS is_empty FROM messages").fetchall()
    own.commit()
    return [row["is_empty"] for row in rows]


@pytest.mark.parametrize("value", ["", "false"])
def test_card_passes_on_what_it_read(app: Flask, own: Conn, hubspot: HubSpot, value: str) -> None:
    set_in_hubspot(hubspot, value)
    ask(app, "/card/send", a_message(idempotency_key="k" * 12))
    assert are_passed_on(own) == [value == ""]


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(("sent", "is_empty"), [({STOP: ""}, True), ({STOP: "false"}, False), ({}, False)])
def test_workflow_of_a_contact_passes_on_what_the_call_says(
    own: Conn, portal: Portal, sent: dict[str, str], is_empty: bool
) -> None:
    execution = an_execution(object_id=CAMILLE, recipient="06 12 34 56 78")
    execution.properties = sent
    accept(own, portal, execution)
    assert are_passed_on(own) == [is_empty]


@pytest.mark.parametrize("value", ["", "false"])
def test_workflows_that_read_records_pass_on_what_they_read(
    own: Conn, ready: Wiring, portal: Portal, hubspot: HubSpot, value: str
) -> None:
    set_in_hubspot(hubspot, value)
    template = a_template(own, "Bonjour {{firstname}}")
    merged = an_execution(template=template, message="", object_id=CAMILLE, recipient="06 12 34 56 78")
    accept(own, portal, merged, a_deal("1301"))
    resolve(own, ready)
    assert are_passed_on(own) == [value == ""] * 2


@pytest.mark.usefixtures("marked")
def test_messages_that_wait_for_the_number_are_blocked(app: Flask, own: Conn, portal: Portal) -> None:
    accept(own, portal, an_execution(object_id="518", recipient="06 12 34 56 78"))
    open_card(app, CONTACTS, CAMILLE)
    row = own.execute("SELECT state, reason FROM messages").fetchone()
    own.commit()
    assert row == {"state": "blocked", "reason": "opted_out"}


def test_yes_that_the_app_wrote_is_no_opt_out_of_the_records_other_number(
    app: Flask, own: Conn, ready: Wiring, hubspot: HubSpot
) -> None:
    """Sarah has two numbers. One opted out, so the app marks her record."""
    body = {"object_type_id": CONTACTS, "object_id": "515", "recipient": "+33756123410"}
    assert ask(app, "/card/record-opt-out", body)["ok"]
    write_marks(own, ready)
    assert is_stop(hubspot, "515") == "true"
    marks = {n["recipient"]: n["is_opted_out"] for n in open_card(app, CONTACTS, "515")["numbers"]}
    assert marks == {"+33756123410": True, "+33612345611": False}
    assert ledger(own) == [("+33756123410", ConsentSource.CARD)]


def test_yes_that_waits_to_be_taken_back_is_not_obeyed_again(
    app: Flask, own: Conn, ready: Wiring, hubspot: HubSpot
) -> None:
    """Until « Non » is written, and a moment longer, reads still show the « Oui » that the app wrote."""
    body = {"object_type_id": CONTACTS, "object_id": CAMILLE, "recipient": NUMBER}
    assert ask(app, "/card/record-opt-out", body)["ok"]
    write_marks(own, ready)
    consent(own)
    assert not open_card(app, CONTACTS, CAMILLE)["numbers"][0]["is_opted_out"]
    write_marks(own, ready)
    assert is_stop(hubspot) == "false"
    set_in_hubspot(hubspot, "true")  # as a read would show it that began before
    assert not open_card(app, CONTACTS, CAMILLE)["numbers"][0]["is_opted_out"]
    own.execute("UPDATE record_writes SET stop_at = now() - interval '2 min'")
    own.commit()
    assert open_card(app, CONTACTS, CAMILLE)["numbers"][0]["is_opted_out"], "a user's own « Oui » counts"


def consent(own: Conn) -> None:
    record_consent(own, a_consent(own, PORTAL_ID, NUMBER))
    own.commit()


@pytest.mark.usefixtures("marked")
def test_consent_ends_it_and_hubspot_is_told(app: Flask, own: Conn, ready: Wiring, hubspot: HubSpot) -> None:
    open_card(app, CONTACTS, CAMILLE)
    write_marks(own, ready)
    consent(own)
    write_marks(own, ready)
    assert is_stop(hubspot) == "false"
    assert ledger(own) == []


def test_opt_out_on_the_card_has_its_author_and_blocks_what_waits(
    app: Flask, own: Conn, portal: Portal, ready: Wiring, hubspot: HubSpot
) -> None:
    accept(own, portal, an_execution(object_id=CAMILLE, recipient="06 12 34 56 78"))
    body = {
        "object_type_id": CONTACTS,
        "object_id": CAMILLE,
        "recipient": NUMBER,
        "reason": "demandé au téléphone",
    }
    assert ask(app, "/card/record-opt-out", body)["ok"]
    assert ask(app, "/card/record-opt-out", body)["ok"], "again changes nothing"
    events = own.execute("SELECT event, source, user_id, user_email, text FROM consent_events").fetchall()
    states = own.execute("SELECT state FROM messages").fetchall()
    own.commit()
    expected = {"event": "opted_out", "source": "card", "user_id": USER_ID, "user_email": USER_EMAIL}
    assert events == [{**expected, "text": "demandé au téléphone"}]
    assert [row["state"] for row in states] == ["blocked"]
    write_marks(own, ready)
    assert is_stop(hubspot) == "true"


def test_opt_out_of_a_number_that_the_record_lacks_is_refused(app: Flask, own: Conn) -> None:
    body = {"object_type_id": CONTACTS, "object_id": CAMILLE, "recipient": "+33612345699"}
    assert ask(app, "/card/record-opt-out", body)["error"]["code"] == "number_changed"
    assert ledger(own) == []
