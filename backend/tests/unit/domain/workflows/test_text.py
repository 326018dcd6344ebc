"""Texts of workflows: links in running text, no tag from a record's values, the STOP mention in its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.refusals import Code, Refusal
from connector.domain.text.segments import SHORT_URL_TAG, STOP_TAG
from connector.domain.vocabulary import PushType
from connector.domain.workflows.text import arrived_text, shortened, template_text, with_stop_mention


@pytest.mark.parametrize(
    ("text", "expected", "links"),
    [
        ("Voir https://a.example/x.", "Voir <-short->.", ["https://a.example/x"]),
        ("(https://a.example/x)", "(<-short->)", ["https://a.example/x"]),
        ("https://a.example/x_(y)!", "<-short->!", ["https://a.example/x_(y)"]),
        ("« https://a.example/?q=1&p=2 »", "« <-short-> »", ["https://a.example/?q=1&p=2"]),
        ('"https://a.example",', '"<-short->",', ["https://a.example"]),
        (
            "HTTPS://A.example et http://b.example",
            "<-short-> et <-short->",
            ["HTTPS://A.example", "http://b.example"],
        ),
        ("www.a.example reste", "www.a.example reste", []),
        (
            "https://a.example/x,https://b.example/y",
            "<-short->,<-short->",
            ["https://a.example/x", "https://b.example/y"],
        ),
        (
            "https://a.example;https://b.example",
            "<-short->;<-short->",
            ["https://a.example", "https://b.example"],
        ),
        ("https://a.example/?to=https://b.example", "<-short->", ["https://a.example/?to=https://b.example"]),
        ("https://a.example/a,b", "<-short->", ["https://a.example/a,b"]),
        ("{https://a.example/x}", "{<-short->}", ["https://a.example/x"]),
        ("“https://a.example/x”…", "“<-short->”…", ["https://a.example/x"]),
        ("https://a.example/x – suite", "<-short-> – suite", ["https://a.example/x"]),
    ],
)
def test_urls_become_placeholders(text: str, expected: str, links: list[str]) -> None:
    assert shortened(text) == (expected, tuple(links))


def test_an_address_that_cannot_be_shortened_is_named() -> None:
    with pytest.raises(Refusal) as refusal:
        arrived_text("Voir https://moi:secret@a.example", shorten_links=True)
    assert refusal.value.code is Code.URL_INVALID
    assert arrived_text("Voir https://moi:secret@a.example", shorten_links=False)[1] == ()


@pytest.mark.parametrize("tag", ["<\u200b-stop->", "<-sto\u0000p->", "<-s\u00adhort->"])
def test_no_tag_of_an_arrived_text_hides_behind_what_shows_nothing(tag: str) -> None:
    text, links = arrived_text(f"Bonjour {tag}", shorten_links=True)
    assert (text, links) in (("Bonjour <stop>", ()), ("Bonjour <short>", ()))


@pytest.mark.parametrize("tag", ["<-stop->", "<-short->", "<-rich->", "<-file->"])
def test_no_tag_of_an_arrived_text_acts(tag: str) -> None:
    text, links = arrived_text(f"Bonjour {tag}, voir https://a.example", shorten_links=True)
    assert text == f"Bonjour <{tag[2:-2]}>, voir <-short->"
    assert links == ("https://a.example",)


def test_tags_of_a_templates_author_act_and_those_of_values_do_not() -> None:
    text, links = template_text(
        "{{firstname}} : <-short->", ["https://a.example"], {"firstname": "<-stop->"}, shorten_links=True
    )
    assert (text, links) == ("<stop> : <-short->", ("https://a.example",))


def test_urls_that_a_template_or_its_values_write_out_are_shortened() -> None:
    found = template_text("Voir {{website}}", [], {"website": "https://a.example/x"}, shorten_links=True)
    assert found == ("Voir <-short->", ("https://a.example/x",))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Bonjour {{amount}}", Code.TEXT_TOKENS_LEFT),
        ("{{", Code.TEXT_TOKENS_LEFT),
        (" \n", Code.TEXT_EMPTY),
    ],
)
def test_what_arrived_unfinished_is_refused(text: str, code: Code) -> None:
    with pytest.raises(Refusal) as refusal:
        arrived_text(text, shorten_links=False)
    assert refusal.value.code is code


def test_a_template_without_a_value_names_the_property() -> None:
    with pytest.raises(Refusal) as refusal:
        template_text("Bonjour {{firstname}}", [], {}, shorten_links=False)
    assert refusal.value.params == {"names": ["firstname"]}


@pytest.mark.parametrize(
    ("text", "push_type", "sender", "expected"),
    [
        ("Promo ", "alert", None, "Promo\n<-stop->"),
        ("Promo", "marketing", None, "Promo\n<-stop->"),
        ("Promo", "marketing", "LUMEN", "Promo"),  # SMSFactor adds it by itself
        ("Promo <-stop->", "alert", "LUMEN", "Promo <-stop->"),
    ],
)
def test_stop_mention(text: str, push_type: PushType, sender: str | None, expected: str) -> None:
    assert with_stop_mention(text, push_type, sender) == expected


@given(st.text(alphabet='ab.:/?!)(,»" <>-{}\nhttps://é😀', max_size=80))
def test_placeholders_and_links_always_agree(text: str) -> None:
    try:
        found, links = arrived_text("https://a.example " + text, shorten_links=True)
    except Refusal:
        return  # an address that cannot be shortened, or "{{"
    assert found.count(SHORT_URL_TAG) == len(links)
    assert STOP_TAG not in found
