"""Steps of the delivery tests: send, look up again, let time pass by ageing rows."""

import threading

from backend.tests.factories import a_command, link
from backend.tests.integration.conftest import drain
from connector.domain.message import DELIVERY_LANES, lane_of
from connector.domain.phone_numbers import PhoneNumber
from connector.domain.vocabulary import NumberKind
from connector.store import lanes
from connector.store.database import Conn
from connector.store.lanes import Turn
from connector.store.messages import messages
from connector.store.messages.messages import Message
from connector.store.portals.portals import Portal
from connector.use_cases.messages.queue_message import queue_message
from connector.wiring import Wiring


def relink(own: Conn, wiring: Wiring, portal: Portal, token: str, *, client_id: str | None = None) -> None:
    link(own, wiring.vault, portal.portal_id, client_id=client_id or f"client-{portal.portal_id}")
    own.execute(
        "UPDATE account_links SET token_enc = %s WHERE portal_id = %s AND unlinked_at IS NULL",
        (wiring.vault.seal(token), portal.portal_id),
    )
    own.commit()


def send(own: Conn, wiring: Wiring, portal: Portal, **changes: object) -> Message:
    queued = queue_message(own, portal, a_command(**changes), deployment_prefix="tst")
    own.commit()
    return queued.message


def now_of(own: Conn, message: Message) -> Message:
    fresh = messages.get(own, message.portal_id, message.message_id)
    own.commit()
    return fresh


def to(digits_end: str) -> PhoneNumber:
    return PhoneNumber(f"+336123456{digits_end}", "FR", NumberKind.MOBILE)


def age_attempts(own: Conn, *, minutes: float) -> None:
    """Let time pass for every attempt, and make its next look-up due."""
    own.execute(
        "UPDATE attempts SET claimed_at = claimed_at - make_interval(secs => %(s)s),"
        " absent_at = absent_at - make_interval(secs => %(s)s),"
        " next_lookup_at = CASE WHEN next_lookup_at IS NOT NULL THEN now() END",
        {"s": minutes * 60},
    )
    own.execute("UPDATE lanes SET next_due_at = now(), not_before = NULL WHERE kind = 'reconcile'")
    own.commit()


def due_now(own: Conn) -> None:
    """End every back-off and pause."""
    own.execute("UPDATE lanes SET next_due_at = now(), not_before = NULL WHERE next_due_at < 'infinity'")
    own.execute("UPDATE sms_accounts SET paused_until = NULL")
    own.execute(
        "UPDATE lanes SET next_due_at = now(), not_before = NULL WHERE kind = ANY(%s)",
        (list(DELIVERY_LANES),),
    )
    own.commit()


def history(own: Conn, message: Message) -> list[str]:
    rows = own.execute(
        "SELECT state FROM message_states WHERE message_id = %s ORDER BY sequence", (message.message_id,)
    ).fetchall()
    own.commit()
    return [row["state"] for row in rows]


def take_turn(own: Conn, portal: Portal, lease_s: float = 30.0) -> Turn:
    """The turn of the lane that delivers the portal's newest message, as a runner would take it."""
    newest = own.execute(
        "SELECT priority FROM messages WHERE portal_id = %s ORDER BY created_at DESC LIMIT 1",
        (portal.portal_id,),
    ).fetchone()
    assert newest is not None
    kind = lane_of(newest["priority"])
    own.execute(
        "UPDATE lanes SET not_before = NULL, next_due_at = CASE kind WHEN %s THEN now() ELSE 'infinity' END"
        " WHERE portal_id = %s",
        (kind, portal.portal_id),
    )
    own.commit()
    turn = lanes.take(own, owner="test", lease_s=lease_s, kinds=[kind])
    assert turn is not None
    return turn


def campaign(
    own: Conn, wiring: Wiring, portal: Portal, recipients: list[PhoneNumber], **changes: object
) -> list[Message]:
    """Queue a workflow's messages, one per recipient; they are equal unless `text` is a list."""
    texts = changes.pop("text", "Votre commande est partie")
    queued = []
    for place, recipient in enumerate(recipients):
        text = texts[place] if isinstance(texts, list) else texts
        command = a_command(recipient=recipient, text=text, source="workflow", **changes)
        queued.append(queue_message(own, portal, command, deployment_prefix="tst").message)
    own.commit()
    return queued


def many(count: int, *, start: int = 0) -> list[PhoneNumber]:
    """Different mobiles that receive everything without a receipt: only look-ups find the result."""
    return [PhoneNumber(f"+33612{start + n:04d}99", "FR", NumberKind.MOBILE) for n in range(count)]


def many_abroad(count: int) -> list[PhoneNumber]:
    """The same in Belgium, where no legal calendar delays marketing, at whatever hour the test runs."""
    return [PhoneNumber(f"+32470{n:04d}99", "BE", NumberKind.MOBILE) for n in range(count)]


def pace(own: Conn, calls_per_s: float) -> None:
    own.execute("UPDATE sms_accounts SET calls_per_s = %s, next_call_at = '-infinity'", (calls_per_s,))
    own.commit()


def drain_on(wiring: Wiring, *, while_due_in_s: float = 0.4) -> None:
    """Run lanes, including those that become due soon (an account's pace), until none does."""
    while True:
        drain(wiring)
        with wiring.pool.connection() as conn:
            due_in_s = lanes.next_due_in_s(conn, DELIVERY_LANES)
        if due_in_s is None or due_in_s > while_due_in_s:
            return
        threading.Event().wait(max(due_in_s, 0.0))
