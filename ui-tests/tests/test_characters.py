"""Special characters: asked about, replaced or kept where they would cost more (F2.4)."""

from playwright.sync_api import expect

from pages import RecordPage, Words
from pages.press import press
from sandbox.driver.gateway import Gateway
from sandbox.driver.portal import Portal
from sandbox.driver.records import Contact

GIFT = "🎁"
LONG = "a" * 80


def test_an_emoji_that_costs_more_turns_the_switch_on_with_undo(
    record: RecordPage, contact: Contact, gateway: Gateway
) -> None:
    composer = record.card.open_composer().write("Pour vous")
    tools = composer.open_tool("emoji")
    for typed in ("gift", "cadeau"):
        tools.emoji_search.fill("qqqq")
        expect(composer.says("compose.emoji.none")).to_be_visible()
        tools.emoji_search.fill(typed)
        expect(tools.emoji(GIFT)).to_be_visible()
    press(tools.emoji(GIFT))
    expect(composer.text).to_have_value(f"Pour vous {GIFT}")
    expect(composer.count_line(units=12, limit=70, parts=1)).to_be_visible()
    expect(composer.unicode).not_to_be_checked()
    composer.write(LONG)
    press(tools.emoji(GIFT))
    expect(composer.unicode).to_be_checked()
    press(composer.tools.button("compose.special.undo"))
    expect(composer.unicode).not_to_be_checked()
    composer.write(f"Pour vous {GIFT}")
    composer.send()
    expect(record.card.status("delivered")).to_be_visible()
    assert gateway.texts_on(contact.mobile) == [f"Pour vous {GIFT}"]


def test_in_a_value_of_the_record_are_replaced_or_kept(
    record: RecordPage, person: Portal, contact: Contact, words: Words
) -> None:
    person.change(contact, city="François")
    composer = record.card.open_composer().write(f"Bonjour {{{{city}}}} {LONG}")
    expect(composer.preview).to_have_text(f"Bonjour Francois {LONG}")
    replaced = words.app("compose.special.replaced", characters=words.characters(["ç"]), count=1)
    line = words.app("compose.special.saved", changes=replaced, parts=1, instead=2)
    expect(composer.root.get_by_role("alert").filter(has_text=line)).to_be_visible()
    press(composer.tools.button("compose.special.keep"))
    expect(composer.preview).to_contain_text("Bonjour François aaa")
    expect(composer.preview.get_by_text(words.app("compose.preview.part", number="2"))).to_be_visible()
    expect(composer.submit).to_be_enabled()
