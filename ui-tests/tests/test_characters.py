"""Characters outside GSM-7: named, replaced in one press, or allowed; and the emoji that come with allowing them."""

from playwright.sync_api import expect

from pages import RecordPage, Words
from pages.press import press
from sandbox.driver.gateway import Gateway
from sandbox.driver.portal import Portal
from sandbox.driver.records import Contact

GIFT = "🎁"


def test_emoji_come_with_the_switch_and_are_found_by_words_of_both_languages(
    record: RecordPage, contact: Contact, gateway: Gateway
) -> None:
    composer = record.card.open_composer().write("Pour vous")
    expect(composer.tools.tool("emoji")).to_be_hidden()
    press(composer.unicode)
    tools = composer.open_tool("emoji")
    for typed in ("gift", "cadeau"):
        tools.emoji_search.fill("qqqq")
        expect(composer.says("compose.emoji.none")).to_be_visible()
        tools.emoji_search.fill(typed)
        expect(tools.emoji(GIFT)).to_be_visible()
    press(tools.emoji(GIFT))
    expect(composer.text).to_have_value(f"Pour vous {GIFT}")
    expect(composer.count_line(units=12, encoding="ucs2", parts=1, remaining=58)).to_be_visible()
    press(composer.unicode)
    expect(tools.tool("emoji")).to_be_hidden()
    expect(composer.submit).to_be_disabled()
    press(composer.unicode)
    expect(composer.submit).to_be_enabled()
    composer.send()
    expect(record.card.status("delivered")).to_be_visible()
    assert gateway.texts_on(contact.mobile) == [f"Pour vous {GIFT}"]


def test_in_a_value_of_the_record_are_named_and_allowed_below(
    record: RecordPage, person: Portal, contact: Contact, words: Words
) -> None:
    person.change(contact, city="François")
    composer = record.card.open_composer().write("Bonjour {{city}}")
    named = words.characters(["ç"])
    expect(composer.refusal).to_contain_text(words.app("error_preview.text_not_gsm7", characters=named))
    press(composer.tools.button("compose.unicode"))
    expect(composer.preview).to_have_text("Bonjour François")
    expect(composer.submit).to_be_enabled()
