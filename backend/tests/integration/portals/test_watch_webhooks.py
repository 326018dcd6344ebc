"""Webhooks that SMSFactor refuses, deletes, pauses or fails to call: repaired, or shown; nothing that came is lost."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from backend.tests.factories import a_portal, link
from backend.tests.integration.conftest import drain
from backend.tests.integration.delivery.steps import age_attempts, now_of, send, to
from backend.tests.integration.migrations import migrate_to
from connector.smsfactor.events import read_inbound
from connector.store.consent import opt_outs
from connector.store.database import Conn, connect
from connector.store.messages import messages, receipts
from connector.store.messages.messages import Message
from connector.store.portals import account_webhooks, problems
from connector.store.portals.portals import Portal
from connector.use_cases.delivery.accept_attempt import RECEIPT_OVERDUE_S
from connector.use_cases.delivery.receive_event import ReceivedReply, receive_reply
from connector.wiring import Wiring
from connector.worker.accounts.watch_webhooks import FAULTY_CHECK_EVERY_S
from sandbox.driver.gateway import Gateway

CLIENT = "c1"
TYPES = {"DLR", "STOP", "MO", "CLICKER"}


@pytest.fixture
def portal(own: Conn, linked: Wiring, gateway: Gateway) -> Portal:
    return a_portal(own, linked.vault, linked=False)


def link_now(own: Conn, wiring: Wiring, portal: Portal, gateway: Gateway) -> None:
    link(own, wiring.vault, portal.portal_id, client_id=CLIENT, token=gateway.token)
    own.commit()
    drain(wiring)


def hour_passes(own: Conn, wiring: Wiring) -> None:
    """Make the next check due, as the second net or the open lane would, and run it."""
    own.execute("UPDATE sms_accounts SET webhooks_due_at = now() - interval '1 s'")
    own.execute("UPDATE lanes SET next_due_at = now(), not_before = NULL WHERE kind = 'webhooks'")
    own.commit()
    drain(wiring)


def webhooks(gateway: Gateway) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = gateway.webhooks()
    return rows


def open_codes(own: Conn, portal: Portal) -> list[str]:
    codes = [problem["code"] for problem in problems.open_problems(own, portal.portal_id)]
    own.commit()
    return codes


def check_is_wanted(own: Conn, portal: Portal) -> bool:
    found = account_webhooks.next_check_at(own, portal.portal_id) is not None
    own.commit()
    return found


# --- registering


def test_linking_registers_each_type_once_and_idle_accounts_are_left_alone(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    link_now(own, linked, portal, gateway)
    assert sorted(row["type"] for row in webhooks(gateway)) == sorted(TYPES)
    assert open_codes(own, portal) == []
    assert not check_is_wanted(own, portal)
    send(own, linked, portal)
    drain(linked)
    assert check_is_wanted(own, portal), "a message is out"


def test_two_portals_of_an_account_share_its_check(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    link_now(own, linked, portal, gateway)
    link_now(own, linked, a_portal(own, linked.vault, linked=False), gateway)
    before = gateway.calls("/webhook", "GET")
    hour_passes(own, linked)
    assert gateway.calls("/webhook", "GET") == before + 1
    assert len(webhooks(gateway)) == len(TYPES)


def test_refused_registration_is_shown_and_made_later(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    gateway.set(webhook_registration="refuse")
    link_now(own, linked, portal, gateway)
    assert open_codes(own, portal) == ["webhooks_missing"]
    gateway.set(webhook_registration="accept")
    hour_passes(own, linked)
    assert gateway.webhook_types() == TYPES
    assert open_codes(own, portal) == []


def test_refused_registration_is_asked_again_at_the_pace_of_faults(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    gateway.set(webhook_registration="refuse")
    link_now(own, linked, portal, gateway)
    waits = own.execute(
        "SELECT extract(epoch FROM a.webhooks_due_at - now())::int AS check_s,"
        " extract(epoch FROM l.not_before - now())::int AS lane_s"
        " FROM sms_accounts a, lanes l WHERE a.client_id = %s AND l.kind = 'webhooks' AND l.portal_id = %s",
        (CLIENT, portal.portal_id),
    ).fetchone()
    own.commit()
    assert waits is not None
    assert waits["check_s"] > FAULTY_CHECK_EVERY_S / 2
    assert (waits["lane_s"] or 0) <= 0, "the lane does not back off as for an outage"


def test_registration_without_a_usable_answer_is_shown_when_it_lasts(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    gateway.set(webhook_registration="forbid")  # a proxy's page with HTTP 403
    link_now(own, linked, portal, gateway)
    assert open_codes(own, portal) == []
    for _ in range(3):
        hour_passes(own, linked)
    assert open_codes(own, portal) == ["webhooks_missing"]


def test_list_behind_a_proxy_that_refuses_is_shown_when_it_lasts(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    link_now(own, linked, portal, gateway)
    gateway.fault("status", "/webhook", "GET", status=403, body="<html>403 Forbidden</html>", count=10)
    shown = []
    for _ in range(5):
        hour_passes(own, linked)
        shown.append(open_codes(own, portal))
    assert shown == [[], [], [], ["webhooks_missing"], ["webhooks_missing"]]
    gateway.clear_faults()
    hour_passes(own, linked)
    assert open_codes(own, portal) == []


def test_deleted_webhooks_are_made_again(own: Conn, linked: Wiring, portal: Portal, gateway: Gateway) -> None:
    link_now(own, linked, portal, gateway)
    for row in webhooks(gateway):
        if row["type"] in ("STOP", "MO"):
            gateway.delete_webhook(row["webhook_id"])
    hour_passes(own, linked)
    assert gateway.webhook_types() == TYPES
    assert open_codes(own, portal) == []


def test_webhooks_of_others_are_not_touched(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    other = gateway.create_webhook("DLR", "https://other.example/dlr")
    gateway.pause_webhook(other)
    link_now(own, linked, portal, gateway)
    hour_passes(own, linked)
    [row] = [row for row in webhooks(gateway) if row["webhook_id"] == other]
    assert (row["status"], row["url"]) == ("paused", "https://other.example/dlr")
    assert open_codes(own, portal) == []


# --- paused, failing


def pause(gateway: Gateway, type_: str) -> None:
    for row in webhooks(gateway):
        if row["type"] == type_:
            gateway.pause_webhook(row["webhook_id"])


def test_paused_webhook_is_set_live_once_and_is_a_problem_after_that(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    link_now(own, linked, portal, gateway)
    pause(gateway, "STOP")
    hour_passes(own, linked)
    assert {row["status"] for row in webhooks(gateway)} == {"live"}
    assert open_codes(own, portal) == []
    pause(gateway, "STOP")
    for _ in range(2):
        hour_passes(own, linked)
        assert open_codes(own, portal) == ["webhooks_paused"]
    assert [row["status"] for row in webhooks(gateway) if row["type"] == "STOP"] == ["paused"]
    link_now(own, linked, portal, gateway)
    assert {row["status"] for row in webhooks(gateway)} == {"live"}, "linking again sets it live once more"
    assert open_codes(own, portal) == []


def test_failing_webhook_is_a_problem_with_its_status(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    gateway.set(webhook_retries=0)
    link_now(own, linked, portal, gateway)
    message = send(own, linked, portal)
    drain(linked)
    gateway.advance(60)  # the receipt finds no server at our address
    gateway.wait_idle()
    hour_passes(own, linked)
    assert problems.open_problems(own, portal.portal_id) == [
        {"code": "webhooks_failing", "params": {"status": 0}}
    ]
    own.commit()
    assert now_of(own, message).state == "accepted"


# --- what was missed meanwhile


def stop_list_holds(own: Conn, portal: Portal, number: str) -> bool:
    found = opt_outs.opted_out(own, portal.portal_id, [number]) == {number}
    own.commit()
    return found


def replies_of(own: Conn, portal: Portal, number: str) -> list[str]:
    rows = own.execute(
        "SELECT text FROM messages WHERE portal_id = %s AND recipient = %s AND direction = 'inbound'"
        " ORDER BY created_at",
        (portal.portal_id, number),
    ).fetchall()
    own.commit()
    return [row["text"] for row in rows]


def let_pass(own: Conn, gateway: Gateway, *, minutes: int) -> None:
    """Let time pass for the gateway and for every accepted call."""
    gateway.advance(minutes * 60)
    gateway.wait_idle()
    own.execute(
        "UPDATE attempts SET claimed_at = claimed_at - make_interval(mins => %(m)s),"
        " settled_at = settled_at - make_interval(mins => %(m)s),"
        " next_lookup_at = next_lookup_at - make_interval(mins => %(m)s)",
        {"m": minutes},
    )
    own.commit()


@pytest.fixture
def lost(own: Conn, linked: Wiring, portal: Portal, gateway: Gateway) -> Message:
    """A delivered message whose receipt, and everything else, was lost: the webhooks were deleted."""
    link_now(own, linked, portal, gateway)
    for row in webhooks(gateway):
        gateway.delete_webhook(row["webhook_id"])
    message = send(own, linked, portal, recipient=to("01"))
    drain(linked)
    return message


def test_overdue_receipts_are_looked_up_and_not_before(
    own: Conn, linked: Wiring, gateway: Gateway, lost: Message
) -> None:
    let_pass(own, gateway, minutes=9)
    hour_passes(own, linked)
    assert now_of(own, lost).state == "accepted", "receipts are overdue after ten minutes"
    for row in webhooks(gateway):
        gateway.delete_webhook(row["webhook_id"])
    let_pass(own, gateway, minutes=2)
    hour_passes(own, linked)
    assert now_of(own, lost).state == "delivered"


def test_message_that_is_still_under_way_is_not_expired_by_an_early_look_up(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    link_now(own, linked, portal, gateway)
    message = send(own, linked, portal, recipient=to("99"))  # the phone is off
    drain(linked)
    let_pass(own, gateway, minutes=11)
    listings = gateway.calls("/messages", "GET")
    hour_passes(own, linked)
    assert gateway.calls("/messages", "GET") == listings + 1
    assert now_of(own, message).state == "accepted"
    hour_passes(own, linked)
    assert gateway.calls("/messages", "GET") == listings + 1, "the next look-up waits twice as long"
    age_attempts(own, minutes=72 * 60)
    drain(linked)
    assert (now_of(own, message).state, now_of(own, message).reason) == ("expired", "no_receipt")


def test_one_silent_phone_is_not_looked_up_while_receipts_of_later_calls_come(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    link_now(own, linked, portal, gateway)
    silent = send(own, linked, portal, recipient=to("99"))
    drain(linked)
    later = send(own, linked, portal, recipient=to("02"))
    drain(linked)
    own.execute(
        "UPDATE attempts SET receipt_at = now() WHERE attempt_id = %s", (now_of(own, later).attempt_id,)
    )
    own.commit()
    let_pass(own, gateway, minutes=30)
    listings = gateway.calls("/messages", "GET")
    hour_passes(own, linked)
    assert gateway.calls("/messages", "GET") == listings
    assert now_of(own, silent).state == "accepted"


def test_slow_account_is_given_its_usual_delay(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway, lost: Message
) -> None:
    own.execute("UPDATE sms_accounts SET receipt_delay_s = 1800")
    own.commit()
    let_pass(own, gateway, minutes=50)
    hour_passes(own, linked)
    assert now_of(own, lost).state == "accepted"


def test_replies_and_stops_of_an_outage_are_fetched_once(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway, lost: Message
) -> None:
    gateway.say(lost.recipient, "Oui, à bientôt")
    gateway.say(lost.recipient, "Oui, à bientôt")
    gateway.say(lost.recipient, "STOP")
    gateway.advance(60)  # the list of replies lags
    for _ in range(2):
        own.execute("UPDATE sms_accounts SET webhooks_ok_at = now() - interval '1 h'")
        hour_passes(own, linked)
        assert replies_of(own, portal, lost.recipient) == ["Oui, à bientôt"] * 2
    assert stop_list_holds(own, portal, lost.recipient)
    reply = messages.latest_to(own, portal.portal_id, lost.recipient)
    assert reply is not None
    assert reply.gateway_id == lost.gateway_id


def test_while_a_webhook_stays_paused_replies_are_fetched_each_hour_and_not_at_each_check(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    link_now(own, linked, portal, gateway)
    for _ in range(2):
        pause(gateway, "MO")
        hour_passes(own, linked)
    assert check_is_wanted(own, portal)
    before = gateway.calls("/messages/mo", "GET")
    hour_passes(own, linked)
    assert gateway.calls("/messages/mo", "GET") == before
    own.execute("UPDATE sms_accounts SET webhooks_ok_at = now() - interval '61 min'")
    hour_passes(own, linked)
    assert gateway.calls("/messages/mo", "GET") == before + 1


def test_reply_that_is_stored_already_is_not_doubled(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway, lost: Message
) -> None:
    """Its webhook came, a minute off the list's time and with other blanks."""
    gateway.say(lost.recipient, "Oui, à bientôt")
    gateway.advance(60)
    payload = {
        "from": lost.recipient[1:],
        "message": "Oui,  à bientôt ",
        "date": datetime.now(UTC).isoformat(),
    }
    event = read_inbound(payload)
    assert event.at is not None
    received = ReceivedReply(CLIENT, lost.gateway_id, event.number, event.text, "webhook", payload=payload)
    assert receive_reply(own, received) == "stored"
    own.commit()
    hour_passes(own, linked)
    assert replies_of(own, portal, lost.recipient) == ["Oui,  à bientôt "]


# --- Rows of the former version

CALL = """
WITH portal AS (
    INSERT INTO portals (portal_id, state, scopes, time_zone, language, installed_at)
    VALUES (%(portal_id)s, 'installed', '{}', 'Europe/Paris', 'fr', now())
), account AS (
    INSERT INTO sms_accounts (client_id, webhook_path_hash, webhook_path_enc, webhook_secret_enc, key_id)
    VALUES (%(client_id)s, convert_to(%(client_id)s, 'UTF8'), 'path', 'signature', 'k1')
), linked AS (
    INSERT INTO account_links (portal_id, link_id, client_id, key_id)
    VALUES (%(portal_id)s, %(id)s, %(client_id)s, 'k1')
), call AS (
    INSERT INTO attempts (portal_id, attempt_id, link_id, fence, outcome, settled_at, next_lookup_at)
    VALUES (%(portal_id)s, %(id)s, %(id)s, 1, 'accepted', now() - interval '1 hour', now() + interval '71 hours')
), member AS (
    INSERT INTO attempt_messages (portal_id, attempt_id, message_id) VALUES (%(portal_id)s, %(id)s, %(id)s)
)
INSERT INTO messages (portal_id, message_id, direction, state, state_at, object_type_id, object_id, recipient,
    recipient_raw, recipient_property, recipient_country, source, priority, push_type, text, unicode, encoding, parts,
    gateway_id, created_at, due_at, expires_at, finished_at)
VALUES (%(portal_id)s, %(id)s, 'outbound', %(state)s, now(), '0-1', '501', '+33612345601', 'raw', 'phone', 'FR',
    'card', 0, 'alert', 'Bonjour', false, 'gsm7', 1, %(id)s::text, now(), now(), now() + interval '1 day',
    CASE WHEN %(state)s = 'delivered' THEN now() - interval '30 min' END)
"""


def test_calls_whose_receipts_came_before_the_release_are_not_overdue(
    former_database: Callable[[str], str],
) -> None:
    url = former_database("0023")
    with connect(url) as conn:
        for portal_id, state in ((1, "delivered"), (2, "accepted")):
            values = {
                "portal_id": portal_id,
                "id": uuid.uuid4(),
                "state": state,
                "client_id": f"c{portal_id}",
            }
            conn.execute(CALL, values)
    migrate_to(url, "head")
    with connect(url) as conn:
        calls = {
            portal_id: receipts.newest_calls(conn, portal_id, older_than_s=600, receipts_s=RECEIPT_OVERDUE_S)
            for portal_id in (1, 2)
        }
    assert [call.delay_s for call in calls[1]] == [pytest.approx(1800)]
    assert [call.delay_s for call in calls[2]] == [None]
