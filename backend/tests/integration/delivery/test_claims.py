"""The claim checks everything, and only the lane's owner can claim (P3, P11)."""

import pytest

from backend.tests.factories import RECIPIENT
from backend.tests.integration.conftest import drain
from backend.tests.integration.delivery.steps import due_now, now_of, relink, send, take_turn
from connector.domain.vocabulary import Cause, ConsentSource, LaneKind
from connector.store import lanes
from connector.store.consent import opt_outs
from connector.store.database import Conn
from connector.store.messages import claims
from connector.store.portals import portals
from connector.store.portals.portals import Portal
from connector.use_cases.delivery.accept_attempt import accept_attempt
from connector.wiring import Wiring
from connector.worker.delivery.deliver import deliver
from sandbox.driver.gateway import Gateway

# --- P3: paused and killed workers


def test_worker_that_died_after_its_claim_leaves_the_message_unknown(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    message = send(own, linked, portal)
    turn = take_turn(own, portal)
    assert claims.claim(own, turn, call_s=2.0).claim is not None
    own.commit()
    assert now_of(own, message).state == "sending"
    own.execute("UPDATE lanes SET lease_until = now() - interval '1 s' WHERE kind = 'deliver_personal'")
    own.commit()
    drain(linked)
    assert now_of(own, message).state == "unknown"
    assert gateway.calls() == 0, "what may have left is not sent again"


def test_paused_worker_whose_lane_was_taken_over_cannot_claim(
    own: Conn, linked: Wiring, portal: Portal
) -> None:
    send(own, linked, portal)
    paused = take_turn(own, portal)
    own.execute("UPDATE lanes SET lease_until = now() - interval '1 s' WHERE kind = 'deliver_personal'")
    own.commit()
    heir = take_turn(own, portal)
    assert claims.claim(own, paused, call_s=2.0).claim is None
    assert claims.claim(own, heir, call_s=2.0).claim is not None
    own.commit()


def test_worker_whose_lease_is_short_does_not_begin_a_call(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    message = send(own, linked, portal)
    turn = take_turn(own, portal, lease_s=1.5)  # a call may take 2 s
    with pytest.raises(Exception, match="lease_short"):
        deliver(linked, turn)
    assert gateway.calls() == 0
    assert now_of(own, message).state == "queued"


def test_late_answer_of_a_paused_worker_settles_what_became_unknown(
    own: Conn, linked: Wiring, portal: Portal
) -> None:
    message = send(own, linked, portal)
    claim = claims.claim(own, take_turn(own, portal), call_s=2.0).claim
    assert claim is not None
    own.commit()
    own.execute("UPDATE lanes SET lease_until = now() - interval '1 s' WHERE kind = 'deliver_personal'")
    own.commit()
    drain(linked)
    assert now_of(own, message).state == "unknown"
    entered = lanes.enter(own, portal.portal_id, LaneKind.RECONCILE, LaneKind.SYNC_CRM)
    accept_attempt(entered, claim.attempt_id, ticket="77", cost_credits=1, cause=Cause.ANSWER)
    own.commit()
    after = now_of(own, message)
    assert (after.state, after.ticket, after.cost_credits) == ("accepted", "77", 1)


# --- P11: the claim checks everything


def test_stop_between_queue_and_claim_blocks(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    message = send(own, linked, portal)
    opt_outs.add(
        own, portal.portal_id, RECIPIENT.e164, source=ConsentSource.STOP, text="STOP", at=message.created_at
    )
    own.commit()
    assert claims.claim(own, take_turn(own, portal), call_s=2.0).claim is None
    own.commit()
    due_now(own)
    own.execute("UPDATE lanes SET lease_until = NULL")
    own.commit()
    drain(linked)
    after = now_of(own, message)
    assert (after.state, after.reason) == ("blocked", "opted_out")
    assert gateway.calls() == 0


def test_message_older_than_its_maximum_age_is_too_late(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    message = send(own, linked, portal)
    own.execute("UPDATE messages SET expires_at = now() - interval '1 s'")
    own.commit()
    drain(linked)
    after = now_of(own, message)
    assert (after.state, after.reason) == ("too_late", "too_old")
    assert gateway.calls() == 0


def test_nothing_leaves_while_the_account_is_paused(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    own.execute("UPDATE sms_accounts SET paused_until = now() + interval '1 h'")
    own.commit()
    message = send(own, linked, portal)
    drain(linked)
    assert now_of(own, message).state == "queued"
    assert gateway.calls() == 0
    row = own.execute(
        "SELECT next_due_at > now() + interval '59 min' AS waits FROM lanes WHERE kind = 'deliver_personal'"
    ).fetchone()
    assert row == {"waits": True}


# --- lanes that must not be forgotten


def test_link_made_while_a_set_up_runs_gets_a_set_up_of_its_own(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    """P1: the lane is already due, so the wake-up changes nothing; the row that requests the set-up stays."""
    own.execute("UPDATE lanes SET next_due_at = 'infinity'")
    own.execute("UPDATE lanes SET next_due_at = now(), not_before = NULL WHERE kind = 'setup'")
    own.commit()
    wanted = portals.setup_wanted(own, portal.portal_id)
    turn = lanes.take(own, owner="test", lease_s=30.0, kinds=[LaneKind.SETUP])
    assert turn is not None
    relink(own, linked, portal, gateway.token)
    portals.mark_set_up(own, portal.portal_id, wanted)
    assert lanes.may_close(own, turn)
    lanes.release(own, turn, next_due_at=portals.next_setup_at(own, portal.portal_id))
    assert lanes.take(own, owner="test", lease_s=30.0, kinds=[LaneKind.SETUP]) is not None
