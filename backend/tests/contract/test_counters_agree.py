"""The card's counter (TypeScript) and the backend's agree: users see the charged parts while they type."""

import json
import random
import subprocess
import unicodedata
from collections.abc import Callable, Iterator, Sequence
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
SHRINKABLE_TEXTS = (
    1_500  # Hypothesis takes 3 ms for a text, so it makes these alone: its failures are the shortest
)

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

# Characters that this Python's Unicode tables know. A newer Node may take an unknown one for a letter, and then break
# the line before the STOP mention. The server's text and count are what is sent and shown on the button.
KNOWN = st.characters(exclude_categories=["Cn", "Cs"])
CALLS = st.tuples(st.sampled_from(list(PushType)), st.sampled_from([None, "", "LUMEN"]))
GSM7 = st.sampled_from([*BASIC, *EXTENSION])
RICH = st.sampled_from([*EXTENSION, *EMOJI, *COMBINING, *FOREIGN, *TAGS]) | KNOWN
LINKED = st.sampled_from([*ADDRESSES, *ADDRESSES, *BETWEEN, *TAGS]) | KNOWN
# Lengths around the limits of one to three parts.
EDGES = (1, 5, 67, 70, 134, 153, 160, 201, 306, 459)
RUNS = [max(0, edge + apart) for edge in EDGES for apart in range(-3, 4)]
LENGTHS = st.sampled_from(RUNS)
LIMITS = {"short_url_units": SHORT_URL_UNITS, "stop_mention_units": STOP_MENTION_UNITS}
COMMAND = ["node", str(PROGRAM), str(APP), json.dumps(LIMITS)]
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
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
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


def card_counts(calls: Sequence[tuple[str, PushType, str | None]]) -> list[dict[str, Any]]:
    """Results of the card's counter, in one run."""
    orders = "\n".join(map(json.dumps, calls))
    done = subprocess.run(COMMAND, input=orders, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.rstrip("\n").split("\n")]


def agree_on(texts: st.SearchStrategy[str], ask: Ask, examples: int) -> None:
    """Compare both counters on `examples` texts."""

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(texts, CALLS)
    def agree(text: str, call: tuple[PushType, str | None]) -> None:
        assert ours(text, *call) == ask(text, *call)

    agree()


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


def characters(count: int, dice: random.Random) -> list[str]:
    """Characters of all of Unicode: no halves of surrogate pairs, and none that this Python does not know (KNOWN)."""
    signs = (chr(dice.randrange(0x110000)) for _ in range(count))
    return [sign for sign in signs if unicodedata.category(sign) not in ("Cn", "Cs")]


def random_texts(signs: Sequence[str], others: float, count: int, dice: random.Random) -> list[str]:
    """Texts as `texts_of` makes them; `others` is the share of characters that are not among `signs`."""

    def run() -> str:
        sign = dice.choice(characters(1, dice) or ["x"]) if dice.random() < others else dice.choice(signs)
        return sign * (dice.choice(RUNS) if dice.random() < 0.5 else 1)

    return [whole([run() for _ in range(dice.randrange(7))]) for _ in range(count)]


def linked_texts(count: int, dice: random.Random) -> list[str]:
    """Texts of pieces of addresses and what stands between them."""
    pieces = [*ADDRESSES, *ADDRESSES, *BETWEEN, *TAGS]
    return [
        whole([*dice.choices(pieces, k=dice.randrange(13)), *characters(dice.randrange(3), dice)])
        for _ in range(count)
    ]


@pytest.mark.parametrize(
    ("texts", "share"),
    [
        pytest.param(texts_of(GSM7), 3, id="plain"),
        pytest.param(texts_of(GSM7 | RICH), 3, id="rich"),
        pytest.param(st.lists(LINKED, max_size=12).map(whole), 4, id="linked"),
    ],
)
def test_both_agree_on_texts_that_shrink(texts: st.SearchStrategy[str], share: int, ask: Ask) -> None:
    agree_on(texts, ask, SHRINKABLE_TEXTS * share // 10)


def compare(texts: Sequence[str], dice: random.Random) -> list[dict[str, Any]]:
    """Compare both counters on these texts; returns their results."""
    calls = [(text, dice.choice(list(PushType)), dice.choice([None, "", "LUMEN"])) for text in texts]
    made = card_counts(calls)
    assert len(made) == len(texts)
    for call, theirs in zip(calls, made, strict=True):
        assert ours(*call) == theirs, call
    return made


def test_both_agree_on_three_thousand_plain_texts() -> None:
    dice = random.Random(1)  # noqa: S311 - the same texts in each run
    made = compare(random_texts([*BASIC, *EXTENSION], 0.0, TEXTS * 3 // 10, dice), dice)
    assert {entry["encoding"] for entry in made} == {"gsm7"}
    assert {entry["parts"] for entry in made} >= set(range(8))


def test_both_agree_on_three_thousand_rich_texts() -> None:
    dice = random.Random(2)  # noqa: S311 - the same texts in each run
    signs = [*EXTENSION, *EMOJI, *COMBINING, *FOREIGN, *TAGS]
    made = compare(random_texts(signs, 0.1, TEXTS * 3 // 10, dice), dice)
    assert {entry["encoding"] for entry in made} == {"gsm7", "ucs2"}
    assert {entry["parts"] for entry in made} >= set(range(8))


def test_both_agree_on_four_thousand_texts_with_links() -> None:
    """Many of them have a STOP mention that had to be placed."""
    dice = random.Random(3)  # noqa: S311 - the same texts in each run
    made = compare(linked_texts(TEXTS * 4 // 10, dice), dice)
    assert {entry["encoding"] for entry in made} == {"gsm7", "ucs2"}
    assert sum(f"\n{STOP_TAG}" in entry["placed"] for entry in made) > TEXTS // 50
