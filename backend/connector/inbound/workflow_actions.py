"""Executions of workflow actions: proved, stored in one transaction with those that arrive together, then answered.

HubSpot takes any 2xx for success and repeats 429 and 5xx; so a refusal is a 200 that says so in the outputs, and only
what was not stored is answered otherwise.
"""

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from math import ceil

import psycopg
import structlog
from flask import Blueprint, Response, current_app, jsonify
from flask.blueprints import BlueprintSetupState
from psycopg_pool import PoolTimeout, TooManyRequests

from connector.domain.refusals import Code, Refusal
from connector.domain.workflow_action import Action, Unreadable, read_execution, refused
from connector.inbound.answers import refuse_caller
from connector.inbound.callers import WorkflowCall, from_workflow
from connector.inbound.deal_resolution import open_group, resolve_now
from connector.inbound.group_commit import GroupCommit, Overloaded
from connector.use_cases.accept_executions import Answer, Asked, Unresolved, accept_executions
from connector.wiring import Wiring

log = structlog.get_logger()
blueprint = Blueprint("workflow_actions", __name__, url_prefix="/hubspot/workflow")

# A connection that is not free within this time says that the process has enough to do.
POOL_PATIENCE_S = 2.0
# HubSpot docs: Retry-After of a workflow call is in milliseconds. Spread, so that a burst does not come back as one.
RETRY_AFTER_MS = (5_000, 15_000)

Accepting = GroupCommit[int, Asked, Answer | Unresolved]


class NotInstalled(Exception):
    """The portal has not installed the app: nothing is stored for it."""


@blueprint.record_once
def _open(state: BlueprintSetupState) -> None:
    """One group per process: who calls at the same time is stored together."""
    wired: Wiring = state.app.extensions["wiring"]

    def run(portal_id: int, asked: Sequence[Asked]) -> Sequence[Answer | Unresolved | Exception]:
        return accept_batch(wired, portal_id, asked)

    state.app.extensions["accepting"] = GroupCommit(run)
    state.app.extensions["resolving"] = open_group(wired)


@blueprint.post("/send-sms")
@from_workflow
def send_sms(call: WorkflowCall) -> Response:
    return _execute(call, "send_sms")


@blueprint.post("/send-sms-deal")
@from_workflow
def send_sms_deal(call: WorkflowCall) -> Response:
    return _execute(call, "send_sms_deal")


def _execute(call: WorkflowCall, action: Action) -> Response:
    accepting: Accepting = current_app.extensions["accepting"]
    try:
        execution = read_execution(call.body, action)
        answer = accepting.submit(call.portal_id, execution)
        if isinstance(answer, Unresolved):
            answer = accepting.submit(call.portal_id, resolve_now(call.portal_id, execution))
        if isinstance(answer, Unresolved):
            raise Overloaded  # a defect: it was resolved just now
    except Unreadable as fault:
        # It has no id to be stored under, and repeating it would not make it readable.
        log.error("execution_unreadable", portal_id=call.portal_id, part=str(fault))
        bad = refused(Refusal(Code.BAD_INPUT)).as_json()
        return render(Answer(bad, "FAIL_CONTINUE", None))
    except NotInstalled:
        return refuse_caller(403, "portal_not_installed")
    except Overloaded:
        return come_again(429, "overloaded")
    except psycopg.OperationalError as fault:
        # Perhaps it was committed, perhaps not: the repeated call finds out.
        log.error("database_unavailable", portal_id=call.portal_id, error=type(fault).__name__)
        return come_again(503, "internal")
    return render(answer)


def render(answer: Answer) -> Response:
    """HubSpot docs: `outputFields` with the reserved keys inside; a BLOCK says how long it may last."""
    fields = {**answer.outputs, "hs_execution_state": answer.hs_state}
    if answer.blocked_until is not None:
        seconds = (answer.blocked_until - datetime.now(UTC)).total_seconds()
        fields["hs_expiration_duration"] = f"PT{max(1, ceil(seconds / 60))}M"
    return jsonify(outputFields=fields)


def come_again(status: int, code: str) -> Response:
    """Nothing is known to be stored; HubSpot repeats the call."""
    response = refuse_caller(status, code)
    response.headers["Retry-After"] = str(random.randint(*RETRY_AFTER_MS))  # noqa: S311 - spreads, guards nothing
    return response


def accept_batch(
    wired: Wiring, portal_id: int, asked: Sequence[Asked]
) -> Sequence[Answer | Unresolved | Exception]:
    """One transaction for all; what the database refuses is found by trying one by one. Raises Overloaded."""
    try:
        with wired.pool.connection(timeout=POOL_PATIENCE_S) as conn:
            answers = accept_executions(
                conn, portal_id, asked, deployment_prefix=wired.settings.deployment_prefix
            )
    except (PoolTimeout, TooManyRequests) as fault:
        log.warning("overloaded", portal_id=portal_id, waiting=len(asked))
        raise Overloaded from fault
    except psycopg.OperationalError:
        raise
    except psycopg.Error as fault:
        if len(asked) == 1:
            return [fault]
        log.exception("batch_failed", portal_id=portal_id, size=len(asked))
        return [accept_batch(wired, portal_id, [one])[0] for one in asked]
    if answers is None:
        return [NotInstalled()] * len(asked)
    log.debug("executions_accepted", portal_id=portal_id, size=len(asked))
    return answers
