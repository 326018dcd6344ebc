"""The settings page: the limits of a portal's outgoing messages, and the switch that stops them (B1)."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from connector.domain.rights import Right
from connector.inbound.http.answers import answer, read_body
from connector.inbound.http.callers import Caller, current_wiring, needs
from connector.inbound.http.rendering import render_instant
from connector.store.database import Conn
from connector.store.messages import limits, queue
from connector.store.portals import portals
from connector.use_cases.messages.explain_queue import gateway_holds
from connector.use_cases.messages.limit_outgoing import limit_outgoing, pause_outgoing, resume_outgoing

_LIMIT = validate.Range(min=1, max=1_000_000)
_HOURS = validate.Range(min=1, max=168)


class MaxAgesSchema(Schema):
    card = fields.Int(required=True, strict=True, validate=_HOURS)
    reply = fields.Int(required=True, strict=True, validate=_HOURS)
    workflow = fields.Int(required=True, strict=True, validate=_HOURS)
    bulk = fields.Int(required=True, strict=True, validate=_HOURS)


class LimitsSchema(Schema):
    hourly_cap = fields.Int(required=True, strict=True, allow_none=True, validate=_LIMIT)
    pace_per_minute = fields.Int(required=True, strict=True, allow_none=True, validate=_LIMIT)
    max_ages_h = fields.Nested(MaxAgesSchema, required=True)
    # Added later; absent: unchanged.
    once_within_h = fields.Int(strict=True, allow_none=True, validate=_HOURS)


def show(caller: Caller) -> Response:
    return _after(caller)


@needs(Right.SETTINGS)
def limit(caller: Caller) -> Response:
    """Set cap, pace, maximum ages and repeats at once; the last two apply to messages stored from now on."""
    return _after(caller, partial(limit_outgoing, **read_body(LimitsSchema())))


@needs(Right.SETTINGS)
def pause(caller: Caller) -> Response:
    """Stop the portal's outgoing messages until a user resumes them; calls under way continue."""
    return _after(caller, partial(pause_outgoing, user_id=caller.user_id, user_email=caller.user_email))


@needs(Right.SETTINGS)
def resume(caller: Caller) -> Response:
    return _after(caller, resume_outgoing)


def _after(caller: Caller, change: Callable[[Conn, int], None] | None = None) -> Response:
    """Make the change to the caller's portal, and answer with the new state."""
    with current_wiring().pool.connection() as conn:
        if change is not None:
            change(conn, caller.portal.portal_id)
        return answer(_render(conn, caller))


def _render(conn: Conn, caller: Caller) -> dict[str, Any]:
    portal_id = caller.portal.portal_id
    state, portal = limits.find(conn, portal_id), portals.find(conn, portal_id)
    assert portal is not None, "a verified portal exists"
    return {
        "paused_at": render_instant(state.paused_at) if state.paused_at else None,
        "paused_by_user_id": state.paused_by_user_id,
        "paused_by_email": state.paused_by_email,
        "held_by": gateway_holds(conn, portal_id),
        "hourly_cap": state.hourly_cap,
        "sent_this_hour": state.hour_count,
        "next_hour_at": render_instant(state.next_hour_at),
        "pace_per_minute": state.pace_per_minute,
        "max_ages_h": portal.max_ages_h,
        "once_within_h": portal.once_within_h,
        "waiting": queue.count(conn, portal_id),
        "may_edit": caller.may(Right.SETTINGS),
    }
