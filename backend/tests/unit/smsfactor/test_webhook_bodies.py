"""Webhook bodies as they are documented, and as they may arrive: other encodings, broken JSON, odd values (P24)."""

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.smsfactor import events
from connector.smsfactor.webhook_bodies import EventNotUnderstood, read_body

STOP = {
    "date": "2026-11-23T09:00:00",
    "message": "Arrêtez, STOP",
    "from": "33612345601",
    "last_message_id": "x-1",
}
TEXT = json.dumps(STOP, ensure_ascii=False)
DLR = {"date": "2025-11-24T09:30:07+01:00", "status": 3, "destination": "33612345678", "message_id": "sbx-1"}


def nested(levels: int) -> str:
    return TEXT[:-1] + ', "more": ' + "[" * levels + "]" * levels + "}"


BODIES = {
    "json": TEXT.encode(),
    "escaped": json.dumps(STOP).encode(),
    "byte order mark": TEXT.encode("utf-8-sig"),
    "blank lines around": b"\r\n" + TEXT.encode() + b"\r\n\0",
    "cp1252": TEXT.encode("cp1252"),
    "utf-16": TEXT.encode("utf-16"),
    "form fields": urlencode(STOP).encode(),
    "form fields in cp1252": urlencode(STOP, encoding="cp1252").encode(),
    "json in a form field": urlencode({"data": TEXT}).encode(),
    "json encoded like a form": quote(TEXT).encode(),
    "a list": f"[{TEXT}]".encode(),
    "wrapped": f'{{"event": {TEXT}}}'.encode(),
    "trailing comma": TEXT.replace('"x-1"}', '"x-1",}').encode(),
    "two objects": (TEXT + "\n" + TEXT).encode(),
    "missing bracket": TEXT[:-1].encode(),
    "not a number": TEXT.replace('"x-1"', '"x-1", "cost": NaN').encode(),
    "infinite": TEXT.replace('"x-1"', '"x-1", "cost": 1e400').encode(),
    "a figure of 5,000 digits": TEXT.replace('"x-1"', '"x-1", "cost": ' + "9" * 5000).encode(),
    "lone surrogate below": TEXT.replace('"x-1"', r'"x-1", "more": {"a": "\ud800", "\u0000": 1}').encode(),
    "ten levels": nested(10).encode(),
    "a thousand levels": nested(1000).encode(),
    "a hundred thousand levels": nested(100_000).encode(),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_stop_is_read_however_it_is_written(body: bytes) -> None:
    stop = events.read_inbound(read_body(body).events[0])
    assert (stop.number, stop.text, stop.gateway_id) == ("+33612345601", "Arrêtez, STOP", "x-1")
    assert stop.at is not None


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"from": "33612345601", "message": "STOP\r\nMarie\tD."}', "STOP\r\nMarie\tD."),
        (b'{"from": "33612345601", "message": "il a dit "STOP""}', "il a dit "),
        (b'{"message": "STO\x80P", "from": "33612345601"', "STO€P"),
        (b'{"from": "33612345601", "message": "STO', ""),
        (b"<event><from>33612345601</from><message>STOP</message></event>", ""),
        (b"{'from': '33612345601', 'message': 'STOP'}", ""),
        (b'{from: +33612345601, message: "STOP"}', ""),
    ],
)
def test_number_of_a_stop_is_read_in_broken_bodies(body: bytes, text: str) -> None:
    stop = events.read_inbound(read_body(body).events[0])
    assert (stop.number, stop.text) == ("+33612345601", text)


@pytest.mark.parametrize(
    "written", [33612345601, 33612345601.0, "+33612345601", "0033612345601", "+33 6 12 34 56 01"]
)
def test_ways_to_write_a_number(written: object) -> None:
    [fields] = read_body(json.dumps({"from": written, "message": "STOP"}).encode()).events
    assert events.read_inbound(fields).number == "+33612345601"


def test_several_events_in_one_body() -> None:
    found = read_body(json.dumps([DLR, {**DLR, "message_id": "sbx-2"}]).encode()).events
    assert [events.read_receipt(fields).gateway_id for fields in found] == ["sbx-1", "sbx-2"]


def test_receipt_as_json_and_as_form_fields() -> None:
    [from_json] = read_body(json.dumps(DLR).encode()).events
    [from_form] = read_body(urlencode(DLR).encode()).events
    assert events.read_receipt(from_json) == events.read_receipt(from_form)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[1]",
        b"3",
        b'"text"',
        b"null",
        b"{}",
        b"\xff\xfe",
        b"\x1f\x8b\x08\x00",
        b"[" * 100_000,
        b'{"other": 1}',
        b"a=1&b=2",
        b"<html>503 Service Unavailable</html>",
    ],
)
def test_a_body_that_is_no_event(raw: bytes) -> None:
    with pytest.raises(EventNotUnderstood):
        read_body(raw)


@given(
    st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_any_bytes_are_read_or_not_understood(raw: bytes) -> None:
    _read(raw)


@given(st.binary(max_size=20), st.integers(0, len(TEXT)))
def test_a_broken_event_is_read_or_not_understood(junk: bytes, place: int) -> None:
    raw = TEXT.encode()
    _read(raw[:place] + junk + raw[place:])


def _read(raw: bytes) -> None:
    try:
        found: list[dict[str, Any]] = read_body(raw).events
    except EventNotUnderstood:
        return
    for fields in found:
        stored = json.dumps(fields, allow_nan=False).encode("ascii")
        assert b"\\u0000" not in stored
        assert b"\\ud800" not in stored


def test_of_several_events_in_a_broken_body_only_the_writers_are_read() -> None:
    """A status beside the id of another message would be a wrong receipt."""
    stops = b'{"from": 33612345601, "message": "STOP"}\n{"from": "33612345602", "message": "Stop"}'
    assert [events.read_inbound(fields).number for fields in read_body(stops).events] == [
        "+33612345601",
        "+33612345602",
    ]
    with pytest.raises(EventNotUnderstood):
        read_body(b'[{"message_id": "sbx-1", "x": {"message_id": "sbx-2", "status": 2}')
