"""Merge fields typed into a workflow's message: filled in from the record if the portal permits their names (F2.5)."""

import pytest

from backend.tests.integration.workflows.executions import accept, an_execution, row_of
from backend.tests.integration.workflows.resolving import (
    COMPANIES,
    a_deal,
    a_template,
    calls,
    installed,
    turn_of,
)
from connector.domain.vocabulary import Action
from connector.domain.workflows.fields import Execution
from connector.store import lanes
from connector.store.database import Conn
from connector.store.messages import messages
from connector.store.portals import portals
from connector.store.portals.portals import Portal
from connector.store.workflows import resolving
from connector.wiring import Wiring
from connector.worker.workflows.resolve import resolve_lane
from sandbox.hubspot_sim.testing import HubSpot
from sandbox.hubspot_sim.world import PORTAL_ID


@pytest.fixture
def portal(own: Conn, connected: Wiring) -> Portal:
    return installed(own)


def resolved(own: Conn, wiring: Wiring, portal: Portal, *executions: Execution) -> list[dict[str, str]]:
    """The outputs of executions that wait for HubSpot, with the texts of their messages under `text`."""
    for answer in accept(own, portal, *executions):
        assert (answer.hs_state, answer.outputs["status"]) == ("BLOCK", "pending")
    turn = turn_of(own)
    while resolve_lane(wiring, turn):
        pass
    lanes.release(own, turn, next_due_at=resolving.next_due_at(own, turn.portal_id))
    rows = [row_of(own, portal, execution.callback_id) for execution in executions]
    return [{**row["outputs"], "text": text_of(own, row["message_id"])} for row in rows]


def text_of(own: Conn, message_id: object) -> str:
    found = messages.get(own, PORTAL_ID, message_id) if message_id else None  # type: ignore[arg-type]
    own.commit()
    return found.text if found else ""


def test_a_typed_name_is_filled_in_with_its_fallback(own: Conn, connected: Wiring, portal: Portal) -> None:
    text = "Bonjour {{ firstname | vous }} {{company|}}, voir https://lumen.example/x"
    execution = an_execution(message=text, object_id="501", shorten_links="true")
    [outputs] = resolved(own, connected, portal, execution)
    assert outputs["status"] == "queued"
    assert outputs["text"].startswith("Bonjour Camille ")
    assert outputs["text"].endswith("voir <-short->")


def test_many_records_share_their_reads(
    own: Conn, connected: Wiring, portal: Portal, hubspot: HubSpot
) -> None:
    made = hubspot.control("POST", "records/contacts/generate", {"count": 150})
    first = int(made["first_id"])
    hubspot.control("POST", "api-calls/reset")
    executions = [an_execution(message="Bonjour {{firstname}}", object_id=str(first + n)) for n in range(150)]
    outputs = resolved(own, connected, portal, *executions)
    assert {each["status"] for each in outputs} == {"queued"}
    assert calls(hubspot) == {"properties": 1, "objects: batch read": 2}


def test_a_deals_message_names_the_person_texted(own: Conn, connected: Wiring, portal: Portal) -> None:
    execution = a_deal("1301", message="Bonjour {{contact.firstname}}{{company.name|}}")
    [outputs] = resolved(own, connected, portal, execution)
    assert outputs["text"] == "Bonjour Camille"


@pytest.mark.parametrize(
    ("message", "detail"),
    [
        ("Solde : {{amount}}", "amount"),
        ("{{firstname}} {{contact.email|x}}", "contact.email"),
        ("Bonjour {{firstname", "{{firstname"),
    ],
)
def test_other_names_are_refused_by_name_at_once(
    own: Conn, portal: Portal, message: str, detail: str
) -> None:
    [answer] = accept(own, portal, an_execution(message=message))
    assert (answer.hs_state, answer.outputs["reason"]) == ("FAIL_CONTINUE", "text_tokens_left")
    assert answer.outputs["detail"] == detail


def test_the_list_is_the_portals(own: Conn, connected: Wiring, portal: Portal) -> None:
    portals.save_preferences(own, PORTAL_ID, {"message_tokens": ["jobtitle"]})
    own.commit()
    [answer] = accept(own, portal, an_execution(message="{{firstname}}"))
    assert answer.outputs["detail"] == "firstname"
    [outputs] = resolved(
        own, connected, portal, an_execution(message="{{jobtitle|collègue}}", object_id="501")
    )
    assert outputs["status"] == "queued"


def test_a_value_cannot_name_a_property_or_make_a_tag(
    own: Conn, connected: Wiring, portal: Portal, hubspot: HubSpot
) -> None:
    body = {"properties": {"firstname": "{{lastname}}<-stop->", "lastname": "Secret"}}
    contact = hubspot.control("POST", "records/contacts", body)["id"]
    [outputs] = resolved(
        own, connected, portal, an_execution(message="À {{firstname}} <-stop->", object_id=contact)
    )
    assert outputs["text"] == "À ((lastname))<stop> <stop>"


def test_a_value_that_is_missing_is_named(
    own: Conn, connected: Wiring, portal: Portal, hubspot: HubSpot
) -> None:
    contact = hubspot.control("POST", "records/contacts", {"properties": {"lastname": "x"}})["id"]
    [outputs] = resolved(
        own, connected, portal, an_execution(message="Bonjour {{firstname}}", object_id=contact)
    )
    assert (outputs["reason"], outputs["detail"]) == ("property_missing", "firstname")


def test_a_contacts_template_on_a_company_is_refused_by_name(
    own: Conn, connected: Wiring, portal: Portal
) -> None:
    template = a_template(own, "Bonjour {{firstname|cher client}}")
    execution = an_execution(Action.SEND_SMS, COMPANIES, "903", template=template, message="")
    [outputs] = resolved(own, connected, portal, execution)
    assert (outputs["reason"], outputs["detail"]) == ("property_unknown", "firstname")


def test_values_of_a_template_read_as_on_the_card(
    own: Conn, connected: Wiring, portal: Portal, hubspot: HubSpot
) -> None:
    template = a_template(own, "{{hubspot_owner_id}} : {{amount}}")
    body = {"properties": {"hubspot_owner_id": "41629702", "amount": "8400"}}
    hubspot.call("PATCH", "/sandbox-api/records/0-3/1301", json=body)
    [outputs] = resolved(own, connected, portal, a_deal("1301", template=template, message=""))
    assert outputs["text"] == "Karim Benoît : 8 400 €"
