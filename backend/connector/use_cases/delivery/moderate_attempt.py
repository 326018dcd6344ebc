"""Record that the gateway holds a call for its own check (-8)."""

import uuid
from collections.abc import Mapping

from connector.domain.vocabulary import AttemptOutcome, Cause, LaneKind, MessageState
from connector.store import lanes
from connector.store.lanes import Entered
from connector.store.messages import attempts
from connector.use_cases.messages.move_messages import move_messages

# The gateway's check of a campaign usually takes minutes (SMSFactor's help); after this, it is asked for the result.
MODERATION_ASKED_S = 900.0


def moderate_attempt(
    entered: Entered,
    attempt_id: uuid.UUID,
    *,
    ticket: str | None,
    cost_credits: int | None,
    sent_count: int | None = None,
    counters: Mapping[str, int] | None = None,
) -> None:
    """The gateway holds the campaign for its own check (-8): accepted later or refused, never sent again by us.

    No webhook reports a refusal after the check, so a look-up asks for it: `entered` for `reconcile`.
    """
    entered.require(LaneKind.RECONCILE)
    conn, portal_id = entered.conn, entered.portal_id
    message_ids = attempts.message_ids(conn, portal_id, attempt_id)
    attempts.settle(
        conn, portal_id, attempt_id, AttemptOutcome.MODERATED, Cause.ANSWER, lookup_in_s=MODERATION_ASKED_S
    )
    attempts.note_answer(conn, portal_id, attempt_id, ticket=ticket, sent_count=sent_count, counters=counters)
    move_messages(
        conn,
        portal_id,
        message_ids,
        MessageState.MODERATED,
        cause=Cause.ANSWER,
        attempt_id=attempt_id,
        ticket=ticket,
        cost_credits=cost_credits,
    )
    lanes.wake(entered, LaneKind.RECONCILE, attempts.next_lookup_at(conn, portal_id))
