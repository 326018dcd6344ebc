"""Short links: their targets are visible while writing and afterwards, and the links on the phone work."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from pages import RecordPage, Words, WorkflowPage
from pages.press import press
from sandbox.driver.gateway import Gateway
from sandbox.driver.numbers import new_belgian_number
from sandbox.driver.portal import Portal
from sandbox.driver.records import Contact, Record
from sandbox.driver.waiting import until

SALE, SHOP = "https://atelier-lumen.example/soldes?de=sms", "https://atelier-lumen.example/adresse"
CONTACT_ACTION = "send_sms"
SHORT = r"https://\S+/\w+"


def expect_told(record: RecordPage, text: str) -> None:
    """The record shows the SMS outside the card too, with the targets of its links instead of gateway tags."""
    expect(record.value_of("smsfactor_last_message_content")).to_have_text(text)
    expect(record.events("EVENT_SENT_NAME")).to_contain_text(text)
    expect(record.events("EVENT_RECEIPT_NAME")).not_to_contain_text(text)


def test_added_seen_and_removed(record: RecordPage, contact: Contact, gateway: Gateway, words: Words) -> None:
    composer = record.card.open_composer().write("Nos soldes :")
    tools = composer.open_tool("link")
    tools.link_address.fill("deux mots")
    press(tools.button("compose.link.add"))
    expect(composer.says("compose.link.wrong")).to_be_visible()
    tools.add_link(SALE)
    composer.open_tool("link").add_link(SHOP)
    expect(composer.text).to_have_value(f"Nos soldes : {tools.mark(1)} {tools.mark(2)}")
    for number, address in ((1, SALE), (2, SHOP)):
        expect(composer.root.get_by_text(tools.mark(number), exact=True).first).to_be_visible()
        expect(composer.root.get_by_text(address, exact=True)).to_be_visible()
    expect(composer.says("compose.links_counted", count=21)).to_be_visible()
    expect(composer.count_line(units=56, limit=160, parts=1)).to_be_visible()

    press(tools.remove_link(1))
    expect(composer.text).to_have_value(f"Nos soldes : {tools.mark(2)}")
    expect(composer.preview).to_have_text(f"Nos soldes : {tools.mark(2)}")
    composer.write("Nos soldes :")
    expect(composer.says("compose.link_absent")).to_be_visible()
    press(tools.button("compose.link_put_back", mark=tools.mark(2)))
    expect(composer.preview).to_have_text(f"Nos soldes : {tools.mark(2)}")
    composer.send()
    expect(record.card.status("delivered")).to_be_visible()
    received = gateway.messages_on(contact.mobile)[0]
    assert re.fullmatch(rf"Nos soldes : {SHORT}", received["text"])
    assert [gateway.target_of(link["code"]) for link in received["links"]] == [SHOP]

    expect(record.card.text(f"Nos soldes : {tools.mark(1)}")).to_be_visible()
    expect(record.card.target(1, SHOP)).to_have_attribute("href", SHOP)
    expect_told(record, f"Nos soldes : {SHOP}")


def test_of_a_workflow_lead_where_the_record_says(
    workflow: WorkflowPage,
    open_record: Callable[[Contact | Record], RecordPage],
    contact: Contact,
    person: Portal,
    gateway: Gateway,
    words: Words,
) -> None:
    workflow.field(CONTACT_ACTION, "recipient").select_option("mobilephone")
    workflow.field(CONTACT_ACTION, "push_type").select_option("alert")
    workflow.field(CONTACT_ACTION, "message").fill(f"Nos soldes : {SALE}")
    for option in ("shorten_links", "stop_mention"):
        workflow.field(CONTACT_ACTION, option).check()
    workflow.save()
    workflow.enrol(contact.name)

    until(
        lambda: gateway.messages_on(contact.mobile), "the contact was texted"
    )  # a card does not wait for workflows
    record = open_record(contact)
    expect(record.card.status("delivered")).to_be_visible()
    mark = words.app("compose.link_mark", number="1")
    expect(record.card.text(f"Nos soldes : {mark}")).to_be_visible()
    expect(record.card.text(words.app("compose.stop_mark"))).to_be_visible()
    expect(record.card.target(1, SALE)).to_have_attribute("href", SALE)
    expect_told(record, f"Nos soldes : {SALE}\n[STOP]")
    received = gateway.messages_on(contact.mobile)[0]
    assert re.fullmatch(rf"Nos soldes : {SHORT}\nSTOP 36035", received["text"])


def test_two_in_their_order_the_last_apart_from_the_stop_mention(
    open_record: Callable[[Contact | Record], RecordPage],
    person: Portal,
    gateway: Gateway,
    words: Words,
    kind: str,
) -> None:
    """Marketing to Belgium, where neither our calendar nor the simulated gateway's delays it."""
    gateway.set(marketing_window="ignore")
    contact = person.new_contact(mobile=new_belgian_number())
    record = open_record(person.textable(kind, contact))
    composer = record.card.open_composer().write("Soldes :")
    press(composer.push_type("marketing"))
    composer.choose_sender("LUMEN")
    tools = composer.open_tool("link")
    tools.add_link(SALE)
    composer.open_tool("link").add_link(SHOP)
    marks = f"{tools.mark(1)} {tools.mark(2)}"
    expect(composer.preview).to_have_text(f"Soldes : {marks}{words.app('compose.stop_mark')}")
    composer.send()
    expect(record.card.status("delivered")).to_be_visible()
    received = gateway.messages_on(contact.mobile)[0]
    assert re.fullmatch(rf"Soldes : {SHORT} {SHORT}\nSTOP 36035", received["text"])
    assert [gateway.target_of(link["code"]) for link in received["links"]] == [SALE, SHOP]
    expect(record.card.text(f"Soldes : {marks}")).to_be_visible()
    expect(record.card.text(words.app("compose.stop_mark"))).to_be_visible()
    expect_told(record, f"Soldes : {SALE} {SHOP}\n[STOP]")
