"""A deal's card names the person of each message, whichever record the message was sent from."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from backend.tests.factories import a_portal, queue
from connector import create_app
from connector.crm.records import RecordNumber, TextableRecord
from connector.domain.phone_numbers import parse
from connector.inbound.card.card import render_card
from connector.inbound.http.callers import Caller
from connector.store.database import Conn
from connector.store.messages.messages import Message
from connector.store.vault import Vault
from connector.use_cases.messages.open_card import open_card
from connector.wiring import Wiring

CAMILLE, SHARED, UNKNOWN = "+33612345601", "+33612345602", "+33612345699"


@pytest.fixture(scope="module")
def app(wiring: Wiring) -> Iterator[Flask]:
    made = create_app(wiring.settings, wiring)
    with made.app_context():
        yield made


def number_of(person_id: str, name: str | None, number: str) -> RecordNumber:
    return RecordNumber("mobilephone", number, parse(number, "FR"), "0-1", person_id, name)


DEAL = TextableRecord(
    "0-3",
    "1301",
    [
        number_of("501", "Camille Moreau", CAMILLE),
        number_of("502", "Hugo Lefèvre", SHARED),
        number_of("503", "Inès Garnier", SHARED),
    ],
    {},
)
CONTACT = TextableRecord("0-1", "501", [number_of("501", None, CAMILLE)], {})


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        # Sent from the deal to one of two people who share a number.
        ({"person_object_type_id": "0-1", "person_object_id": "503", "recipient": SHARED}, "Inès Garnier"),
        # Sent from the deal to a person no longer associated with it.
        ({"person_object_type_id": "0-1", "person_object_id": "999", "recipient": CAMILLE}, None),
        # Sent from the person's own page.
        ({"object_type_id": "0-1", "object_id": "502", "recipient": SHARED}, "Hugo Lefèvre"),
        # Sent from another record, or without a record: the number decides.
        ({"object_type_id": "0-1", "object_id": "518", "recipient": CAMILLE}, "Camille Moreau"),
        ({"object_type_id": None, "object_id": None, "recipient": CAMILLE}, "Camille Moreau"),
        ({"object_type_id": None, "object_id": None, "recipient": SHARED}, None),
        ({"recipient": UNKNOWN}, None),
    ],
)
def test_on_a_deal(
    app: Flask, conn: Conn, vault: Vault, wiring: Wiring, facts: dict[str, Any], name: str | None
) -> None:
    assert person_name(conn, vault, wiring, DEAL, facts) == name


def test_on_the_persons_own_record_nobody_is_named(
    app: Flask, conn: Conn, vault: Vault, wiring: Wiring
) -> None:
    assert person_name(conn, vault, wiring, CONTACT, {"recipient": CAMILLE}) is None


def person_name(
    conn: Conn, vault: Vault, wiring: Wiring, record: TextableRecord, facts: dict[str, Any]
) -> str | None:
    """The person that the card of `record` names for a message with these facts, by default sent from `record`."""
    portal = a_portal(conn, vault)
    sent_from = {"object_type_id": record.object_type_id, "object_id": record.object_id}
    message: Message = replace(queue(conn, vault, portal).message, **{**sent_from, **facts})
    card = open_card(
        conn,
        vault,
        portal,
        object_type_id=record.object_type_id,
        object_id=record.object_id,
        recipients=[],
    )
    rendered = render_card(
        Caller(portal, 77, "ines@lumen.example"),
        replace(card, messages=[message], scheduled=[message]),
        record,
        wiring.settings,
    )
    names = {each["person_name"] for each in (*rendered["messages"], *rendered["scheduled"])}
    assert len(names) == 1
    name: str | None = names.pop()
    return name
