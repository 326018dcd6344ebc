"""Executions of workflow actions: proved, stored in one transaction with those that arrive together, then answered.

HubSpot takes any 2xx for success and repeats 429 and 5xx. So a refusal is a 200 with the refusal in its outputs, and
only executions that were not stored get another status. These two paths are answered in front of Flask, whose share of
a request cost as much as accepting it (docs/adr/0014-executions-in-front-of-flask.md).
"""

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import psycopg
import structlog
from psycopg_pool import PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from connector.domain.refusals import Code, Refusal
from connector.domain.vocabulary import Action, CallerCode
from connector.domain.workflows.fields import refused
from connector.hubspot.executions import Unreadable, execution_answer, read_execution
from connector.inbound.http.answers import refuse_caller
from connector.inbound.http.callers import MAX_BODY_BYTES, WorkflowCall, read_workflow_call
from connector.inbound.http.coalescer import Overloaded
from connector.inbound.http.portal_batches import PortalBatches
from connector.inbound.http.proofs import Unproven
from connector.inbound.http.url_segments import UrlSegments
from connector.inbound.workflows.deal_resolution import open_coalescer
from connector.store.database import Conn
from connector.use_cases.workflows.accept_executions import Addressed, ExecutionAnswer, accept_executions
from connector.use_cases.workflows.decide_executions import ExecutionInput, NotInstalled, Unresolved
from connector.wiring import Wiring

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = structlog.get_logger()

#: Behind it follow a segment and the action's name (see `connector.inbound.routes`).
WORKFLOW_PREFIX: Final = "/hubspot/workflow/"
# HubSpot docs: Retry-After of a workflow call is in milliseconds. The values are spread, so that a burst does not
# return as one.
RETRY_AFTER_MS = (5_000, 15_000)


class _Request(Request):
    max_content_length = MAX_BODY_BYTES


class Executions:
    """WSGI application: answers the executions of one process, and leaves all other requests to Flask."""

    def __init__(
        self,
        wiring: Wiring,
        segments: UrlSegments,
        actions: Mapping[str, Action],
        others: "WSGIApplication",
    ) -> None:
        self._wiring = wiring
        self._segments = segments
        self._actions = actions
        self._others = others
        # Simultaneous executions are stored together, and those of one portal are resolved together.
        self.accepting: PortalBatches[ExecutionInput, ExecutionAnswer | Unresolved] = PortalBatches(
            wiring.pool, self._accept
        )
        self.resolving = open_coalescer(wiring)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] == "POST" and path.startswith(WORKFLOW_PREFIX):
            segment, _, name = path[len(WORKFLOW_PREFIX) :].partition("/")
            if action := self._actions.get(name):
                return self._respond(_Request(environ), action, segment)(environ, start_response)
        return self._others(environ, start_response)

    def _respond(self, incoming: Request, action: Action, segment: str) -> Response:
        try:
            call = self._prove(incoming, segment)
            return self._execute(call, action) if isinstance(call, WorkflowCall) else call
        except HTTPException as fault:
            return refuse_caller(fault.code or 400, Code.BAD_REQUEST)  # too long, or truncated
        except Exception:
            log.exception("request_failed", endpoint=action)
            return refuse_caller(500, Code.INTERNAL)

    def _prove(self, incoming: Request, segment: str) -> WorkflowCall | Response:
        """The verified call, or its refusal."""
        try:
            return read_workflow_call(incoming, self._wiring.settings, self._segments, segment)
        except Unproven as fault:
            return refuse_caller(401, fault.code)
        except (psycopg.Error, PoolTimeout):
            return _come_again(503, Code.INTERNAL)  # whether the segment is still in use is unknown

    def _execute(self, call: WorkflowCall, action: Action) -> Response:
        try:
            decodes = self._wiring.settings.decode_html_entities
            execution = read_execution(call.body, action, decodes_entities=decodes)
            answer = self.accepting.submit(call.portal_id, execution)
            if isinstance(answer, Unresolved):
                # No database connection is held during the call to HubSpot.
                resolved = self.resolving.submit(call.portal_id, execution)
                answer = self.accepting.submit(call.portal_id, resolved)
            if isinstance(answer, Unresolved):
                raise Overloaded  # a defect: it was resolved just now
        except Unreadable as fault:
            # It has no id to store it by, and a repeat would not make it readable.
            log.error("execution_unreadable", portal_id=call.portal_id, part=str(fault))
            bad = refused(Refusal(Code.BAD_INPUT)).as_json()
            return render(ExecutionAnswer(bad, "FAIL_CONTINUE", None))
        except NotInstalled:
            return refuse_caller(403, CallerCode.PORTAL_NOT_INSTALLED)
        except Overloaded:
            return _come_again(429, CallerCode.OVERLOADED)
        except psycopg.OperationalError as fault:
            # It is unknown whether it was committed: the repeated call shows this.
            log.error("database_unavailable", portal_id=call.portal_id, error=type(fault).__name__)
            return _come_again(503, Code.INTERNAL)
        return render(answer)

    def _accept(
        self, conn: Conn, given: Sequence[Addressed]
    ) -> Sequence[ExecutionAnswer | Unresolved | Exception]:
        answers = accept_executions(conn, given, deployment_prefix=self._wiring.settings.deployment_prefix)
        log.debug("executions_accepted", size=len(given))
        return answers


def render(answer: ExecutionAnswer) -> Response:
    """The HTTP answer; a BLOCK contains its remaining time."""
    blocked_for = answer.blocked_until - datetime.now(UTC) if answer.blocked_until else None
    body = execution_answer(answer.outputs, answer.hs_state, blocked_for)
    return Response(json.dumps(body, ensure_ascii=False), content_type="application/json")


def _come_again(status: int, code: CallerCode | Code) -> Response:
    """The answer if perhaps nothing was stored: HubSpot repeats the call."""
    response = refuse_caller(status, code)
    response.headers["Retry-After"] = str(random.randint(*RETRY_AFTER_MS))  # noqa: S311 - spreads, guards nothing
    return response
