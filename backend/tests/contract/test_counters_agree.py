"""The card's counter (TypeScript) and the backend's agree: users see the charged parts while they type."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.domain.text.links import place_links
from connector.domain.text.segments import (
    SHORT_URL_TAG,
    SHORT_URL_UNITS,
    STOP_MENTION_UNITS,
    STOP_TAG,
    count,
    counted_text,
    not_gsm7,
)
from connector.domain.vocabulary import PushType
from sandbox.processes import ROOT

APP = ROOT / "hubspot-project" / "src" / "app"
PROGRAM = Path(__file__).with_name("count_segments.mjs")
TEXTS = 10_000

BASIC = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCXYZÄÖÑÜ§¿abcxyzäöñüà"
EXTENSION = "\f^{}\\[~]|€"
COMBINING = "\u0301\u0300\u0308\u0327\u20e3\ufe0f\u200d\u0e31"
# Single, with a skin tone, joined, a flag, a keycap: one visible character, several code points.
EMOJI = ("😀", "👍🏽", "👨‍👩‍👧", "🇫🇷", "1️⃣", "❤️", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "e\u0301", "가", "𝒳")
FOREIGN = "êïœŒ’“”«»…–—\u00a0\u202fłżαжд漢\u05d0\u0627\x00\x1b\ud83d\ude00"
TAGS = (STOP_TAG, SHORT_URL_TAG, "<-STOP->", "<-short", "https://x.fr/a")
# Pieces of addresses and their surroundings, in every alphabet and kind of blank.
ADDRESSES = (
    "https://",
    "HTTP://",
    "www.",
    "lumen.fr",
    "a.bc",
    ".",
    "/",
    "?q=é",
    "à",
    "7",
    "_",
    "Ⅻ",
    "²",
    "ſ",
)
BETWEEN = (
    " ",
    "\n",
    "\t",
    "\u00a0",
    "\u2028",
    "\x85",
    "\x1c",
    "\ufeff",
    "\u200b",
    ",",
    "!",
    ")",
    "»",
    "🎂",
    "x",
)

CALLS = st.tuples(st.sampled_from(list(PushType)), st.sampled_from([None, "", "LUMEN"]))
GSM7 = st.sampled_from([*BASIC, *EXTENSION])
RICH = st.sampled_from([*EXTENSION, *EMOJI, *COMBINING, *FOREIGN, *TAGS]) | st.characters()
LINKED = st.sampled_from([*ADDRESSES, *ADDRESSES, *BETWEEN, *TAGS]) | st.characters()
# Lengths around the limits of one to three parts.
EDGES = (1, 5, 67, 70, 134, 153, 160, 201, 306, 459)
LENGTHS = st.sampled_from([max(0, edge + apart) for edge in EDGES for apart in range(-3, 4)])
Ask = Callable[[str, PushType, str | None], dict[str, Any]]


def whole(pieces: list[str]) -> str:
    """Join the pieces; two adjacent halves of a surrogate pair become one character, as for any reader of the text."""
    return "".join(pieces).encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def texts_of(signs: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Short runs mixed with single characters, so that failures shrink to the relevant ones."""
    run = st.builds(lambda sign, length: sign * length, signs, LENGTHS)
    return st.lists(signs | run, max_size=6).map(whole)


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """Calls the card's counter in one long-running process."""
    limits = {"short_url_units": SHORT_URL_UNITS, "stop_mention_units": STOP_MENTION_UNITS}
    command = ["node", str(PROGRAM), str(APP), json.dumps(limits)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        given_to, told_by = process.stdin, process.stdout
        assert given_to is not None
        assert told_by is not None

        def ask_(text: str, push_type: PushType, sender: str | None) -> dict[str, Any]:
            given_to.write(json.dumps([text, push_type, sender]) + "\n")
            given_to.flush()
            answer: dict[str, Any] = json.loads(told_by.readline())
            return answer

        yield ask_
        given_to.close()


def agree_on(texts: st.SearchStrategy[str], ask: Ask, examples: int) -> list[dict[str, Any]]:
    """Compare both counters on `examples` texts; returns their results."""
    made: list[dict[str, Any]] = []

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(texts, CALLS)
    def agree(text: str, call: tuple[PushType, str | None]) -> None:
        theirs = ask(text, *call)
        made.append(theirs)
        assert ours(text, *call) == theirs

    agree()
    return made


def ours(text: str, push_type: PushType, sender: str | None) -> dict[str, Any]:
    billed = counted_text(text, push_type, sender)
    segments = count(billed)
    links = ["https://lumen.example"] * text.count(SHORT_URL_TAG)
    return {
        "billed": billed,
        "encoding": segments.encoding,
        "units": segments.units,
        "parts": segments.parts,
        "remaining": segments.remaining,
        "not_gsm7": not_gsm7(text),
        "placed": place_links(text, links, push_type=push_type, sender=sender),
    }


def test_both_agree_on_ten_thousand_texts(ask: Ask) -> None:
    plain = agree_on(texts_of(GSM7), ask, TEXTS * 3 // 10)
    rich = agree_on(texts_of(GSM7 | RICH), ask, TEXTS * 3 // 10)
    linked = agree_on(st.lists(LINKED, max_size=12).map(whole), ask, TEXTS * 4 // 10)
    made = [*plain, *rich, *linked]
    assert len(made) >= TEXTS
    # The texts cover both encodings, many lengths and mentions that had to be placed.
    assert {entry["encoding"] for entry in made} == {"gsm7", "ucs2"}
    assert {entry["parts"] for entry in made} >= set(range(8))
    assert sum(f"\n{STOP_TAG}" in entry["placed"] for entry in linked) > TEXTS // 50
