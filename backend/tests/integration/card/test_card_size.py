"""A card's answer stays within HubSpot's size limit, whatever the record holds."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from backend.tests.factories import a_portal, queue
from connector import create_app
from connector.crm.records import RecordNumber, TextableRecord
from connector.domain.phone_numbers import NumberRefused, PhoneNumber, parse
from connector.domain.vocabulary import PushType
from connector.inbound.card.card import render_card
from connector.inbound.http.callers import Caller
from connector.inbound.http.rendering import first_links, shortened
from connector.store.database import Conn
from connector.store.messages.messages import Message
from connector.store.portals import accounts
from connector.store.vault import Vault
from connector.use_cases.messages.open_card import SHOWN_MESSAGES, SHOWN_SCHEDULED, Card
from connector.wiring import Wiring

MAX_BYTES = 50_000
# Ten parts each: two-byte letters of GSM-7, characters that JSON escapes, three-byte characters of Unicode.
LONGEST = ("é" * 1530, '"\\\n' * 380, "漢" * 670, "😀" * 330, "€" * 760, "<-short->" * 10 + "é" * 1320)
# The maximum number of links, each of maximum length.
LINKS = ["https://lumen.example/" + "é" * 1978] * 10


@pytest.fixture(scope="module")
def app(wiring: Wiring) -> Iterator[Flask]:
    made = create_app(wiring.settings, wiring)
    with made.app_context():
        yield made


@pytest.mark.parametrize("text", LONGEST)
@pytest.mark.parametrize("raw", ["06 12 34 56 01", "漢" * 60_000])
def test_largest_card_fits(app: Flask, conn: Conn, vault: Vault, wiring: Wiring, text: str, raw: str) -> None:
    own = [f"{'a_property_with_a_long_name_' * 3}_{n}" for n in range(10)]
    portal = replace(a_portal(conn, vault), phone_properties=own, company_phone_properties=own)
    message = queue(conn, vault, portal).message
    people = [("0-1", str(n)) for n in range(20)]
    numbers = [
        RecordNumber(name, raw, _parsed(raw), *person, "Ünïcode" * 500) for person in people for name in own
    ]
    card = Card(
        portal=portal,
        link=accounts.current_link(conn, vault, portal.portal_id),
        problem={"code": "property_unusable", "params": {"names": ["smsfactor_is_stop"] * 7}},
        sent_count=10**9,
        unread_count=10**6,
        messages=[_long(message, text, people[n]) for n in range(SHOWN_MESSAGES)],
        scheduled=[_long(message, text, people[n]) for n in range(SHOWN_SCHEDULED)],
        scheduled_count=100,
        opted_out=set(),
        unassigned=set(),
    )
    conn.commit()
    record = TextableRecord("0-3", "9" * 15, numbers, {})
    labels = {(kind, name): "Étiquette" * 500 for kind in ("0-1", "0-2") for name in own}
    rendered = render_card(Caller(portal, 77, "ines@lumen.example"), card, record, wiring.settings, labels)
    body = app.json.dumps({"ok": True, "data": rendered}).encode()
    assert len(body) <= MAX_BYTES
    assert rendered["numbers_left_out"] == len(numbers) - len(rendered["numbers"]) > 0
    [first, *_] = json.loads(body)["data"]["messages"]
    assert first["text"].startswith(text[:100])
    assert first["is_shortened"]


def _parsed(raw: str) -> PhoneNumber | NumberRefused:
    return parse(raw, "FR")


def _long(message: Message, text: str, person: tuple[str, str]) -> Message:
    return replace(
        message,
        message_id=uuid.uuid4(),
        text=text,
        links=LINKS if "<-short->" in text else [f"https://lumen.example/{n:08}" for n in range(10)],
        push_type=PushType.MARKETING,
        sender="ABCDEFGHIJK",
        ticket="9" * 20,
        person_object_type_id=person[0],
        person_object_id=person[1],
    )


@pytest.mark.parametrize(
    ("text", "room", "expected"),
    [
        ("abc", 3, "abc"),
        ("abcdef", 5, "ab…"),
        ("ééé", 6, "ééé"),
        ("éééé", 7, "éé…"),
        ("\n\n\n", 5, "\n…"),
        ("ab<-short->cd", 13, "ab<-short->cd"),
        ("ab<-short->cdef", 14, "ab<-short->…"),
        ("ab<-short->cdef", 13, "ab…"),
        ("ab<-stop->cdef", 6, "ab…"),
        ("1 < 2 et 3", 8, "1 < 2…"),
        ("", 0, ""),
    ],
)
def test_texts_are_cut_at_whole_characters(text: str, room: int, expected: str) -> None:
    assert shortened(text, room) == expected


@pytest.mark.parametrize(("room", "count"), [(1000, 3), (66, 3), (65, 2), (44, 2), (43, 1), (21, 0), (0, 0)])
def test_only_whole_links_are_told(room: int, count: int) -> None:
    links = [f"https://lumen.example{n}" for n in range(3)]
    assert first_links(links, room) == links[:count]
