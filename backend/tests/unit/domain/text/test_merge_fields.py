"""Merge fields: their replacement, their refusals, and values of records that stay plain text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.refusals import Code
from connector.domain.text.characters import clean_text
from connector.domain.text.merge_fields import MergeFieldInvalid, names, render

TOKEN = re.compile(r"\{\{\s*[a-z0-9_]+\s*(?:\|[^{}]*)?\}\}")
TAG = re.compile(r"<\s*-[^<>]*-\s*>")

# Texts and values of arbitrary characters and of pieces that are dangerous in combination.
PIECES = (
    "{", "}", "{{", "}}", "|", "<", ">", "-", "<-", "->", "<-short->", "<-STOP->", "< -file- >",
    "short", "a", " ", "\n", "\x00", "é", "😀",
    "{{a}}", "{{ b }}", "{{c|}}", "{{d| x }}", "{{a|<}}", "{{Bar}}",
)  # fmt: skip
SOUP = st.lists(st.one_of(st.sampled_from(PIECES), st.characters()), max_size=14).map("".join)
VALUES = st.dictionaries(st.sampled_from("abcd"), st.one_of(st.none(), SOUP))
# Well-formed texts: literal pieces, and tokens with the name of a property.
LITERALS = st.sampled_from(
    ["", "a", "Bonjour ", "<-", "->", "<", ">", "-", "<-short->", "short", " { ", " } ", "\n"]
)
TOKENS = st.sampled_from(["{{a}}", "{{ b }}", "{{c|}}", "{{d| x }}", "{{a|-}}"])
WELL_FORMED = st.lists(st.one_of(LITERALS, TOKENS), max_size=12).map("".join)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("Bonjour", []),
        ("{{firstname}} {{lastname|x}} {{ firstname }}", ["firstname", "lastname"]),
        ("{{\thubspot_owner_id \n|\n}}{{a1}}", ["hubspot_owner_id", "a1"]),
        ("{ one } brace", []),
    ],
)
def test_names(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("Bonjour {{firstname}} !", {"firstname": "Inès"}, "Bonjour Inès !"),
        ("Bonjour {{ firstname | vous }}", {"firstname": "  "}, "Bonjour vous"),
        ("Bonjour {{firstname|vous}}", {"firstname": "Inès "}, "Bonjour Inès"),
        ("Bonjour{{firstname|}}", {}, "Bonjour"),
        ("{{a}}{{b}}", {"a": "1", "b": "2"}, "12"),
        ("{{a|b|c}}", {}, "b|c"),
        ("{ {{a}} }", {"a": "1"}, "{ 1 }"),
        ("{{a}}", {"a": "12 rue X\r\nNantes\x07\x00"}, "12 rue X Nantes"),
        ("{{a}}", {"a": "one\u2028two"}, "one two"),
        ("{{a|y}}", {"a": "\u200b\u200d"}, "y"),
        ("{{a|y}}", {"a": "\x00\ud800"}, "y"),
        ("{{a}}", {"a": "👨\u200d👩\u200d👧"}, "👨\u200d👩\u200d👧"),
        ("{{a}} {{b}}", {"a": "{{b}}", "b": "{x"}, "((b)) (x"),
        ("{{a}}", {"a": "<-short-> 3 < 4 -> 5"}, "<short> 3 < 4 -> 5"),
        ("{{a}}", {"a": "<-\x00short->"}, "<short>"),
        ("{{a}}", {"a": "<-STOP-> <-Rich-> < -file- > <- stop ->"}, "<STOP> <Rich> <file> <stop>"),
        ("{{a}}", {"a": "<\u00a0-stop-\n>"}, "<stop>"),
        ("{{a}}", {"a": "<<-a->-x-> <---> <->"}, "<<a>-x-> <> <->"),
        ("<-short-> {{a}} <-stop->", {"a": "<-rich->"}, "<-short-> <rich> <-stop->"),
        ("<-{{a}}->", {"a": "stop"}, "<stop>"),
        ("{{a}}{{b}}", {"a": "<-sh", "b": "ort->"}, "<short>"),
        ("<-sh{{a|}}ort->", {}, "<short>"),
    ],
)
def test_render(text: str, values: dict[str, str | None], expected: str) -> None:
    rendered = render(text, values)
    assert (rendered.text, rendered.missing) == (expected, [])


@pytest.mark.parametrize("value", [None, "", " \n", "\u200b"])
def test_missing_values_are_named_once_each_in_order(value: str | None) -> None:
    text = "{{lastname}} {{firstname}} {{city|Lyon}} {{lastname}} {{zip}}"
    assert render(text, {"lastname": value, "firstname": "Inès"}).missing == ["lastname", "zip"]


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("Bonjour {{ foo", "{{ foo"),
        ("Bonjour {{Bar}} et {{foo}}", "{{Bar}}"),
        ("{{deal.contact.name}}", "{{deal.contact.name}}"),
        ("{{.firstname}}", "{{.firstname}}"),
        ("{{prénom}}", "{{prénom}}"),
        ("{{}}", "{{}}"),
        ("{{ }} x", "{{ }}"),
        ("{{a b}}", "{{a b}}"),
        ("{{|x}}", "{{|x}}"),
        ("{{{a}}}", "{{{a}}"),
        ("{{a}}}", "{{a}}"),
        ("{{{a|}}{", "{{{a|}}"),
        ("{{a|{b}}}", "{{a|{b}}"),
        ("Bonjour foo}} !", "Bonjour foo}}"),
        ("{{a}} b}}", " b}}"),
        ("}}{{a}}", "}}"),
        ("{{a|<-short->}}", "{{a|<-short->}}"),
        ("{{" + "x" * 99, "{{" + "x" * 38),
        ("x" * 99 + "}}", "x" * 38 + "}}"),
    ],
)
def test_malformed_braces_are_shown(text: str, fragment: str) -> None:
    for use in (names, lambda text: render(text, {"a": "1"})):
        with pytest.raises(MergeFieldInvalid) as invalid:
            use(text)
        assert invalid.value.code is Code.TEXT_TOKENS_INVALID
        assert invalid.value.params == {"fragment": fragment}


@given(SOUP, VALUES)
def test_only_token_invalid_is_raised_and_no_double_brace_is_left(
    text: str, values: dict[str, str | None]
) -> None:
    try:
        asked = names(text)
    except MergeFieldInvalid:
        with pytest.raises(MergeFieldInvalid) as invalid:
            render(text, values)
        assert invalid.value.fragment
        assert invalid.value.fragment in clean_text(text)
        return
    rendered = render(text, values)
    assert "{{" not in rendered.text
    assert "}}" not in rendered.text
    assert [name for name in asked if name in rendered.missing] == rendered.missing
    assert render(text, dict.fromkeys(asked, "x")).missing == []


@given(WELL_FORMED, VALUES)
def test_values_cannot_make_gateway_tags(text: str, values: dict[str, str | None]) -> None:
    # A token is never part of a tag, whatever its value: its stand-in `<>` can neither open nor close one.
    own = TAG.findall(TOKEN.sub("<>", text))
    assert TAG.findall(render(text, values).text) == own


@given(
    WELL_FORMED, st.dictionaries(st.sampled_from("abcd"), st.text(st.sampled_from("azéÀ😀 3€"), min_size=1))
)
def test_everything_else_stays_as_written(text: str, values: dict[str, str]) -> None:
    fallbacks = {"{{c|}}": "", "{{d| x }}": "x", "{{a|-}}": "-"}

    def value_of(token: re.Match[str]) -> str:
        name = token.group().strip("{} ")[0]
        return values.get(name, "").strip() or fallbacks.get(token.group(), "")

    expected = TOKEN.sub(value_of, text)
    rendered = render(text, values).text
    # Rendering changes only tags that cross a token's ends: they lose their dashes and the adjacent blanks.
    assert re.sub(r"[\s-]", "", rendered) == re.sub(r"[\s-]", "", expected)
    if TAG.findall(expected) == TAG.findall(TOKEN.sub("<>", text)):
        assert rendered == expected


@given(st.text(st.characters(exclude_characters="{}")), VALUES)
def test_a_text_without_tokens_is_only_cleaned(text: str, values: dict[str, str | None]) -> None:
    assert render(text, values).text == clean_text(text)


@given(st.dictionaries(st.sampled_from("ab"), SOUP))
def test_values_hold_no_control_character_and_can_be_encoded(values: dict[str, str | None]) -> None:
    text = render("{{a|x}}{{b|x}}", values).text
    assert re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", text) is None
    assert text.encode("utf-8").decode("utf-8") == text
