"""Waits of workflows on real rows: every outcome, whatever the order of events (protocol P17, P18)."""

import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.tests.factories import a_portal
from backend.tests.integration.workflows.executions import SCOPES, accept, an_execution, let_pass, row_of
from connector.domain.message import DELIVERY_LANES
from connector.domain.vocabulary import Action, AttemptOutcome, Cause, LaneKind, MessageState, Reason
from connector.domain.workflows.fields import Execution
from connector.store import lanes
from connector.store.database import Conn
from connector.store.lanes import Turn
from connector.store.messages import claims, link_clicks, messages
from connector.store.messages.claims import Claim
from connector.store.messages.messages import Message
from connector.store.portals.portals import Portal
from connector.store.vault import Vault
from connector.store.workflows import resolving, waits
from connector.store.workflows.resolving import Resolved
from connector.use_cases.delivery.accept_attempt import accept_attempt
from connector.use_cases.delivery.apply_receipt import ApplyReceipt, apply_receipt
from connector.use_cases.delivery.apply_reply import ApplyReply, apply_reply
from connector.use_cases.delivery.doubt_attempt import doubt_attempt
from connector.use_cases.delivery.receive_event import ReceivedStop, receive_stop
from connector.use_cases.delivery.refuse_attempt import refuse_attempt
from connector.use_cases.delivery.requeue_attempt import requeue_attempt
from connector.use_cases.messages.cancel_message import cancel_message
from connector.use_cases.messages.move_messages import move_messages, note_news
from connector.use_cases.workflows.accept_executions import accept_executions
from connector.use_cases.workflows.settle_waits import settle_waits

DAY_S = 86_400


@pytest.fixture
def portal(conn: Conn, vault: Vault) -> Portal:
    return a_portal(conn, vault, scopes=SCOPES)


def waiting(conn: Conn, portal: Portal, wait_for: str, **inputs: Any) -> tuple[Execution, Message]:
    """Accept an execution that waits; returns it with its message."""
    execution = an_execution(wait_for=wait_for, wait_hours="24", **inputs)
    [answer] = accept(conn, portal, execution)
    assert (answer.hs_state, answer.outputs["status"]) == ("BLOCK", "pending")
    return execution, messages.get(conn, portal.portal_id, uuid.UUID(answer.outputs["message_id"]))


def take_turn(conn: Conn, portal: Portal) -> Turn:
    conn.execute(
        "UPDATE lanes SET next_due_at = CASE WHEN portal_id = %s THEN now() ELSE 'infinity' END,"
        " not_before = NULL, lease_until = NULL WHERE kind = 'deliver'",
        (portal.portal_id,),
    )
    conn.commit()
    turn = lanes.take(conn, owner="test", lease_s=30.0, kinds=[LaneKind.DELIVER])
    assert turn is not None
    assert turn.portal_id == portal.portal_id
    return turn


def claim(conn: Conn, portal: Portal) -> Claim:
    """Claim the portal's message as a worker does, without a commit."""
    claimed = claims.claim(conn, take_turn(conn, portal), call_s=1.0).claim
    assert claimed is not None
    return claimed


def hand_over(conn: Conn, portal: Portal, *, cost: int | None = 2) -> None:
    """Claim the portal's message and record that the gateway accepted it."""
    claimed = claim(conn, portal)
    entered = lanes.enter(conn, portal.portal_id, LaneKind.RECONCILE, LaneKind.SYNC_CRM)
    accept_attempt(entered, claimed.attempt_id, ticket="8001", cost_credits=cost, cause=Cause.ANSWER)
    conn.commit()


def receipt(
    conn: Conn, portal: Portal, message: Message, state: MessageState, reason: Reason | None = None
) -> None:
    entered = lanes.enter(conn, portal.portal_id, LaneKind.RECONCILE, LaneKind.SYNC_CRM)
    at = datetime.now(UTC)
    command = ApplyReceipt(portal.portal_id, message.gateway_id, state, reason, "8001", at)
    assert apply_receipt(entered, command)
    conn.commit()


def reply(conn: Conn, portal: Portal, message: Message, text: str = "Oui, merci") -> None:
    command = ApplyReply(
        portal.portal_id, uuid.uuid4().hex, message.gateway_id, message.recipient, text, datetime.now(UTC)
    )
    assert apply_reply(conn, command)
    conn.commit()


def click(conn: Conn, portal: Portal, message: Message) -> None:
    link_clicks.note(
        conn,
        portal.portal_id,
        message.message_id,
        "https://lumen.example",
        clicks=1,
        is_robot=False,
        at=datetime.now(UTC),
    )
    note_news(conn, portal.portal_id, [message.message_id])
    conn.commit()


def settle(conn: Conn, portal: Portal) -> int:
    entered = lanes.enter(conn, portal.portal_id, LaneKind.CALLBACKS)
    looked_at = settle_waits(entered, 100)
    conn.commit()
    return looked_at


def outcome(conn: Conn, portal: Portal, execution: Execution) -> tuple[str, str, str]:
    """(state of the execution, status, reason) after the lane has run."""
    settle(conn, portal)
    row = row_of(conn, portal, execution.callback_id)
    return row["state"], row["outputs"]["status"], row["outputs"]["reason"]


STILL_WAITING = ("waiting", "pending", "")


# --- events that end a wait


def test_wait_for_delivery_ends_with_the_receipt_and_tells_what_was_charged(
    conn: Conn, portal: Portal
) -> None:
    execution, message = waiting(conn, portal, "delivered")
    assert row_of(conn, portal, execution.callback_id)["outputs"]["cost"] == "1"
    hand_over(conn, portal, cost=2)
    assert outcome(conn, portal, execution) == STILL_WAITING
    receipt(conn, portal, message, MessageState.DELIVERED)
    assert outcome(conn, portal, execution) == ("due", "delivered", "")
    outputs = row_of(conn, portal, execution.callback_id)["outputs"]
    assert outputs == {
        "status": "delivered",
        "reason": "",
        "message_id": str(message.message_id),
        "recipient": "+33612345601",
        "sms_count": "1",
        "cost": "2",
        "reply": "",
        "detail": "",
    }


@pytest.mark.parametrize("wait_for", ["delivered", "replied", "clicked"])
def test_bad_receipt_ends_every_wait_at_once(conn: Conn, portal: Portal, wait_for: str) -> None:
    execution, message = waiting(conn, portal, wait_for)
    hand_over(conn, portal)
    receipt(conn, portal, message, MessageState.UNDELIVERED, Reason.INVALID_DESTINATION)
    assert outcome(conn, portal, execution) == ("due", "failed", "invalid_destination")


def test_refusal_of_the_gateway_ends_the_wait(conn: Conn, portal: Portal) -> None:
    execution, _ = waiting(conn, portal, "replied")
    claimed = claim(conn, portal)
    refuse_attempt(
        lanes.enter(conn, portal.portal_id, LaneKind.SYNC_CRM), claimed.attempt_id, Reason.BLACKLISTED
    )
    conn.commit()
    assert outcome(conn, portal, execution) == ("due", "failed", "blacklisted")


def test_reply_ends_its_wait_with_its_text_though_delivery_did_not(conn: Conn, portal: Portal) -> None:
    execution, message = waiting(conn, portal, "replied")
    hand_over(conn, portal)
    receipt(conn, portal, message, MessageState.DELIVERED)
    assert outcome(conn, portal, execution) == STILL_WAITING
    reply(conn, portal, message, "Oui, à 14 h")
    row = row_of(conn, portal, execution.callback_id)
    assert (row["state"], row["outputs"]["status"], row["outputs"]["reply"]) == (
        "due",
        "replied",
        "Oui, à 14 h",
    )


def test_reply_that_overtakes_receipt_and_answer_ends_the_wait(conn: Conn, portal: Portal) -> None:
    execution, message = waiting(conn, portal, "replied")
    claimed = claim(conn, portal)
    conn.commit()
    reply(conn, portal, message)
    assert outcome(conn, portal, execution)[:2] == ("due", "replied")
    entered = lanes.enter(conn, portal.portal_id, LaneKind.RECONCILE, LaneKind.SYNC_CRM)
    accept_attempt(entered, claimed.attempt_id, ticket="8001", cost_credits=2, cause=Cause.ANSWER)
    conn.commit()
    receipt(conn, portal, message, MessageState.UNDELIVERED, Reason.NOT_DELIVERED)
    assert outcome(conn, portal, execution)[:2] == ("due", "replied"), "late news changes nothing"


def test_reply_does_not_end_a_wait_for_a_click_nor_a_click_one_for_a_reply(
    conn: Conn, portal: Portal, vault: Vault
) -> None:
    other = a_portal(conn, vault, scopes=SCOPES)
    for_click, clicked_message = waiting(conn, portal, "clicked")
    hand_over(conn, portal)
    reply(conn, portal, clicked_message)
    assert outcome(conn, portal, for_click) == STILL_WAITING
    click(conn, portal, clicked_message)
    assert outcome(conn, portal, for_click) == ("due", "clicked", "")
    for_reply, replied_message = waiting(conn, other, "replied")
    hand_over(conn, other)
    click(conn, other, replied_message)
    assert outcome(conn, other, for_reply) == STILL_WAITING


def test_click_before_the_answer_of_the_gateway_ends_the_wait(conn: Conn, portal: Portal) -> None:
    execution, message = waiting(conn, portal, "clicked")
    claim(conn, portal)
    conn.commit()
    click(conn, portal, message)
    assert outcome(conn, portal, execution) == ("due", "clicked", "")


def test_stop_before_the_hand_over_ends_the_wait_as_refused(conn: Conn, portal: Portal) -> None:
    execution, message = waiting(conn, portal, "delivered")
    client_id = str(portal.portal_id)
    receive_stop(
        conn, ReceivedStop(client_id, message.recipient, "STOP", datetime.now(UTC), "now", payload={})
    )
    conn.commit()
    assert outcome(conn, portal, execution) == ("due", "refused", "opted_out")


def test_cancelling_by_a_person_ends_the_wait(conn: Conn, portal: Portal) -> None:
    execution, message = waiting(conn, portal, "replied")
    cancel_message(conn, portal.portal_id, message.message_id, user_id=77)
    conn.commit()
    assert outcome(conn, portal, execution) == ("due", "not_sent", "cancelled")


def test_maximum_age_ends_the_wait(conn: Conn, portal: Portal) -> None:
    execution, message = waiting(conn, portal, "delivered")
    move_messages(
        conn,
        portal.portal_id,
        [message.message_id],
        MessageState.TOO_LATE,
        cause=Cause.AGE,
        reason=Reason.TOO_OLD,
    )
    conn.commit()
    assert outcome(conn, portal, execution) == ("due", "not_sent", "too_old")


# --- the timer


def test_wait_counts_from_the_hand_over(conn: Conn, portal: Portal) -> None:
    execution, message = waiting(conn, portal, "replied")
    let_pass(conn, portal, seconds=1800)
    hand_over(conn, portal)
    settle(conn, portal)
    row = row_of(conn, portal, execution.callback_id)
    accepted_at = messages.get(conn, portal.portal_id, message.message_id).accepted_at
    assert accepted_at is not None
    assert row["timer_at"] == accepted_at + timedelta(seconds=DAY_S)
    assert row["check_at"] == row["timer_at"]
    let_pass(conn, portal, seconds=DAY_S - 60)
    assert outcome(conn, portal, execution) == STILL_WAITING
    let_pass(conn, portal, seconds=60)
    assert outcome(conn, portal, execution) == ("due", "timed_out", "")
    assert messages.get(conn, portal.portal_id, message.message_id).state == "accepted"
    reply(conn, portal, message)
    assert outcome(conn, portal, execution) == ("due", "timed_out", ""), "a late reply changes nothing"


def test_our_timer_always_answers_before_hubspot_stops_waiting(conn: Conn, portal: Portal) -> None:
    execution, _ = waiting(conn, portal, "replied")
    let_pass(conn, portal, hours=23.9)
    hand_over(conn, portal)
    settle(conn, portal)
    row = row_of(conn, portal, execution.callback_id)
    assert row["timer_at"] == row["blocked_until"] - timedelta(minutes=10)


def test_timer_before_the_hand_over_cancels_the_message_in_the_same_transaction(
    conn: Conn, other_conn: Conn, portal: Portal
) -> None:
    execution, message = waiting(conn, portal, "delivered")
    let_pass(conn, portal, hours=24)
    entered = lanes.enter(conn, portal.portal_id, LaneKind.CALLBACKS)
    settle_waits(entered, 100)
    assert messages.get(other_conn, portal.portal_id, message.message_id).state == "queued"
    assert row_of(other_conn, portal, execution.callback_id)["state"] == "waiting"
    conn.commit()
    cancelled = messages.get(other_conn, portal.portal_id, message.message_id)
    assert (cancelled.state, cancelled.reason) == ("cancelled", "wait_over")
    assert outcome(other_conn, portal, execution) == ("due", "not_sent", "wait_over")


def test_reason_why_it_had_not_left_is_told(conn: Conn, portal: Portal) -> None:
    execution, _ = waiting(conn, portal, "delivered")
    claimed = claim(conn, portal)
    entered = lanes.enter(conn, portal.portal_id, *DELIVERY_LANES)
    requeue_attempt(
        entered,
        claimed.attempt_id,
        outcome=AttemptOutcome.REFUSED,
        cause=Reason.GATEWAY_NO_CREDITS,
        reason=Reason.GATEWAY_NO_CREDITS,
    )
    conn.commit()
    let_pass(conn, portal, hours=24)
    assert outcome(conn, portal, execution) == ("due", "not_sent", "gateway_no_credits")


@pytest.mark.parametrize("answered", ["accepted", "refused"])
def test_message_that_may_have_left_is_never_called_not_sent(
    conn: Conn, portal: Portal, answered: str
) -> None:
    """The timer fires while the gateway has the call: the answer then continues the wait or fails it."""
    execution, message = waiting(conn, portal, "delivered")
    let_pass(conn, portal, hours=23.99)
    claimed = claim(conn, portal)
    conn.commit()
    let_pass(conn, portal, seconds=60)
    assert outcome(conn, portal, execution) == STILL_WAITING
    assert messages.get(conn, portal.portal_id, message.message_id).state == "sending"
    doubt_attempt(
        lanes.enter(conn, portal.portal_id, LaneKind.RECONCILE),
        claimed.attempt_id,
        Cause.NO_ANSWER,
        lookup_in_s=30.0,
    )
    conn.commit()
    assert outcome(conn, portal, execution) == STILL_WAITING
    entered = lanes.enter(conn, portal.portal_id, LaneKind.RECONCILE, LaneKind.SYNC_CRM)
    if answered == "accepted":
        accept_attempt(entered, claimed.attempt_id, ticket="8001", cost_credits=1, cause=Cause.LOOK_UP)
        expected = STILL_WAITING
    else:
        refuse_attempt(entered, claimed.attempt_id, Reason.NPAI)
        expected = ("due", "failed", "npai")
    conn.commit()
    assert outcome(conn, portal, execution) == expected


def test_doubt_that_lasts_until_hubspot_stops_waiting_is_told_as_doubt(conn: Conn, portal: Portal) -> None:
    execution, message = waiting(conn, portal, "delivered")
    claimed = claim(conn, portal)
    doubt_attempt(
        lanes.enter(conn, portal.portal_id, LaneKind.RECONCILE),
        claimed.attempt_id,
        Cause.NO_ANSWER,
        lookup_in_s=30.0,
    )
    conn.commit()
    let_pass(conn, portal, hours=24.5)
    assert outcome(conn, portal, execution) == STILL_WAITING
    let_pass(conn, portal, hours=0.4)
    assert outcome(conn, portal, execution) == ("due", "timed_out", "outcome_unknown")
    assert messages.get(conn, portal.portal_id, message.message_id).state == "unknown"


def test_wait_whose_message_was_deleted_ends_at_its_time_and_does_not_stay_due(
    conn: Conn, portal: Portal
) -> None:
    execution, message = waiting(conn, portal, "replied")
    hand_over(conn, portal)
    for table in ("attempt_messages", "message_states", "messages"):
        conn.execute(f"DELETE FROM {table} WHERE message_id = %s", (message.message_id,))  # noqa: S608 - names of ours
    conn.execute("UPDATE workflow_executions SET check_at = now() WHERE state = 'waiting'")
    assert settle(conn, portal) == 1
    assert row_of(conn, portal, execution.callback_id)["is_due"] is False, "the lane would be taken for ever"
    let_pass(conn, portal, hours=24.1)
    assert outcome(conn, portal, execution) == ("due", "timed_out", "outcome_unknown")


# --- concurrent connections


def test_timer_waits_for_nobody_when_the_message_is_being_claimed(
    conn: Conn, other_conn: Conn, portal: Portal
) -> None:
    execution, message = waiting(conn, portal, "delivered")
    let_pass(conn, portal, hours=24, for_messages=False)
    claim(other_conn, portal)  # not committed
    assert settle(conn, portal) == 0, "what somebody else holds is skipped"
    other_conn.commit()
    assert outcome(conn, portal, execution) == STILL_WAITING
    assert messages.get(conn, portal.portal_id, message.message_id).state == "sending"


def test_acceptance_that_comes_while_the_timer_is_being_settled_finds_the_message_cancelled_or_sent(
    conn: Conn, other_conn: Conn, portal: Portal
) -> None:
    """The claim skips a message that the timer holds: the message is cancelled and never leaves."""
    execution, message = waiting(conn, portal, "delivered")
    let_pass(conn, portal, hours=24, for_messages=False)
    entered = lanes.enter(conn, portal.portal_id, LaneKind.CALLBACKS)
    settle_waits(entered, 100)  # not committed
    turn = take_turn(other_conn, portal)
    assert claims.claim(other_conn, turn, call_s=1.0).claim is None
    conn.commit()
    assert claims.claim(other_conn, turn, call_s=1.0).claim is None
    assert messages.get(conn, portal.portal_id, message.message_id).state == "cancelled"
    assert outcome(conn, portal, execution)[:2] == ("due", "not_sent")


def test_reply_and_timer_at_once_give_one_outcome(conn: Conn, other_conn: Conn, portal: Portal) -> None:
    execution, message = waiting(conn, portal, "replied")
    hand_over(conn, portal)
    settle(conn, portal)
    let_pass(conn, portal, hours=24)
    entered = lanes.enter(conn, portal.portal_id, LaneKind.CALLBACKS)
    assert settle_waits(entered, 100) == 1  # timed out, not committed
    replying = threading.Thread(target=reply, args=(other_conn, portal, message))
    replying.start()
    conn.commit()
    replying.join(timeout=20)
    assert not replying.is_alive()
    assert outcome(conn, portal, execution) == ("due", "timed_out", "")


def test_reply_that_is_being_applied_is_not_overtaken_by_the_timer(
    conn: Conn, other_conn: Conn, portal: Portal
) -> None:
    execution, message = waiting(conn, portal, "replied")
    hand_over(conn, portal)
    settle(conn, portal)
    let_pass(conn, portal, hours=24)
    now = datetime.now(UTC)
    command = ApplyReply(portal.portal_id, "one", message.gateway_id, message.recipient, "Oui", now)
    assert apply_reply(other_conn, command)  # not committed
    assert settle(conn, portal) == 0
    other_conn.commit()
    assert outcome(conn, portal, execution)[:2] == ("due", "replied")


# --- time of the report to HubSpot


def test_outcome_is_told_no_earlier_than_ten_seconds_after_our_answer(conn: Conn, portal: Portal) -> None:
    execution, message = waiting(conn, portal, "delivered")
    hand_over(conn, portal)
    receipt(conn, portal, message, MessageState.DELIVERED)
    settle(conn, portal)
    row = row_of(conn, portal, execution.callback_id)
    assert row["check_at"] == row["created_at"] + timedelta(seconds=waits.REPORT_AFTER_S)
    lane = conn.execute(
        "SELECT next_due_at FROM lanes WHERE portal_id = %s AND kind = 'callbacks'", (portal.portal_id,)
    ).fetchone()
    assert lane is not None
    assert lane["next_due_at"] <= row["check_at"]


@pytest.mark.parametrize("action", ["send_sms", "send_sms_deal"])
def test_ten_seconds_count_from_the_latest_block(conn: Conn, portal: Portal, action: Action) -> None:
    """HubSpot repeats an execution after a lost answer: it knows only the second BLOCK (P17)."""
    execution = an_execution(action, "0-3" if action == "send_sms_deal" else "0-1", wait_for="delivered")
    accept(conn, portal, execution)
    let_pass(conn, portal, seconds=60)
    [answer] = accept(conn, portal, execution)
    assert answer.hs_state == "BLOCK"
    entered = lanes.enter(conn, portal.portal_id, LaneKind.CALLBACKS)
    if action == "send_sms_deal":
        resolving.conclude(entered, [Resolved(execution.callback_id, {"status": "refused"})])
    else:
        waits.conclude(entered, [(execution.callback_id, {"status": "delivered"})])
    row = row_of(conn, portal, execution.callback_id)
    assert row["state"] == "due"
    assert row["check_at"] == row["answered_at"] + timedelta(seconds=waits.REPORT_AFTER_S)
    assert not row["is_due"]


def test_block_that_meets_the_outcome_is_answered_with_one_of_them(
    conn: Conn, other_conn: Conn, portal: Portal
) -> None:
    """The second transaction waits for the first, so no outcome reaches HubSpot right after a BLOCK."""
    execution, message = waiting(conn, portal, "replied")
    hand_over(conn, portal)
    let_pass(conn, portal, seconds=60)
    # BLOCK, not committed
    accept_executions(other_conn, [(portal.portal_id, execution)], deployment_prefix="tst")
    replying = threading.Thread(target=reply, args=(conn, portal, message))
    replying.start()
    replying.join(timeout=0.5)
    other_conn.commit()
    replying.join(timeout=20)
    assert not replying.is_alive()
    row = row_of(conn, portal, execution.callback_id)
    assert (row["state"], row["is_due"]) == ("due", False)


def test_many_waits_are_looked_at_in_one_transaction(conn: Conn, portal: Portal) -> None:
    executions = [an_execution(wait_for="delivered", wait_hours="1") for _ in range(120)]
    accept(conn, portal, *executions)
    let_pass(conn, portal, hours=1)
    assert [settle(conn, portal), settle(conn, portal), settle(conn, portal)] == [100, 20, 0]
    states = conn.execute(
        "SELECT state, outputs->>'status' AS status, count(*) FROM workflow_executions WHERE portal_id = %s"
        " GROUP BY 1, 2",
        (portal.portal_id,),
    ).fetchall()
    assert [(row["state"], row["status"], row["count"]) for row in states] == [("due", "not_sent", 120)]
