"""Templates: one text, with its links, properties and sender, for the whole portal."""

from collections.abc import Callable

from playwright.sync_api import expect

from everywhere import TEXT_PROPERTY
from pages import Composer, RecordPage, Words
from pages.press import press
from sandbox.driver.gateway import Gateway
from sandbox.driver.numbers import new_number
from sandbox.driver.portal import Portal
from sandbox.driver.records import Contact, Record

Opened = Callable[[Contact | Record], RecordPage]
ADDRESS = "https://atelier-lumen.example/avis"


def saved(composer: Composer, name: str) -> None:
    """Save the text under a name, and check that it is saved."""
    composer.open_tool("save_template").save_template(name)
    expect(composer.tools.template_name).to_be_hidden()


def test_saved_with_one_record_and_used_with_another(
    open_record: Opened,
    person: Portal,
    gateway: Gateway,
    contact: Contact,
    record: RecordPage,
    words: Words,
    kind: str,
) -> None:
    property_ = TEXT_PROPERTY[kind]
    text = f"Bonjour {{{{{property_}}}}} :"
    composer = record.card.open_composer()
    expect(composer.tools.tool("save_template")).to_be_hidden()
    composer.write(text)
    composer.choose_sender("LUMEN")
    composer.open_tool("link").add_link(ADDRESS)
    name = f"Avis {contact.id}"
    saved(composer, name)
    expect(record.toasts.filter(has_text=words.app("compose.template.saved", name=name))).to_be_visible()

    other = person.new_contact(mobile=new_number())
    record = open_record(person.textable(kind, other, **{property_: "Zoé"}))
    composer = record.card.open_composer().write("Brouillon")
    composer.open_tool("template").choose_template(name)
    expect(composer.text).to_have_value(f"{text} {composer.tools.mark(1)}")
    expect(composer.root.get_by_text(ADDRESS, exact=True)).to_be_visible()
    expect(composer.departure).to_contain_text("LUMEN")
    expect(composer.template_section).to_contain_text(name)
    expect(composer.preview).to_have_text(f"Bonjour Zoé : {composer.tools.mark(1)}")
    press(composer.tools.button("compose.template.undo"))
    expect(composer.text).to_have_value("Brouillon")
    composer.open_tool("template").choose_template(name)
    composer.send()
    expect(record.card.status("delivered")).to_be_visible()
    received = gateway.messages_on(other.mobile)[0]
    assert received["text"].startswith("Bonjour Zoé : https://")
    assert received["sender"] == "LUMEN"
    assert [gateway.target_of(link["code"]) for link in received["links"]] == [ADDRESS]


def test_updated_renamed_and_deleted(record: RecordPage, contact: Contact, words: Words) -> None:
    first, taken, renamed = (f"{name} {contact.id}" for name in ("Premier", "Second", "Dernier"))
    composer = record.card.open_composer().write("Bonjour")
    saved(composer, taken)
    saved(composer, first)
    tools = composer.open_tool("save_template")
    tools.save_template(taken)
    expect(tools.template_failure).to_contain_text(words.app("error.template_name_taken"))
    press(tools.button("common.cancel"))

    composer.open_tool("template")
    expect(tools.template).to_contain_text(first)
    expect(composer.root.get_by_text(_version(words, 1))).to_be_visible()
    expect(tools.button("compose.template.update")).to_be_hidden()
    composer.write("Bonjour et merci")
    press(tools.button("compose.template.update"))
    expect(composer.root.get_by_text(_version(words, 2))).to_be_visible()
    tools.rename_template(taken)
    expect(tools.template_failure).to_contain_text(words.app("error.template_name_taken"))
    press(tools.button("common.cancel"))
    tools.rename_template(renamed)
    expect(tools.template).to_contain_text(renamed)

    composer.write("Autre chose")
    tools.choose_template(taken)
    expect(composer.text).to_have_value("Bonjour")
    composer.open_tool("template").choose_template(renamed)
    composer.open_tool("template")
    expect(composer.text).to_have_value("Bonjour et merci")
    press(tools.button("compose.template.delete"))
    expect(composer.says("compose.template.delete_ask", name=renamed)).to_be_visible()
    press(tools.button("compose.template.delete_confirm"))
    expect(tools.template).not_to_contain_text(renamed)
    press(tools.template)
    listed = composer.page.get_by_role("option")
    expect(listed.filter(has_text=taken)).to_be_visible()
    expect(listed.filter(has_text=renamed)).to_have_count(0)


def _version(words: Words, number: int) -> str:
    """The beginning of the line with a template's version."""
    return words.app("compose.template.changed_by_you", version=number, date="").rstrip(" .")
