"""Build both workflows in the editor, enrol records, and read their results in the history."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accessibility import faults
from backend.tests.acceptance.time_passing import let_pass
from pages import Handsets, RecordPage, Words, WorkflowPage
from sandbox.driver.gateway import Gateway
from sandbox.driver.numbers import new_number
from sandbox.driver.portal import Portal
from sandbox.driver.records import DEAL_TYPE, Contact
from sandbox.driver.waiting import until
from sandbox.stack import Stack

MANY = 120
CONTACT_ACTION, DEAL_ACTION = "send_sms", "send_sms_deal"
UNTIL_REPORTED_S = 12.0  # outcomes are reported 11 s after our answer (protocol P17)


def first_name(contact: Contact) -> str:
    return contact.name.split()[0]


def let_outcomes_become_due(stack: Stack, person: Portal, count: int) -> None:
    """Wait until HubSpot has an answer for each record enrolled in the newest workflow, then let the time pass."""
    newest = max(int(found["id"]) for found in person.call("GET", "/sandbox-api/workflows")["workflows"])
    until(lambda: person.newest_run(str(newest))["answered"].get("success") == count, f"{count} answers")
    let_pass(stack, UNTIL_REPORTED_S)


def test_contacts(
    page: Page,
    workflow: WorkflowPage,
    person: Portal,
    gateway: Gateway,
    open_record: Callable[[Contact], RecordPage],
    handsets: Callable[[], Handsets],
    words: Words,
) -> None:
    """One contact gets an SMS with its own value, another has no number: the history shows both in words."""
    texted, without = person.new_contact(mobile=new_number()), person.new_contact()
    workflow.field(CONTACT_ACTION, "recipient").select_option("mobilephone")
    workflow.field(CONTACT_ACTION, "push_type").select_option("alert")
    workflow.choose_live(CONTACT_ACTION, "sender", "Atelier")
    workflow.field(CONTACT_ACTION, "message").fill("Bonjour ")
    workflow.insert_property("firstname")
    workflow.field(CONTACT_ACTION, "unicode").check()  # two names need it
    workflow.save()
    workflow.enrol(texted.name, without.name)
    workflow.open_history()

    queued = words.action(CONTACT_ACTION, "executionRules", "queued", recipient=texted.mobile, sms_count=1)
    expect(workflow.history_of(texted.name)).to_contain_text(queued)
    missing = words.action(CONTACT_ACTION, "executionRules", "number_missing")
    expect(workflow.history_of(without.name)).to_contain_text(missing)
    text = f"Bonjour {first_name(texted)}"
    expect(handsets().message(texted.mobile, text)).to_be_visible()
    assert [sms["sender"] for sms in gateway.messages_on(texted.mobile)] == ["Atelier"]

    record = open_record(texted)
    expect(record.card.status("delivered")).to_be_visible()
    expect(record.card.sent_count).to_contain_text("1")
    expect(record.events("EVENT_SENT_NAME")).to_contain_text(text)


def test_deals(workflow: WorkflowPage, person: Portal, gateway: Gateway, words: Words, stack: Stack) -> None:
    """A deal with a contact, with only a company, with neither."""
    contact = person.new_contact(mobile=new_number())
    company_number = new_number()
    company = person.new_company(phone=company_number)
    by_contact = person.new_deal(contact, company=company)
    by_company = person.new_deal(company=company)
    alone = person.new_deal()
    workflow.choose_object(DEAL_TYPE)
    workflow.field(DEAL_ACTION, "phone_property").select_option("mobilephone")
    workflow.field(DEAL_ACTION, "push_type").select_option("alert")
    workflow.field(DEAL_ACTION, "message").fill("Votre devis vous attend.")
    workflow.save()
    workflow.enrol(by_contact.name, by_company.name, alone.name)
    workflow.open_history()
    let_outcomes_become_due(stack, person, 3)

    for deal, number in ((by_contact, contact.mobile), (by_company, company_number)):
        queued = words.action(DEAL_ACTION, "executionRules", "queued", recipient=number, sms_count=1)
        expect(workflow.history_of(deal.name)).to_contain_text(queued)
    nobody = words.action(DEAL_ACTION, "executionRules", "no_recipient")
    expect(workflow.history_of(alone.name)).to_contain_text(nobody)
    assert len(gateway.messages_on(contact.mobile)) == len(gateway.messages_on(company_number)) == 1


@pytest.mark.parametrize(
    ("language", "ending", "outcome"), [("fr", None, "delivered"), ("en", 90, "not_delivered")]
)
def test_waits_until_delivered_or_not(
    workflow: WorkflowPage, person: Portal, words: Words, stack: Stack, ending: int | None, outcome: str
) -> None:
    """The result is shown in the reader's language, because HubSpot cannot translate a code."""
    contact = person.new_contact(mobile=new_number(ending))
    workflow.field(CONTACT_ACTION, "recipient").select_option("mobilephone")
    workflow.field(CONTACT_ACTION, "push_type").select_option("alert")
    workflow.field(CONTACT_ACTION, "message").fill("Votre colis arrive aujourd'hui.")
    workflow.field(CONTACT_ACTION, "wait_for").select_option("delivered")
    workflow.save()
    workflow.enrol(contact.name)
    workflow.open_history()
    let_outcomes_become_due(stack, person, 1)
    said = words.action(CONTACT_ACTION, "executionRules", outcome, recipient=contact.mobile)
    expect(workflow.history_of(contact.name)).to_contain_text(said)


def test_many_generated_records(page: Page, workflow: WorkflowPage, gateway: Gateway, words: Words) -> None:
    """A burst: every record is done, in few calls, and the page counts them. No page has an accessibility fault."""
    workflow.field(CONTACT_ACTION, "recipient").select_option("mobilephone")
    workflow.field(CONTACT_ACTION, "push_type").select_option("alert")
    workflow.field(CONTACT_ACTION, "message").fill("Portes ouvertes samedi.")
    assert faults(page) == []
    workflow.save()
    workflow.open_enrol()
    expect(workflow.calls("SMSFactor", words.page("calls.total"))).to_be_visible()
    workflow.count_anew()
    sent = len(gateway.accepted())
    workflow.generate(MANY)
    expect(workflow.newest_run).to_contain_text(f"{MANY} / {MANY}")
    until(lambda: len(gateway.accepted()) == sent + MANY, "every record was texted")
    expect(workflow.calls("SMSFactor", "POST /send")).to_have_text(re.compile("^[1-9]$"))
    assert faults(page) == []
    workflow.open_history()
    succeeded = page.get_by_role("cell", name=words.page("history.state.succeeded"))
    expect(succeeded.first).to_be_visible()
    assert faults(page) == []


def test_asks_for_what_is_required(page: Page, workflow: WorkflowPage) -> None:
    """A workflow without a recipient is not saved: the browser points at the field."""
    workflow.field(CONTACT_ACTION, "push_type").select_option("alert")
    page.get_by_role("button", name=workflow.words.page("common.save"), exact=True).click()
    expect(workflow.field(CONTACT_ACTION, "recipient")).to_be_focused()
