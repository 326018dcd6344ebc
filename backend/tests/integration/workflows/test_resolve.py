"""Deals and templates with merge fields, read from HubSpot's simulator: their recipients and texts (F3.2)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from backend.tests import workflow_calls
from backend.tests.factories import link
from backend.tests.integration.conftest import end_budget_pause, install
from backend.tests.integration.workflows.executions import accept, an_execution, let_pass, row_of
from backend.tests.integration.workflows.resolving import (
    COMPANIES,
    CONTACTS,
    DEALS,
    a_deal,
    a_template,
    calls,
    installed,
    turn_of,
)
from backend.tests.workflow_calls import SEND_SMS_DEAL
from connector import create_app
from connector.domain.vocabulary import Action, ConsentSource
from connector.domain.workflows.fields import Execution
from connector.hubspot.client import HubSpotApi
from connector.store import lanes
from connector.store.consent import opt_outs
from connector.store.database import Conn
from connector.store.messages import messages
from connector.store.messages.messages import Message
from connector.store.portals import portals
from connector.store.portals.portals import Portal
from connector.store.workflows import resolving
from connector.wiring import Wiring
from connector.worker.runner import BackOff
from connector.worker.workflows.resolve import resolve_lane
from sandbox.hubspot_sim.testing import HubSpot
from sandbox.hubspot_sim.world import PORTAL_ID


@pytest.fixture
def portal(own: Conn, connected: Wiring) -> Portal:
    return installed(own)


def resolve(own: Conn, wiring: Wiring) -> None:
    """Drain the lane in one turn."""
    turn = turn_of(own)
    try:
        while resolve_lane(wiring, turn):
            pass
    finally:
        lanes.release(own, turn, next_due_at=resolving.next_due_at(own, turn.portal_id))


def outcome(own: Conn, wiring: Wiring, portal: Portal, execution: Execution) -> dict[str, Any]:
    """Accept and resolve one execution; returns its row."""
    [answer] = accept(own, portal, execution)
    assert (answer.hs_state, answer.outputs["status"]) == ("BLOCK", "pending")
    resolve(own, wiring)
    return row_of(own, portal, execution.callback_id)


def message_of(own: Conn, row: dict[str, Any]) -> Message:
    found = messages.get(own, PORTAL_ID, row["message_id"])
    own.commit()
    return found


def test_two_deals_of_one_person_send_a_text_once(own: Conn, connected: Wiring, portal: Portal) -> None:
    portals.save_preferences(own, PORTAL_ID, {"once_within_h": 24})
    own.commit()
    first, second = a_deal("1301"), a_deal("1301")
    accept(own, portal, first, second)
    resolve(own, connected)
    outcomes = [row_of(own, portal, deal.callback_id)["outputs"] for deal in (first, second)]
    assert sorted((one["status"], one["reason"]) for one in outcomes) == [
        ("queued", ""),
        ("refused", "already_texted"),
    ]
    assert stored_messages(own) == 1


def stored_messages(own: Conn) -> int:
    row = own.execute("SELECT count(*) FROM messages").fetchone()
    own.commit()
    assert row is not None
    return int(row["count"])


# --- recipients


def test_deal_texts_its_first_contact_and_the_sms_belongs_to_both(
    own: Conn, connected: Wiring, portal: Portal
) -> None:
    row = outcome(own, connected, portal, a_deal("1301"))
    assert (row["state"], row["outputs"]["status"]) == ("due", "queued")
    assert row["outputs"]["recipient"] == "+33612345678"
    message = message_of(own, row)
    assert (message.state, message.recipient, message.source) == ("queued", "+33612345678", "workflow")
    assert (message.object_type_id, message.object_id) == (DEALS, "1301")
    assert (message.person_object_type_id, message.person_object_id) == (CONTACTS, "501")
    assert (message.recipient_property, message.recipient_raw) == ("mobilephone", "06 12 34 56 78")
    assert row["check_at"] >= row["created_at"]
    assert row["request"] is None, "the inputs are personal and no longer needed"


def test_contacts_are_asked_in_the_order_of_association(own: Conn, connected: Wiring, portal: Portal) -> None:
    message = message_of(own, outcome(own, connected, portal, a_deal("1303")))
    assert (message.person_object_type_id, message.person_object_id) == (CONTACTS, "508")


def test_company_is_texted_when_no_contact_has_the_chosen_number(
    own: Conn, connected: Wiring, portal: Portal
) -> None:
    message = message_of(own, outcome(own, connected, portal, a_deal("1304")))
    assert (message.person_object_type_id, message.person_object_id) == (COMPANIES, "904")
    assert (message.recipient, message.recipient_property) == ("+33612345640", "phone")


def test_deal_with_nobody_to_text_goes_on_with_a_reason_and_nothing_is_stored(
    own: Conn, connected: Wiring, portal: Portal
) -> None:
    row = outcome(own, connected, portal, a_deal("1305"))
    assert (row["state"], row["outputs"]["status"], row["outputs"]["reason"]) == (
        "due",
        "refused",
        "no_recipient",
    )
    assert row["message_id"] is None
    assert stored_messages(own) == 0


def test_chosen_property_decides_and_a_landline_counts_as_none(
    own: Conn, connected: Wiring, portal: Portal, hubspot: HubSpot
) -> None:
    landline = made(hubspot, "contacts", {"mobilephone": "01 42 68 53 00", "phone": "06 12 34 56 53"})
    other = made(hubspot, "contacts", {"mobilephone": "06 12 34 56 54"})
    deal = made_deal(hubspot, [landline, other])
    by_mobile = outcome(own, connected, portal, a_deal(deal, phone_property="mobilephone"))
    assert by_mobile["outputs"]["recipient"] == "+33612345654"
    by_phone = outcome(own, connected, portal, a_deal(deal, phone_property="phone"))
    assert by_phone["outputs"]["recipient"] == "+33612345653"


def test_deal_with_many_contacts_without_number_still_finds_the_one_that_has_one(
    own: Conn, connected: Wiring, portal: Portal, hubspot: HubSpot
) -> None:
    people = [made(hubspot, "contacts", {"lastname": f"N{number}"}) for number in range(8)]
    people.append(made(hubspot, "contacts", {"mobilephone": "06 12 34 56 55"}))
    deal = made_deal(hubspot, people)
    assert outcome(own, connected, portal, a_deal(deal))["outputs"]["recipient"] == "+33612345655"


def made(hubspot: HubSpot, object_type: str, properties: dict[str, str]) -> str:
    record = hubspot.control("POST", f"records/{object_type}", {"properties": properties})
    return str(record["id"])


def made_deal(hubspot: HubSpot, contacts: list[str]) -> str:
    associations = [
        {
            "to": {"id": contact},
            "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}],
        }
        for contact in contacts
    ]
    body = {"properties": {"dealname": "Essai"}, "associations": associations}
    return str(hubspot.control("POST", "records/deals", body)["id"])


def test_contact_of_a_deal_is_read_in_its_country_or_refused_when_two_are_possible(
    own: Conn, connected: Wiring, portal: Portal, hubspot: HubSpot
) -> None:
    british = {"mobilephone": "07911 123456", "country": "Royaume-Uni"}
    sure = made_deal(hubspot, [made(hubspot, "contacts", british)])
    assert outcome(own, connected, portal, a_deal(sure))["outputs"]["recipient"] == "+447911123456"
    either = made(hubspot, "contacts", {"mobilephone": "079 123 45 67", "country": "Suisse"})
    unsure = made_deal(hubspot, [either])
    row = outcome(own, connected, portal, a_deal(unsure))
    assert (row["outputs"]["status"], row["outputs"]["reason"]) == ("refused", "number_ambiguous")
    assert stored_messages(own) == 1
    other = made(hubspot, "contacts", {"mobilephone": "06 12 34 56 57"})
    both = made_deal(hubspot, [either, other])
    assert outcome(own, connected, portal, a_deal(both))["outputs"]["recipient"] == "+33612345657"


def merge(hubspot: HubSpot, object_type: str, loser: str, survivor: str) -> str:
    body = {"into": survivor}
    return str(hubspot.control("POST", f"records/{object_type}/{loser}/merge", body)["id"])


def test_deal_that_was_merged_meanwhile_texts_the_survivors_contact(
    own: Conn, connected: Wiring, portal: Portal, hubspot: HubSpot
) -> None:
    merge(hubspot, "deals", "1303", "1302")
    hubspot.control("POST", "api-calls/reset")
    row = outcome(own, connected, portal, a_deal("1303"))
    assert (row["outputs"]["status"], row["outputs"]["reason"]) == ("queued", "")
    assert calls(hubspot) == {"associations: batch read": 2, "objects: batch read": 2}


def test_contact_of_a_deal_that_was_merged_is_found_under_its_new_id(
    own: Conn, connected: Wiring, portal: Portal, hubspot: HubSpot
) -> None:
    left = merge(hubspot, "contacts", "501", "527")
    message = message_of(own, outcome(own, connected, portal, a_deal("1301")))
    assert (message.person_object_type_id, message.person_object_id) == (CONTACTS, left)


@pytest.mark.parametrize("answers", ["survivor", "left_out"])
def test_merge_fields_of_a_merged_contact_are_the_survivors(
    own: Conn, connected: Wiring, portal: Portal, hubspot: HubSpot, answers: str
) -> None:
    hubspot.settings(read_merged=answers)
    merge(hubspot, "contacts", "502", "501")
    template = a_template(own, "Bonjour {{firstname}}")
    execution = an_execution(template=template, message="", object_id="502")
    assert message_of(own, outcome(own, connected, portal, execution)).text == "Bonjour Camille"


# --- the usual checks


def test_opted_out_contact_of_a_deal_is_not_texted(own: Conn, connected: Wiring, portal: Portal) -> None:
    opt_outs.add(own, PORTAL_ID, "+33612345678", source=ConsentSource.STOP, text="STOP", at=datetime.now(UTC))
    own.commit()
    row = outcome(own, connected, portal, a_deal("1301"))
    assert (row["outputs"]["status"], row["outputs"]["reason"]) == ("refused", "opted_out")
    assert stored_messages(own) == 0


def test_deal_that_waits_is_told_nothing_before_its_outcome(
    own: Conn, connected: Wiring, portal: Portal
) -> None:
    row = outcome(own, connected, portal, a_deal("1301", wait_for="replied", wait_hours="2"))
    message = message_of(own, row)
    assert (row["state"], row["outputs"]["status"]) == ("waiting", "pending")
    assert (row["timer_at"] - message.due_at).total_seconds() == 7200
    assert row["check_at"] == row["timer_at"]


def test_execution_that_waited_too_long_for_hubspot_is_not_sent(
    own: Conn, connected: Wiring, portal: Portal, hubspot: HubSpot
) -> None:
    execution = a_deal("1301")
    accept(own, portal, execution)
    let_pass(own, portal, hours=24.01)
    resolve(own, connected)
    row = row_of(own, portal, execution.callback_id)
    assert (row["state"], row["outputs"]["reason"]) == ("due", "too_old")
    assert calls(hubspot) == {}
    assert stored_messages(own) == 0


# --- texts


def test_tokens_of_a_template_are_filled_in_with_the_contacts_properties(
    own: Conn, connected: Wiring, portal: Portal
) -> None:
    template = a_template(own, "Bonjour {{firstname}}, voir <-short->", ["https://lumen.example/a"])
    execution = an_execution(template=template, message="", object_id="501")
    message = message_of(own, outcome(own, connected, portal, execution))
    assert message.text == "Bonjour Camille, voir <-short->"
    assert message.links == ["https://lumen.example/a"]
    assert message.recipient == "+33612345601", "the recipient is the action's input"
    assert str(message.template_id) == template


def test_tokens_of_a_deals_template_are_the_deals(own: Conn, connected: Wiring, portal: Portal) -> None:
    template = a_template(own, "{{dealname}} : {{amount}}")
    message = message_of(own, outcome(own, connected, portal, a_deal("1301", template=template, message="")))
    assert message.text == "Rénovation de la vitrine : 8 400 €"


def test_values_are_written_as_a_person_would_write_them_with_one_list_of_properties_for_all(
    own: Conn, connected: Wiring, portal: Portal, hubspot: HubSpot
) -> None:
    """Choices appear by label and dates as people write them, as from the card."""
    template = a_template(own, "{{dealstage}} le {{closedate}}")
    first = message_of(own, outcome(own, connected, portal, a_deal("1301", template=template, message="")))
    assert first.text == "Présentation planifiée le 18/12/2026 18:00"
    message_of(own, outcome(own, connected, portal, a_deal("1303", template=template, message="")))
    assert calls(hubspot)["properties"] == 1, "kept, not read for each batch"


def test_tokens_of_a_companys_template_are_the_companys(own: Conn, connected: Wiring, portal: Portal) -> None:
    template = a_template(own, "Bonjour {{name}}")
    execution = an_execution(Action.SEND_SMS, COMPANIES, "903", template=template, message="")
    assert message_of(own, outcome(own, connected, portal, execution)).text == "Bonjour Cabinet du Parc"


def test_missing_value_refuses_and_names_the_reason(own: Conn, connected: Wiring, portal: Portal) -> None:
    template = a_template(own, "Bonjour {{hs_lead_status}}")
    row = outcome(own, connected, portal, an_execution(template=template, message=""))
    assert (row["outputs"]["status"], row["outputs"]["reason"]) == ("refused", "property_missing")
    assert row["outputs"]["detail"] == "hs_lead_status"


def test_record_that_is_gone_refuses_only_its_own_execution(
    own: Conn, connected: Wiring, portal: Portal, hubspot: HubSpot
) -> None:
    template = a_template(own, "Bonjour {{firstname}}")
    there = an_execution(template=template, message="", object_id="501")
    gone = an_execution(template=template, message="", object_id="502")
    hubspot.control("DELETE", "records/contacts/502")
    accept(own, portal, there, gone)
    resolve(own, connected)
    assert row_of(own, portal, there.callback_id)["outputs"]["status"] == "queued"
    assert row_of(own, portal, gone.callback_id)["outputs"]["reason"] == "record_not_found"


def test_template_that_is_deleted_meanwhile_refuses(own: Conn, connected: Wiring, portal: Portal) -> None:
    template = a_template(own, "Bonjour {{firstname}}")
    execution = an_execution(template=template, message="")
    accept(own, portal, execution)
    own.execute("UPDATE templates SET deleted_at = now()")
    own.commit()
    resolve(own, connected)
    assert row_of(own, portal, execution.callback_id)["outputs"]["reason"] == "template_not_found"


# --- many executions


def test_a_thousand_deals_cost_one_association_read_and_a_read_for_each_hundred_people(
    own: Conn, connected: Wiring, portal: Portal, hubspot: HubSpot
) -> None:
    made_contacts = hubspot.control("POST", "records/contacts/generate", {"count": 300})
    first = int(made_contacts["first_id"])
    deals = [made_deal(hubspot, [str(first + number)]) for number in range(300)]
    hubspot.control("POST", "api-calls/reset")
    executions = [a_deal(deal) for deal in deals]
    accept(own, portal, *executions)
    resolve(own, connected)
    assert stored_messages(own) == 300
    assert calls(hubspot) == {"associations: batch read": 1, "objects: batch read": 3}


def test_two_workers_on_one_lane_store_one_message_each(
    own: Conn, connected: Wiring, portal: Portal, hubspot: HubSpot
) -> None:
    executions = [a_deal("1301"), a_deal("1303"), a_deal("1304"), a_deal("1305")]
    accept(own, portal, *executions)
    turns = [turn_of(own), turn_of(own)]
    with ThreadPoolExecutor(2) as workers:
        list(workers.map(lambda turn: resolve_lane(connected, turn), turns))
    assert stored_messages(own) == 3


# --- HubSpot's faults


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ({"kind": "status", "status": 429}, "rate_limited"),
        ({"kind": "status", "status": 503}, "Unavailable"),
        ({"kind": "status", "status": 403, "category": "MISSING_SCOPES"}, "hubspot_scope_missing"),
    ],
)
def test_nothing_is_decided_while_hubspot_cannot_be_asked(
    own: Conn, connected: Wiring, portal: Portal, hubspot: HubSpot, fault: dict[str, Any], cause: str
) -> None:
    execution = a_deal("1301")
    accept(own, portal, execution)
    body = {"message": "x", "category": fault.pop("category", "X")}
    hubspot.control("POST", "faults", {**fault, "path": "/crm/associations/*", "body": body, "count": 1})
    with pytest.raises(BackOff, match=cause):
        resolve(own, connected)
    assert row_of(own, portal, execution.callback_id)["state"] == "resolving"
    end_budget_pause(own)
    resolve(own, connected)
    assert row_of(own, portal, execution.callback_id)["outputs"]["status"] == "queued"


# --- within the request, where nothing can wait (P19)


@pytest.fixture
def without_automation(own: Conn, alone: Wiring, hubspot: HubSpot) -> Wiring:
    wiring = install(alone, own, hubspot)
    link(own, wiring.vault, PORTAL_ID, client_id="4471")
    own.commit()
    hubspot.control("POST", "api-calls/reset")
    return wiring


def execute(app: Flask, deal: str, **inputs: Any) -> Any:
    body = workflow_calls.execution(PORTAL_ID, recipient=None, phone_property="mobilephone", **inputs)
    body["object"] = {"objectId": int(deal), "objectType": "DEAL"}
    return app.test_client().post(SEND_SMS_DEAL, **workflow_calls.signed(SEND_SMS_DEAL, body))


@pytest.mark.parametrize(
    ("deal", "state", "status", "reason"),
    [
        ("1301", "SUCCESS", "queued", ""),
        ("1304", "SUCCESS", "queued", ""),
        ("1305", "FAIL_CONTINUE", "refused", "no_recipient"),
    ],
)
def test_deal_is_answered_at_once(
    own: Conn, without_automation: Wiring, deal: str, state: str, status: str, reason: str
) -> None:
    app = create_app(without_automation.settings, without_automation)
    answer = execute(app, deal)
    assert answer.status_code == 200
    fields = answer.get_json()["outputFields"]
    assert (fields["hs_execution_state"], fields["status"], fields["reason"]) == (state, status, reason)
    assert stored_messages(own) == (1 if status == "queued" else 0)
    row = own.execute("SELECT state, is_blocked FROM workflow_executions").fetchone()
    assert row == {"state": "done", "is_blocked": False}


def test_requests_that_arrive_together_share_their_calls(
    own: Conn, without_automation: Wiring, hubspot: HubSpot
) -> None:
    """The first request's read is held; later requests share their reads."""
    app = create_app(without_automation.settings, without_automation)
    hold = hubspot.control(
        "POST", "faults", {"kind": "hold_before", "path": "/crm/associations/*", "count": 1}
    )
    with ThreadPoolExecutor(21) as threads:
        first = threads.submit(execute, app, "1301")
        wait_until(lambda: hubspot.control("GET", f"faults/{hold['id']}")["hits"] == 1)
        others = [threads.submit(execute, app, deal) for deal in ["1301", "1303", "1304", "1305"] * 5]
        queues = app.extensions["executions"].resolving._queues
        wait_until(lambda: sum(len(queue.seats) for queue in queues.values()) == 20)
        hubspot.control("POST", f"faults/{hold['id']}/release", {})
        answers = [one.result(timeout=30) for one in [first, *others]]
    assert [answer.status_code for answer in answers] == [200] * 21
    assert stored_messages(own) == 1 + 15
    assert calls(hubspot) == {"associations: batch read": 3, "objects: batch read": 5}


def wait_until(is_so: Callable[[], bool]) -> None:
    for _ in range(1000):
        if is_so():
            return
        threading.Event().wait(0.01)
    pytest.fail("it did not happen")


@pytest.mark.parametrize("status", [429, 503])
def test_while_hubspot_cannot_be_asked_the_execution_comes_again(
    own: Conn, without_automation: Wiring, hubspot: HubSpot, status: int
) -> None:
    app = create_app(without_automation.settings, without_automation)
    body = {"message": "x", "category": "X"}
    hubspot.control(
        "POST",
        "faults",
        {"kind": "status", "status": status, "path": "/crm/associations/*", "body": body, "count": 1},
    )
    answer = execute(app, "1301")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1000, "milliseconds"
    assert stored_messages(own) == 0
    assert own.execute("SELECT 1 FROM workflow_executions").fetchone() is None
    own.commit()
    end_budget_pause(own)
    assert execute(app, "1301").status_code == 200


def test_hubspot_that_is_too_slow_is_not_waited_for(
    own: Conn, without_automation: Wiring, hubspot: HubSpot
) -> None:
    hasty = replace(
        without_automation,
        hubspot=replace(without_automation.hubspot, interactive_api=HubSpotApi(hubspot.url, timeout_s=0.3)),
    )
    app = create_app(hasty.settings, hasty)
    hubspot.control("POST", "faults", {"kind": "hold_before", "path": "/crm/associations/*", "count": 1})
    assert execute(app, "1301").status_code == 429
    hubspot.control("DELETE", "faults")
    assert stored_messages(own) == 0
