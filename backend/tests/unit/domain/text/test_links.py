"""Shortened URLs; neither placeholders nor the STOP mention can break one."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.refusals import Code
from connector.domain.text.links import MAX_URL_LENGTH, LinkRefused, check_url, place_links
from connector.domain.text.segments import adds_stop_mention
from connector.domain.vocabulary import PushType
from sandbox.processes import ROOT

MENTION = "STOP 36035"
TEXTS = st.lists(
    st.sampled_from(
        [
            "<-short->",
            "<-stop->",
            "https://lumen.example/a",
            "www.",
            "lumen.fr",
            "/promo",
            "word",
            " ",
            "\n",
            ".",
            "é",
            "(",
        ]
    ),
    max_size=12,
).map("".join)
STOP_PLACES = json.loads((ROOT / "contracts" / "stop_places.json").read_text("utf-8"))["vectors"]
PUSH_TYPES = st.sampled_from(["alert", "marketing"])
SENDERS = st.sampled_from([None, "LUMEN"])


def links_for(text: str) -> list[str]:
    return ["https://lumen.example/offer"] * text.count("<-short->")


def delivered(text: str, push_type: PushType, sender: str | None) -> str:
    """The text that arrives if the gateway appends its mention without a blank, the worst case observed."""
    text = text.replace("<-short->", "https://smsf.st/Ab3xZ")
    if "<-stop->" in text:
        return text.replace("<-stop->", MENTION)
    return text.rstrip() + MENTION if adds_stop_mention(push_type, sender) else text


@pytest.mark.parametrize(
    "url",
    [
        "https://lumen.example",
        "http://lumen.example:8080/a?b=c&d=%20#e",
        "HTTPS://LUMEN.EXAMPLE/",
        "https://www.lumen.example/été",
        "https://été.example/",
        "http://[2001:db8::1]/",
        "https://lumen.example/@ines",
        "https://lumen.example/" + "a" * (MAX_URL_LENGTH - 22),
    ],
)
def test_takes(url: str) -> None:
    assert check_url(f" {url}\n") == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "   ",
        "lumen.example",
        "//lumen.example",
        "ftp://lumen.example",
        "javascript:alert(1)",
        "mailto:ines@lumen.example",
        "https://",
        "https:///path",
        "https:lumen.example",
        "https://?q=1",
        "https://:443/",
        "https://../",
        "https://ines@lumen.example",
        "https://ines:secret@lumen.example/",
        "https://lumen.example/a b",
        "https://lumen.example/a\u00a0b",
        "https://lumen.example/a\tb",
        "https://lumen.example/a\nb",
        "https://lumen.example/\u200b",
        "https://lumen.example\\@other.example/",
        "https://lumen.example/{{name}}",
        "https://lumen.example/<-short->",
        "https://lumen.example:99999/",
        "https://lumen.example:port/",
        "https://[2001:db8::1/",
        "https://lumen.example/" + "a" * (MAX_URL_LENGTH - 21),
    ],
)
def test_refuses(url: str) -> None:
    with pytest.raises(LinkRefused) as refused:
        check_url(url)
    assert refused.value.code is Code.URL_INVALID
    assert refused.value.params == {"url": url[:MAX_URL_LENGTH]}


@given(st.one_of(st.text(), st.text().map("https://{}".format), st.text("htps:/[]@.%\\ \x00é9", max_size=30)))
def test_any_text_is_taken_or_refused_and_what_is_taken_stays(url: str) -> None:
    try:
        taken = check_url(url)
    except LinkRefused:
        return
    assert taken == url.strip()
    assert re.match(r"https?://[^\s@/]", taken, re.IGNORECASE)
    assert check_url(taken) == taken


@pytest.mark.parametrize(("text", "links"), [("<-short->", 0), ("none", 1), ("<-short-> <-short->", 1)])
def test_placeholders_and_links_must_be_as_many(text: str, links: int) -> None:
    with pytest.raises(LinkRefused) as refused:
        place_links(text, ["https://lumen.example"] * links, push_type=PushType.ALERT, sender=None)
    assert refused.value.code is Code.LINK_COUNT_WRONG


@pytest.mark.parametrize(
    ("text", "push_type", "sender", "expected"),
    [
        ("Offre : <-short->", "marketing", "LUMEN", "Offre : <-short->\n<-stop->"),
        ("Offre : <-short-> \n", "marketing", "LUMEN", "Offre : <-short->\n<-stop->"),
        ("Offre : <-short->.", "marketing", "LUMEN", "Offre : <-short->.\n<-stop->"),
        ("https://lumen.example/a", "marketing", "LUMEN", "https://lumen.example/a\n<-stop->"),
        ("<-short-> à lundi", "marketing", "LUMEN", "<-short-> à lundi"),
        ("Offre : <-short->", "marketing", None, "Offre : <-short->"),
        ("Offre : <-short-> ", "alert", "LUMEN", "Offre : <-short-> "),
        ("<-stop-> ou <-short->", "marketing", "LUMEN", "<-stop-> ou <-short->"),
        ("<-short-><-stop->", "alert", None, "<-short->\n<-stop->"),
        ("<-short-> <-stop->", "marketing", "LUMEN", "<-short-> <-stop->"),
    ],
)
def test_place_of_the_stop_mention(text: str, push_type: PushType, sender: str | None, expected: str) -> None:
    assert place_links(text, links_for(text), push_type=push_type, sender=sender) == expected


@pytest.mark.parametrize(("text", "expected"), STOP_PLACES)
def test_place_of_the_stop_mention_is_the_cards(text: str, expected: str) -> None:
    assert place_links(text, links_for(text), push_type=PushType.MARKETING, sender="LUMEN") == expected


@given(TEXTS, PUSH_TYPES, SENDERS)
def test_the_mention_is_never_glued_to_a_url(text: str, push_type: PushType, sender: str | None) -> None:
    placed = place_links(text, links_for(text), push_type=push_type, sender=sender)
    arrived = delivered(placed, push_type, sender)
    assert not re.search(rf"(?:https?://|www\.|lumen\.fr)\S*{MENTION}", arrived)
    if adds_stop_mention(push_type, sender):
        assert MENTION in arrived


@given(TEXTS, PUSH_TYPES, SENDERS)
def test_placing_only_adds_and_only_once(text: str, push_type: PushType, sender: str | None) -> None:
    links = links_for(text)
    placed = place_links(text, links, push_type=push_type, sender=sender)
    assert place_links(placed, links, push_type=push_type, sender=sender) == placed
    assert placed.count("<-short->") == len(links)
    written, sent = ("".join(each.split()) for each in (text, placed))
    assert sent in (written, f"{written}<-stop->")
    if "<-stop->" in text:
        assert sent == written
