"""One reader for all JSON: views hear what is wrong, events of others are read as far as they can be."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connector.domain.text.json_reader import MAX_LEVELS, JsonInvalid, read_leniently, read_object

DEEP = '{"from": "33612345678", "extra": ' + "[" * 1000 + "]" * 1000 + ', "message": "STOP"}'

UNUSABLE = {
    "too-large": '{"a": {"b": [1e400]}}',
    "negative": '{"a": -1e999}',
    "not-a-number": '{"a": [NaN]}',
    "infinite": '{"a": {"b": -Infinity}}',
    "nul": r'{"a": {"b": "x\u0000y"}}',
    "surrogate": r'{"a": ["\ud83d"]}',
    "nul-name": r'{"a": {"x\u0000y": 1}}',
    "long-whole": '{"a": [99999999999999999999]}',
    "5000-digits": '{"a": ' + "9" * 5000 + "}",
    "1000-levels": DEEP,
    "100000-levels": '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "list": "[]",
    "text": '"STOP"',
    "empty": "",
    "cut-off": '{"a": "',
    "cut-off-deep": '{"a": ' + "[" * 1000,
}


@pytest.mark.parametrize("text", UNUSABLE.values(), ids=UNUSABLE)
def test_view_is_refused(text: str) -> None:
    with pytest.raises(JsonInvalid):
        read_object(text)


@pytest.mark.parametrize("kind", ["too-large", "nul", "surrogate", "nul-name"])
def test_view_hears_which_member_is_unusable(kind: str) -> None:
    with pytest.raises(JsonInvalid) as fault:
        read_object('{"fine": "é",' + UNUSABLE[kind][1:])
    assert fault.value.member == "a"


@pytest.mark.parametrize(
    ("kind", "read"),
    [
        ("too-large", {"a": {"b": [None]}}),
        ("negative", {"a": None}),
        ("not-a-number", {"a": [None]}),
        ("infinite", {"a": {"b": None}}),
        ("nul", {"a": {"b": "xy"}}),
        ("surrogate", {"a": ["\ufffd"]}),
        ("nul-name", {"a": {"xy": 1}}),
        ("long-whole", {"a": ["99999999999999999999"]}),
        ("5000-digits", {"a": "9" * 5000}),
    ],
)
def test_event_is_read_without_its_unusable_parts(kind: str, read: dict[str, Any]) -> None:
    assert read_leniently(UNUSABLE[kind]) == read


@pytest.mark.parametrize("levels", [MAX_LEVELS - 1, MAX_LEVELS, 1000, 100_000])
def test_event_is_read_however_deep_it_is(levels: int) -> None:
    """The outermost object is a level; what lies below the last one is None, and its neighbours are read."""
    text = '{"extra": ' + '{"b": [' * (levels // 2) + "]}" * (levels // 2) + ', "message": "STOP [urgent}"}'
    found = read_leniently(text)
    assert found["message"] == "STOP [urgent}"
    assert json.dumps(found)


@pytest.mark.parametrize("kind", ["list", "text", "empty", "cut-off", "cut-off-deep"])
def test_no_object_is_no_event(kind: str) -> None:
    with pytest.raises(JsonInvalid):
        read_leniently(UNUSABLE[kind])


def test_event_may_hold_raw_control_characters() -> None:
    assert read_leniently(b'\xef\xbb\xbf{"message": "STOP\nmerci\x00\t"}') == {"message": "STOP\nmerci\t"}


def test_no_bytes_outside_utf_8() -> None:
    for read in (read_object, read_leniently):
        with pytest.raises(JsonInvalid):
            read('{"message": "arrêt"}'.encode("cp1252"))


@pytest.mark.parametrize("number", [0, -1, 2**63 - 1, -(2**63), 44933811680])
def test_numbers_of_the_database_stay_numbers(number: int) -> None:
    text = json.dumps({"id": number})
    assert read_object(text) == read_leniently(text) == {"id": number}


_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
)
_VALUES = st.recursive(
    _SCALARS | _TEXTS, lambda inner: st.lists(inner) | st.dictionaries(_TEXTS, inner), max_leaves=20
)


@given(st.dictionaries(_TEXTS, _VALUES))
@example({"a": "1e400 NaN \\u0000 [[[[{{{"})
def test_usable_objects_are_read_as_json_reads_them(value: dict[str, Any]) -> None:
    text = json.dumps(value)
    assert read_object(text) == read_leniently(text) == json.loads(text)


@given(st.text() | st.binary())
def test_any_text_is_read_or_refused(raw: str | bytes) -> None:
    for read in (read_object, read_leniently):
        try:
            assert json.dumps(read(raw), allow_nan=False).encode()
        except JsonInvalid:
            continue
