"""Characters of a text: cleaned, and replaced only where they would cost more (F2.4)."""

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.text.characters import Dearer, clean_text, fit, rewrite
from connector.domain.text.segments import SHORT_URL_TAG, STOP_TAG, count, is_gsm7
from sandbox.processes import ROOT

CONTRACT = json.loads((ROOT / "contracts" / "characters.json").read_text())
SIGNS = "abc éêçœŒ’“”«»…–\u00a0\u202f€{}[]|^<>-½№Ａ≮→Αжłĳ가\t\r\n"
THINGS = ("e\u0301", "\u200d", "\u200b", "❤\ufe0f", "👨\u200d👩\u200d👧")
TAGS = (STOP_TAG, "<-short-", "<–", "–>")
PIECES = st.sampled_from([*SIGNS, *THINGS, *TAGS])
PASTED = st.lists(PIECES | st.characters(exclude_categories=["Cn"]), max_size=30).map("".join)


def parts_of(text: str) -> int:
    return count(text).parts


def text_of(vector: dict[str, Any], name: str = "") -> str:
    repeated = vector.get(f"{name}_repeat" if name else "repeat")
    if repeated is not None:
        return "".join(piece * times for piece, times in repeated)
    text: str = vector.get(name or "text", text_of(vector) if name else "")
    return text


@pytest.mark.parametrize(("typed", "cleaned"), CONTRACT["clean_vectors"])
def test_cleaning(typed: str, cleaned: str) -> None:
    assert clean_text(typed) == cleaned


@pytest.mark.parametrize("vector", CONTRACT["fit_vectors"], ids=str)
def test_fit(vector: dict[str, Any]) -> None:
    text = text_of(vector)
    if vector["kind"] == "dearer":
        with pytest.raises(Dearer) as dearer:
            fit(text, parts_of)
        assert list(dearer.value.characters) == vector["characters"]
        assert (dearer.value.parts, dearer.value.parts_without) == (vector["parts"], vector["parts_without"])
        return
    fitted = fit(text, parts_of)
    if vector["kind"] == "as_written":
        assert fitted is None
        return
    assert fitted is not None
    assert (fitted.text, fitted.unchanged_parts) == (text_of(vector, "after"), vector["parts"])


def test_replacements_are_counted_once_each() -> None:
    fitted = fit("ça, ça, l’été" + "a" * 70, parts_of)
    assert fitted is not None
    assert [(r.before, r.after, r.count) for r in fitted.replacements] == [("ç", "c", 2), ("’", "'", 1)]


def test_characters_without_an_equivalent_go_when_the_user_agreed() -> None:
    fitted = fit("Bonjour 🎂 Zoé" + "a" * 70, parts_of, removes=True)
    assert fitted is not None
    assert fitted.text == "Bonjour Zoé" + "a" * 70
    assert [(r.before, r.after) for r in fitted.replacements] == [("🎂", "")]


@given(PASTED)
def test_clean_texts_are_composed_without_control_characters(text: str) -> None:
    cleaned = clean_text(text)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert all(c == "\n" or unicodedata.category(c) not in ("Cc", "Cs") for c in cleaned)


@given(PASTED.map(clean_text))
def test_a_fitted_text_never_costs_more(text: str) -> None:
    fitted = fit(text, parts_of, removes=True)
    sent = fitted.text if fitted else text
    assert parts_of(sent) <= max(1, parts_of(rewrite(text, removes=True).text))
    assert fitted is None or is_gsm7(sent)


@given(PASTED.map(clean_text))
def test_no_equivalent_makes_a_tag_of_the_gateway(text: str) -> None:
    written = rewrite(text).text
    for tag in (STOP_TAG, SHORT_URL_TAG):
        assert written.count(tag) == text.count(tag)


def test_places_of_equivalents_are_told() -> None:
    rewritten = rewrite("prêt <-short-> œuf", removes=True)
    assert rewritten.text == "pret <-short-> oeuf"
    assert [rewritten.text[start:end] for start, end in rewritten.places] == ["e", "oe"]
