"""The segment counter against shared vectors, an independent implementation on random texts, and its invariants."""

import json
from pathlib import Path
from typing import Any

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.text import segments
from connector.domain.vocabulary import PushType

CONTRACT = json.loads((Path(__file__).parents[5] / "contracts" / "segments.json").read_text("utf-8"))

# Characters of both alphabets, surrogate pairs and any others, in texts long enough for several parts.
MIXED = st.text(
    st.one_of(st.sampled_from("aé\n€[~"), st.sampled_from("aç’😀👨\u200d"), st.characters()), max_size=400
)
GSM7 = st.text(st.sampled_from("aZé\n €^{}\\[~]|\f@"), max_size=700)


def text_of(vector: dict[str, Any]) -> str:
    if "text" in vector:
        return str(vector["text"])
    return "".join(characters * times for characters, times in vector["repeat"])


def name_of(vector: dict[str, Any]) -> str:
    return str(vector.get("why") or vector.get("repeat") or ascii(vector["text"]))


@pytest.mark.parametrize("vector", CONTRACT["vectors"], ids=name_of)
def test_shared_vectors(vector: dict[str, Any]) -> None:
    text = text_of(vector)
    counted = segments.count(text)
    assert {
        "encoding": counted.encoding,
        "units": counted.units,
        "parts": counted.parts,
        "remaining": counted.remaining,
        "not_gsm7": segments.not_gsm7(text),
    } == {name: vector[name] for name in ("encoding", "units", "parts", "remaining", "not_gsm7")}


@pytest.mark.parametrize("vector", CONTRACT["counted_vectors"], ids=name_of)
def test_shared_vectors_of_what_the_gateway_bills(vector: dict[str, Any]) -> None:
    longer = segments.counted_text(text_of(vector), vector["push_type"], vector["sender"])
    counted = segments.count(longer)
    assert (counted.units, counted.parts) == (vector["units"], vector["parts"])


def test_shared_constants_are_those_in_use() -> None:
    assert CONTRACT["constants"] == {
        "stop_mention_units": segments.STOP_MENTION_UNITS,
        "short_url_units": segments.SHORT_URL_UNITS,
        "max_parts": segments.MAX_PARTS,
    }


@given(st.one_of(MIXED, GSM7).filter(lambda text: text and "\x1b" not in text))
def test_agrees_with_an_independent_counter(text: str) -> None:
    # smsutil counts the empty text as one part and the bare escape code as a character: both are excluded.
    theirs = smsutil.split(text)
    ours = segments.count(text)
    unit_bytes = 1 if theirs.encoding == "gsm0338" else 2
    assert ours.encoding == ("gsm7" if theirs.encoding == "gsm0338" else "ucs2")
    assert ours.parts == len(theirs.parts)
    assert ours.units == theirs.total_bytes // unit_bytes
    assert segments.split(text) == [part.content for part in theirs.parts]


@given(MIXED)
def test_parts_hold_the_whole_text_and_fit(text: str) -> None:
    counted = segments.count(text)
    parts = segments.split(text)
    assert "".join(parts) == text
    assert len(parts) == counted.parts
    if parts:
        # A single part may be pure GSM-7 although the text is not, so its width is counted
        # in the text's encoding.
        width = 2 if counted.encoding == "ucs2" else 1
        units = [len(part.encode("utf-16-be", "surrogatepass")) // 2 for part in parts]
        if width == 1:
            units = [segments.count(part).units for part in parts]
        assert max(units) <= counted.units_per_part
        assert counted.remaining == counted.units_per_part - units[-1]


@given(MIXED)
def test_not_gsm7_is_exactly_what_forces_ucs2(text: str) -> None:
    found = segments.not_gsm7(text)
    assert len(found) == len(set(found))
    assert (found == []) == (segments.count(text).encoding == "gsm7")
    without = "".join(character for character in text if character not in found)
    assert segments.is_gsm7(without)


def test_a_lone_surrogate_is_counted_and_named() -> None:
    assert segments.count("a\ud83d").units == 2
    assert segments.not_gsm7("a\ud83d") == ["\ud83d"]


@pytest.mark.parametrize(
    ("push_type", "sender", "expected"),
    [
        ("marketing", "LUMEN", True),
        ("marketing", None, False),
        ("marketing", "", False),
        ("alert", "LUMEN", False),
    ],
)
def test_the_gateway_adds_the_stop_mention(push_type: PushType, sender: str | None, expected: bool) -> None:
    assert segments.adds_stop_mention(push_type, sender) is expected
