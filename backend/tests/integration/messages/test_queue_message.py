"""Queueing one SMS: stored rows, refusals, and simultaneous equal requests (P15, P16)."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import LiteralString

import pytest

from backend.tests.factories import a_command, a_portal, link
from connector.domain.refusals import Code, Refusal
from connector.domain.vocabulary import ConsentSource
from connector.store.consent import opt_outs
from connector.store.database import Conn, connect
from connector.store.messages import messages
from connector.store.portals.portals import Portal
from connector.store.vault import Vault
from connector.use_cases.messages.queue_message import Queued, QueueMessage, queue_message
from connector.wiring import Wiring


def queue_in(conn: Conn, vault: Vault, portal: Portal, command: QueueMessage) -> Queued:
    queued = queue_message(conn, portal, command, deployment_prefix="tst")
    conn.commit()
    return queued


def rows_of(conn: Conn, portal_id: int) -> int:
    row = conn.execute("SELECT count(*) AS n FROM messages WHERE portal_id = %s", (portal_id,)).fetchone()
    conn.commit()
    assert row is not None
    return int(row["n"])


def test_message_is_stored_with_its_history_and_its_lane(conn: Conn, vault: Vault) -> None:
    portal = a_portal(conn, vault)
    message = queue_in(conn, vault, portal, a_command()).message
    stored = messages.get(conn, portal.portal_id, message.message_id)
    assert stored == message
    assert (stored.state, stored.recipient, stored.recipient_raw) == (
        "queued",
        "+33612345601",
        "06 12 34 56 01",
    )
    assert (stored.encoding, stored.parts, stored.unicode) == ("gsm7", 1, False)
    assert stored.gateway_id.startswith("tst-")
    assert len(stored.gateway_id) <= 40
    history = conn.execute(
        "SELECT state, cause FROM message_states WHERE portal_id = %s", (portal.portal_id,)
    ).fetchall()
    assert history == [{"state": "queued", "cause": "card"}]
    lane = conn.execute(
        "SELECT next_due_at <= now() AS is_due FROM lanes WHERE portal_id = %s AND kind = 'deliver_personal'",
        (portal.portal_id,),
    ).fetchone()
    assert lane == {"is_due": True}


def test_same_key_and_content_is_the_same_message(conn: Conn, vault: Vault) -> None:
    portal, command = a_portal(conn, vault), a_command()
    first = queue_in(conn, vault, portal, command)
    second = queue_in(conn, vault, portal, command)
    assert not first.repeated
    assert second.repeated
    assert second.message == first.message
    assert rows_of(conn, portal.portal_id) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Autre chose"},
        {"object_id": "502"},
        {"user_id": 78},
        {"sender": "LUMEN"},
        {"push_type": "marketing"},
        {"unicode": True},
    ],
)
def test_same_key_with_other_content_is_refused(conn: Conn, vault: Vault, change: dict[str, object]) -> None:
    portal = a_portal(conn, vault)
    command = a_command()
    queue_in(conn, vault, portal, command)
    with pytest.raises(Refusal) as refusal:
        queue_in(
            conn,
            vault,
            portal,
            a_command(**{"idempotency_key": command.send_request.idempotency_key, **change}),
        )
    conn.rollback()
    assert refusal.value.code == Code.KEY_REUSED
    assert rows_of(conn, portal.portal_id) == 1


def test_same_key_in_another_portal_is_another_message(conn: Conn, vault: Vault) -> None:
    command = a_command()
    first = queue_in(conn, vault, a_portal(conn, vault), command)
    second = queue_in(conn, vault, a_portal(conn, vault), command)
    assert not second.repeated
    assert first.message.message_id != second.message.message_id


def test_ten_equal_requests_at_once_are_one_message(conn: Conn, wiring: Wiring) -> None:
    portal, command = a_portal(conn, wiring.vault), a_command()
    barrier = threading.Barrier(10)

    def send() -> Queued:
        with connect(wiring.settings.database_url) as own:
            barrier.wait()
            return queue_in(own, wiring.vault, portal, command)

    with ThreadPoolExecutor(10) as threads:
        answers = [future.result() for future in [threads.submit(send) for _ in range(10)]]
    assert len({answer.message.message_id for answer in answers}) == 1
    assert sum(not answer.repeated for answer in answers) == 1
    assert rows_of(conn, portal.portal_id) == 1


def test_request_that_meets_an_uncommitted_rival_waits_and_reads_it(
    conn: Conn, other_conn: Conn, vault: Vault
) -> None:
    """The insert returns no row; only a new statement sees the rival's row (P16)."""
    portal, command = a_portal(conn, vault), a_command()
    rival = queue_message(conn, portal, command, deployment_prefix="tst")
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(queue_in, other_conn, vault, portal, command)
        # The second request blocks on the rival's key until the rival commits.
        _wait_for_blocked(conn, other_conn)
        conn.commit()
        answer = waiting.result(timeout=10)
    assert answer.repeated
    assert answer.message.message_id == rival.message.message_id


def _wait_for_blocked(conn: Conn, waiting: Conn) -> None:
    with connect(conn.info.dsn, autocommit=True) as watch:
        for _ in range(500):
            row = watch.execute(
                "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'",
                (waiting.info.backend_pid,),
            ).fetchone()
            if row:
                return
            watch.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("the second request never waited")


def test_refused_request_does_not_bind_its_key(conn: Conn, vault: Vault) -> None:
    portal = a_portal(conn, vault, linked=False)
    command = a_command()
    with pytest.raises(Refusal) as refusal:
        queue_in(conn, vault, portal, command)
    conn.rollback()
    assert refusal.value.code == Code.ACCOUNT_NOT_LINKED
    link(conn, vault, portal.portal_id, client_id=f"late-{portal.portal_id}")
    assert not queue_in(conn, vault, portal, command).repeated


@pytest.mark.parametrize(
    ("change", "code", "params"),
    [
        ({"text": "   "}, Code.TEXT_EMPTY, {}),
        ({"text": "a" * 1531}, Code.TEXT_TOO_LONG, {"parts": 11, "max": 10}),
        (
            {"text": "Noël 🎁" + "a" * 70},
            Code.TEXT_NOT_GSM7,
            {"characters": ["🎁"], "parts": 2, "parts_without": 1},
        ),
        ({"sender": "12345"}, Code.SENDER_INVALID, {}),
        ({"sender": "TROPLONGPOUR"}, Code.SENDER_INVALID, {}),
    ],
)
def test_wrong_input_is_refused_with_its_code(
    conn: Conn, vault: Vault, change: dict[str, object], code: Code, params: dict[str, object]
) -> None:
    portal = a_portal(conn, vault)
    with pytest.raises(Refusal) as refusal:
        queue_in(conn, vault, portal, a_command(**change))
    conn.rollback()
    assert (refusal.value.code, dict(refusal.value.params)) == (code, params)
    assert rows_of(conn, portal.portal_id) == 0


@pytest.mark.parametrize(
    ("text", "sent", "unicode"),
    [
        ("Bonjour Zoe\u0301", "Bonjour Zoé", False),  # one character, in GSM-7
        ("Bonjour François", "Bonjour François", True),  # one SMS either way
        ("Bonjour François, " + "a" * 70, "Bonjour Francois, " + "a" * 70, False),
        ("L’été\tà Noël\u200b" + "a" * 70, "L'été à Noel" + "a" * 70, False),
        ("a\u0000b\u0007c", "abc", False),
    ],
)
def test_special_characters_never_make_an_sms_dearer(
    conn: Conn, vault: Vault, text: str, sent: str, unicode: bool
) -> None:
    message = queue_in(conn, vault, a_portal(conn, vault), a_command(text=text)).message
    assert (message.text, message.unicode, message.parts) == (sent, unicode, 1)


def test_special_characters_that_a_user_removes_or_keeps(conn: Conn, vault: Vault) -> None:
    portal, text = a_portal(conn, vault), "Merci 🎁 " + "a" * 70
    removed = queue_in(conn, vault, portal, a_command(text=text, removes_special=True)).message
    kept = queue_in(conn, vault, portal, a_command(text=text, unicode=True)).message
    assert (removed.text, removed.parts) == ("Merci " + "a" * 70, 1)
    assert (kept.text, kept.parts) == (text, 2)


def test_opted_out_number_is_refused(conn: Conn, vault: Vault) -> None:
    portal, command = a_portal(conn, vault), a_command()
    opt_outs.add(
        conn,
        portal.portal_id,
        command.request.recipient.e164,
        source=ConsentSource.STOP,
        text="STOP",
        at=portal.installed_at,
    )
    conn.commit()
    with pytest.raises(Refusal) as refusal:
        queue_in(conn, vault, portal, command)
    conn.rollback()
    assert refusal.value.code == Code.OPTED_OUT


def test_stop_mention_counts_for_marketing_with_a_custom_sender(conn: Conn, vault: Vault) -> None:
    portal = a_portal(conn, vault)
    text = "a" * 150
    plain = queue_in(conn, vault, portal, a_command(text=text, push_type="marketing"))
    custom = queue_in(conn, vault, portal, a_command(text=text, push_type="marketing", sender="LUMEN"))
    assert (plain.message.parts, custom.message.parts) == (1, 2)


def test_unicode_is_asked_of_the_gateway_only_when_needed(conn: Conn, vault: Vault) -> None:
    portal = a_portal(conn, vault)
    plain = queue_in(conn, vault, portal, a_command(text="Bonjour", unicode=True)).message
    emoji = queue_in(conn, vault, portal, a_command(text="Bonjour 🎉", unicode=True)).message
    assert (plain.unicode, plain.encoding) == (False, "gsm7")
    assert (emoji.unicode, emoji.encoding) == (True, "ucs2")


def test_same_text_to_the_same_number_a_moment_ago_is_asked_about(conn: Conn, vault: Vault) -> None:
    portal = a_portal(conn, vault)
    first = queue_in(conn, vault, portal, a_command()).message
    again = replace(a_command(), may_repeat=False)
    with pytest.raises(Refusal) as refused:
        queue_in(conn, vault, portal, again)
    assert refused.value.code == Code.SENT_RECENTLY
    assert refused.value.params == {"at": first.created_at.isoformat(timespec="seconds")}
    conn.rollback()
    confirmed = replace(again, may_repeat=True)
    assert not queue_in(conn, vault, portal, confirmed).repeated
    assert rows_of(conn, portal.portal_id) == 2


@pytest.mark.parametrize(
    "change",
    ["SET created_at = now() - interval '11 minutes'", "SET state = 'cancelled'", "SET text = 'Other'"],
)
def test_another_text_an_older_or_a_cancelled_one_is_no_double(
    conn: Conn, vault: Vault, change: LiteralString
) -> None:
    portal = a_portal(conn, vault)
    queue_in(conn, vault, portal, a_command())
    conn.execute("UPDATE messages " + change + " WHERE portal_id = %s", (portal.portal_id,))
    conn.commit()
    assert queue_in(conn, vault, portal, replace(a_command(), may_repeat=False))
