"""Refused numbers mark their records, even records never texted from here (F4.1, P14)."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from backend.tests.factories import RECIPIENT, a_consent, a_portal, link, queue
from backend.tests.integration.conftest import drain, install
from backend.tests.integration.counting import counted
from backend.tests.integration.delivery.steps import age_attempts, campaign, many, now_of
from backend.tests.integration.workflows.executions import accept, an_execution
from connector.domain.vocabulary import Action, ConsentSource, LaneKind, UnassignedSource
from connector.domain.workflows.fields import read_inputs
from connector.store import lanes
from connector.store.consent import opt_outs, unassigned_numbers
from connector.store.crm import record_writes
from connector.store.database import Conn
from connector.store.portals.portals import Portal
from connector.use_cases.consent.record_consent import record_consent
from connector.use_cases.delivery.plan_writes import plan_marks
from connector.use_cases.workflows.compose_executions import Ready
from connector.wiring import Wiring
from sandbox.driver.gateway import Gateway
from sandbox.hubspot_sim.testing import HubSpot
from sandbox.hubspot_sim.world import PORTAL_ID

STOP, NPAI = {"smsfactor_is_stop": "true"}, {"smsfactor_is_npai": "true"}
LISTS = [("npai", "npai", NPAI), ("blacklist", "blacklisted", STOP)]


@pytest.fixture
def portal(own: Conn, linked: Wiring, gateway: Gateway) -> Portal:
    """A portal linked to the simulator's account; both of its lists were imported while empty."""
    portal = a_portal(own, linked.vault, linked=False)
    link(own, linked.vault, portal.portal_id, client_id=f"c{portal.portal_id}", token=gateway.token)
    own.commit()
    drain(linked)
    return portal


def marks(own: Conn) -> dict[str, dict[str, str]]:
    rows = own.execute("SELECT object_id, flags FROM record_writes").fetchall()
    own.commit()
    return {row["object_id"]: row["flags"] for row in rows}


def record_writes_of(own: Conn) -> list[dict[str, Any]]:
    rows = own.execute("SELECT last_message, flags, due_at FROM record_writes").fetchall()
    own.commit()
    return rows


def list_comes(own: Conn, wiring: Wiring) -> None:
    """Make the nightly reading of the account's lists due and run it."""
    own.execute("UPDATE account_links SET lists_due_at = now()")
    own.execute("UPDATE lanes SET next_due_at = now(), not_before = NULL WHERE kind = 'lists'")
    own.commit()
    drain(wiring)


@pytest.mark.parametrize(("listed", "reason", "mark"), LISTS)
def test_number_that_the_gateway_refuses_marks_its_record_at_once(
    own: Conn,
    linked: Wiring,
    portal: Portal,
    gateway: Gateway,
    listed: str,
    reason: str,
    mark: dict[str, str],
) -> None:
    [number] = many(1)
    gateway.list_numbers(listed, [number.e164])
    [sent] = campaign(own, linked, portal, [number])
    drain(linked)
    assert (now_of(own, sent).state, now_of(own, sent).reason) == ("refused", reason)
    assert marks(own) == {"501": mark}
    known = unassigned_numbers.unassigned if listed == "npai" else opt_outs.opted_out
    assert known(own, portal.portal_id, [number.e164]) == {number.e164}
    row = own.execute("SELECT last_message, due_at IS NOT NULL AS is_due FROM record_writes").fetchone()
    assert row == {"last_message": {}, "is_due": True}, "nothing was sent: only the mark is to be written"


def test_left_out_of_a_call_leaves_the_same_marks(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    stopped, dead, fine = many(3)
    gateway.list_numbers("blacklist", [stopped.e164])
    gateway.list_numbers("npai", [dead.e164])
    for record, number in (("501", stopped), ("502", dead), ("503", fine)):
        campaign(own, linked, portal, [number], object_id=record)
    drain(linked)
    gateway.advance(60)
    age_attempts(own, minutes=0)
    drain(linked)
    assert marks(own) == {"501": STOP, "502": NPAI, "503": {}}
    entry = own.execute("SELECT gateway_entry_id IS NOT NULL AS known FROM opt_outs").fetchone()
    assert entry == {"known": True}, "as the list shows it"


def test_refusal_for_another_reason_says_nothing_of_the_number(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    gateway.fault("status", status=200, body={"status": -6, "message": "X"})
    [sent] = campaign(own, linked, portal, many(1))
    drain(linked)
    assert now_of(own, sent).state == "refused"
    assert marks(own) == {}


def test_workflow_that_is_refused_for_an_imported_opt_out_marks_the_record(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    gateway.list_numbers("blacklist", [RECIPIENT.e164])
    list_comes(own, linked)
    assert marks(own) == {}, "no record is known to have the number"
    [answer] = accept(own, portal, an_execution())
    assert answer.outputs["reason"] == "opted_out"
    assert marks(own) == {"501": STOP}


def test_import_marks_records_that_were_to_be_texted_at_the_number(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    queue(own, linked.vault, portal, send_at="2031-01-08T10:00")
    gateway.list_numbers("blacklist", [RECIPIENT.e164])
    list_comes(own, linked)
    assert marks(own) == {"501": STOP}, "its waiting SMS was blocked"
    [dead] = many(1)
    accept(own, portal, an_execution(object_id="502"))
    record_consent(own, a_consent(own, portal.portal_id))
    own.commit()
    assert marks(own)["502"] == {"smsfactor_is_stop": "false"}, "known since it was refused"
    gateway.list_numbers("npai", [dead.e164])
    campaign(own, linked, portal, [dead], object_id="503")
    drain(linked)
    assert marks(own)["503"] == NPAI


def test_message_that_the_claim_stops_marks_its_record(own: Conn, linked: Wiring, portal: Portal) -> None:
    [number] = many(1)
    [sent] = campaign(own, linked, portal, [number])
    own.execute(
        "INSERT INTO opt_outs (portal_id, recipient, source, opted_out_at) VALUES (%s, %s, 'stop', now())",
        (portal.portal_id, number.e164),
    )
    own.commit()
    drain(linked)
    assert now_of(own, sent).state == "blocked"
    assert marks(own) == {"501": STOP}


def test_deal_and_the_person_it_would_have_texted_are_both_marked(own: Conn, portal: Portal) -> None:
    opt_outs.add(
        own, portal.portal_id, RECIPIENT.e164, source=ConsentSource.STOP, text="", at=datetime.now(UTC)
    )
    execution = an_execution(Action.SEND_SMS_DEAL, "0-3", "1301")
    inputs = read_inputs(execution.action, execution.inputs)
    ready = Ready(execution, inputs, RECIPIENT, "raw", "mobilephone", person=("0-1", "501"))
    [answer] = accept(own, portal, ready)
    assert answer.outputs["reason"] == "opted_out"
    assert marks(own) == {"1301": STOP, "501": STOP}


def test_hundred_refusals_cost_as_many_statements_as_one_and_repeated_ones_less(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    numbers = many(101)
    gateway.list_numbers("blacklist", [number.e164 for number in numbers])
    list_comes(own, linked)
    first, *others = [
        an_execution(object_id=str(900 + n), recipient=number.e164) for n, number in enumerate(numbers)
    ]
    with counted(own) as for_one:
        accept(own, portal, first)
    with counted(own) as for_many:
        accept(own, portal, *others)
    assert len(for_many) == len(for_one)
    assert set(map(str, marks(own).values())) == {str(STOP)}
    assert len(marks(own)) == 101
    with counted(own) as again:
        accept(own, portal, *(an_execution(object_id=e.object_id, **e.inputs) for e in others))
    assert len(again) < len(for_one)


def test_mark_without_a_message_is_written_alone_and_makes_way_for_the_first_message(
    own: Conn, alone: Wiring, hubspot: HubSpot
) -> None:
    wiring = install(alone, own, hubspot)
    drain(wiring)
    unassigned_numbers.add(own, PORTAL_ID, [RECIPIENT.e164], source=UnassignedSource.IMPORT)
    entered = lanes.enter(own, PORTAL_ID, LaneKind.SYNC_CRM)
    plan_marks(entered, [], met=[(RECIPIENT.e164, "0-1", "501")])
    own.commit()
    own.execute("UPDATE record_writes SET due_at = now()")
    own.execute("UPDATE lanes SET next_due_at = now() WHERE kind = 'sync_crm'")
    own.commit()
    drain(wiring)
    values = hubspot.control("GET", "records/0-1/501")["properties"]
    assert values["smsfactor_is_npai"] == "true"
    assert not values.get("smsfactor_last_message_date")
    [row] = record_writes_of(own)
    assert row["due_at"] is None
    fact = record_writes.RecordFacts(
        object_type_id="0-1",
        object_id="501",
        last_message={"smsfactor_last_message_content": "Bonjour"},
        accepted_at=datetime.now(UTC),
        message_id=uuid.uuid4(),
        rank=6,
        is_delivered=False,
    )
    record_writes.put(entered, [fact])
    own.commit()
    [row] = record_writes_of(own)
    assert (row["last_message"], row["flags"]) == (dict(fact.last_message), NPAI)
