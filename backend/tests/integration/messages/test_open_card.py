"""Messages that wait for their time stay on the card and can be cancelled, however many others are sent."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.tests.factories import RECIPIENT, a_portal, queue
from backend.tests.integration.conftest import drain
from backend.tests.integration.query_plans import nodes_of
from connector.domain.vocabulary import Cause, MessageState
from connector.store.database import Conn
from connector.store.messages import by_record, limits, messages
from connector.store.messages import queue as message_queue
from connector.store.messages.messages import Message
from connector.store.portals.portals import Portal
from connector.use_cases.messages.explain_queue import explain_waiting
from connector.use_cases.messages.move_messages import move_messages
from connector.use_cases.messages.open_card import SHOWN_SCHEDULED, Card, open_card
from connector.wiring import Wiring

RECORD = {"object_type_id": "0-1", "object_id": "501"}


@pytest.fixture
def portal(alone: Wiring, own: Conn) -> Portal:
    return a_portal(own, alone.vault)


def postponed(own: Conn, wiring: Wiring, portal: Portal, count: int = 1) -> list[Message]:
    """Marketing queued at the end of the legal hours, which the worker postpones to the next ones."""
    queued = [queue(own, wiring.vault, portal, text=f"Soldes {n}").message for n in range(count)]
    own.execute(
        "UPDATE messages SET push_type = 'marketing', slot_ends_at = now() + interval '1 s', priority = 2"
    )
    own.commit()
    drain(wiring)
    return [messages.get(own, portal.portal_id, message.message_id) for message in queued]


def opened(own: Conn, wiring: Wiring, portal: Portal) -> Card:
    card = open_card(
        own, wiring.vault, portal, object_type_id="0-1", object_id="501", recipients=[RECIPIENT.e164]
    )
    own.commit()
    return card


def test_postponed_marketing_outlives_the_newest_messages(alone: Wiring, own: Conn, portal: Portal) -> None:
    [waiting] = postponed(own, alone, portal)
    alerts = [queue(own, alone.vault, portal).message for _ in range(4)]
    card = opened(own, alone, portal)
    assert [message.message_id for message in card.scheduled] == [waiting.message_id]
    assert card.scheduled_count == 1
    newest = [message.message_id for message in alerts[:0:-1]]
    assert [message.message_id for message in card.messages] == newest


def test_postponed_and_scheduled_are_counted_together(alone: Wiring, own: Conn, portal: Portal) -> None:
    postponed(own, alone, portal, SHOWN_SCHEDULED)
    in_a_week = (datetime.now(UTC) + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M")
    queue(own, alone.vault, portal, send_at=in_a_week)
    card = opened(own, alone, portal)
    assert {message.reason for message in card.scheduled} == {"legal_hours"}  # these leave first
    assert (len(card.scheduled), card.scheduled_count) == (SHOWN_SCHEDULED, SHOWN_SCHEDULED + 1)


def test_postponed_whose_hours_have_come_is_one_of_the_newest(
    alone: Wiring, own: Conn, portal: Portal
) -> None:
    [waiting] = postponed(own, alone, portal)
    own.execute("UPDATE messages SET due_at = now(), checked_at = now()")  # its record was read again
    due = message_queue.come_due(own, portal.portal_id, (2,))
    move_messages(own, portal.portal_id, due, MessageState.QUEUED, cause=Cause.SCHEDULE)
    card = opened(own, alone, portal)
    assert [message.message_id for message in card.messages] == [waiting.message_id]
    assert (card.scheduled, card.scheduled_count) == ([], 0)


def test_message_with_no_reason_is_one_of_the_newest_whenever_it_is_due(
    alone: Wiring, own: Conn, portal: Portal
) -> None:
    """The web's clock may be ahead of the database's."""
    message = queue(own, alone.vault, portal).message
    own.execute("UPDATE messages SET due_at = now() + interval '1 min'")
    card = opened(own, alone, portal)
    assert [shown.message_id for shown in card.messages] == [message.message_id]


def test_pause_is_not_what_holds_postponed_marketing_back(alone: Wiring, own: Conn, portal: Portal) -> None:
    """Even while the portal is paused, the message shows the time it leaves."""
    waiting = postponed(own, alone, portal)
    limits.pause(own, portal.portal_id, user_id=77, user_email=None)
    assert [message.reason for message in explain_waiting(own, portal.portal_id, waiting)] == ["legal_hours"]
    own.commit()


@pytest.mark.parametrize("name", ["_SCHEDULED", "_SCHEDULED_COUNT"])
def test_waiting_messages_are_read_on_their_own_indexes(
    alone: Wiring, own: Conn, portal: Portal, name: str
) -> None:
    """However long the history of a record, none of its entries is read."""
    queue(own, alone.vault, portal)
    own.execute(
        """
        INSERT INTO messages (portal_id, message_id, direction, state, state_at, object_type_id, object_id, recipient,
            recipient_raw, recipient_property, source, priority, push_type, text, unicode, encoding, parts, gateway_id,
            created_at, due_at, expires_at)
        SELECT portal_id, gen_random_uuid(), direction, 'delivered', now(), object_type_id, object_id, recipient, 'raw',
            recipient_property, source, priority, push_type, text, unicode, encoding, parts, 'many-' || n, now(), now(),
            now() FROM messages, generate_series(1, 5000) AS n
        """
    )
    own.execute("ANALYZE messages")
    values = {**RECORD, "portal_id": portal.portal_id, "recipients": [RECIPIENT.e164], "limit": 10, "most": 9}
    rows = own.execute(b"EXPLAIN (ANALYZE, FORMAT JSON) " + getattr(by_record, name), values).fetchall()
    own.rollback()
    read = nodes_of(rows[0]["QUERY PLAN"][0]["Plan"])
    used = {node["Index Name"] for node in read if "Index Name" in node}
    assert used
    assert used <= {"messages_waiting_of_number", "messages_waiting_of_record"}
    assert all(node.get("Rows Removed by Filter", 0) == 0 for node in read)
    assert not [node for node in read if node["Node Type"] == "Seq Scan"]
