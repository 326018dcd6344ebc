"""Reports the outcomes of one batch to HubSpot, and examines those that it refuses (protocol P17).

The effect of a refused batch is unconfirmed: HubSpot may have accepted none of it or the good outcomes, and it may or
may not name the others. So a named outcome is a culprit, and the rest is reported again: outcomes refused then had
been accepted before. Without names, a few are tried alone. If HubSpot accepts one of them, it had not accepted the
batch, and halves find the culprits. If it accepts none, nothing is known: all are in doubt, and reported later. If
HubSpot refuses one of those alone, it counts as reported only after HubSpot has accepted another outcome meanwhile,
which proves that it accepts any.
"""

import random
from collections.abc import Sequence

import structlog

from connector.crm.access import NotConnected
from connector.domain.vocabulary import ExecutionStatus, ProblemCode, Standing
from connector.domain.workflows.fields import hs_state
from connector.hubspot.client import MAX_BATCH_CALLBACKS
from connector.hubspot.errors import Conflict, HubSpotError, NotFound, OutcomeUnknown, Rejected
from connector.hubspot.executions import final_outputs
from connector.hubspot.payloads import Completion
from connector.store.crm import write_streams
from connector.store.lanes import Turn
from connector.store.portals import problems
from connector.store.rows import member
from connector.store.workflows import outcomes
from connector.store.workflows.outcomes import Callback
from connector.wiring import Wiring

log = structlog.get_logger()

# When a refused batch names no culprit, retry this many individually.
PROBES = 3
# A problem about late outcomes is shown for at least this long; then the next success closes it.
PROBLEM_SHOWN_S = 86_400.0
# HubSpot has no execution that waits for this outcome: it ended, or never waited. 207: it accepted others.
_GONE = (207, 404, 409, 410)


def report(wiring: Wiring, turn: Turn, due: Sequence[Callback]) -> bool:
    """Report outcomes of one standing. False: HubSpot accepted none of several, and has probably none of them."""
    reporting = _Reporting(wiring, turn, len(due))
    try:
        reporting.report(due)
    finally:
        reporting.record_refusals()
    return bool(reporting.taken or reporting.known) or len(due) == 1


def _completion(callback: Callback) -> Completion:
    outputs = final_outputs(callback.outputs, hs_state(member(ExecutionStatus, callback.outputs["status"])))
    return Completion(callback.callback_id, outputs)


class _Reporting:
    def __init__(self, wiring: Wiring, turn: Turn, size: int) -> None:
        self._wiring = wiring
        self._portal_id = turn.portal_id
        self._size = size
        #: Outcomes that HubSpot accepted in this report, and those that it already has according to its refusal.
        self.taken = 0
        self.known = 0
        # Refused alone or by name: (outcome, refusal, by name). The rest were refused in a batch, and not tried alone.
        self._refused: list[tuple[Callback, HubSpotError, bool]] = []
        self._in_doubt: list[tuple[Callback, HubSpotError]] = []

    def report(self, batch: Sequence[Callback], *, is_rest: bool = False) -> None:
        """Report all in one call, or those that HubSpot accepts. `is_rest`: HubSpot refused others of their batch."""
        refusal = self._call(batch)
        if refusal is None:
            return
        if len(batch) == 1:
            self._is_refused(batch[0], refusal, is_rest=is_rest)
            return
        named = _named(batch, refusal, is_rest=is_rest)
        if named:
            for one in named:
                self._is_refused(one, refusal, is_named=True, is_rest=is_rest)
            rest = [one for one in batch if one not in named]
            if rest:
                self.report(rest, is_rest=True)
        elif batch[0].standing == Standing.KNOWN:
            self._report_each(batch, is_rest=is_rest)
        else:
            self._find_culprits(batch, refusal, is_rest=is_rest)

    def _report_each(self, batch: Sequence[Callback], *, is_rest: bool) -> None:
        for one in batch:
            self.report([one], is_rest=is_rest)

    def _find_culprits(self, batch: Sequence[Callback], refusal: HubSpotError, *, is_rest: bool) -> None:
        left = list(batch)
        for probe in random.sample(left, min(PROBES, len(left))):
            if self.taken:
                break
            left.remove(probe)
            self.report([probe], is_rest=is_rest)
        if self.taken:
            middle = len(left) // 2
            for half in filter(None, (left[:middle], left[middle:])):
                self.report(half, is_rest=is_rest)
        elif self.known:
            self._report_each(left, is_rest=is_rest)
        else:
            self._in_doubt += [(one, refusal) for one in left]

    def _is_refused(
        self, one: Callback, refusal: HubSpotError, *, is_named: bool = False, is_rest: bool
    ) -> None:
        """Settle a refused outcome that HubSpot seems to have; note any other as refused."""
        is_gone = refusal.status in _GONE
        says_done = refusal.status == 409 if is_named else refusal.says_done
        if says_done or one.is_unanswered or not one.is_blocked:
            self.known += 1
        elif is_gone and (is_rest or one.standing == Standing.KNOWN):
            log.warning("callback_presumed_told", callback_id=one.callback_id, error=_words(refusal))
            self.known += 1
        else:
            self._refused.append((one, refusal, is_named))
            return
        self._settle([one], is_taken=False)

    def _call(self, batch: Sequence[Callback]) -> HubSpotError | None:
        """Make one call; returns its refusal, if any.

        The call is noted before it leaves, to interpret a refusal of the next one.
        """
        with self._wiring.pool.connection() as conn:
            outcomes.begin(conn, self._portal_id, [one.callback_id for one in batch])
        completions = [_completion(callback) for callback in batch]
        try:
            self._wiring.hubspot.call_portal(
                self._portal_id, lambda client: client.complete_executions(completions)
            )
        except OutcomeUnknown:
            raise
        except (HubSpotError, NotConnected) as fault:
            unreported = [one.callback_id for one in batch if not one.is_unanswered]
            with self._wiring.pool.connection() as conn:
                outcomes.mark_unreported(conn, self._portal_id, unreported)
            if isinstance(fault, Conflict | NotFound | Rejected):
                return fault
            raise
        self.taken += len(batch)
        self._settle(batch, is_taken=True)
        return None

    def _settle(self, batch: Sequence[Callback], *, is_taken: bool) -> None:
        with self._wiring.pool.connection() as conn:
            outcomes.mark_reported(conn, self._portal_id, [one.callback_id for one in batch])
            if is_taken:
                is_full = len(batch) == MAX_BATCH_CALLBACKS
                write_streams.note_call(conn, self._portal_id, outcomes.STREAM, len(batch), is_full=is_full)
                problems.close_problem(
                    conn, self._portal_id, ProblemCode.CALLBACKS_EXPIRED, open_for_s=PROBLEM_SHOWN_S
                )

    def record_refusals(self) -> None:
        """Set refused outcomes aside: as culprits, or in doubt if HubSpot may have accepted them with others."""
        may_be_told = self._size > 1 and not self.taken
        doubted = [(one, refusal) for one, refusal, is_named in self._refused if may_be_told and not is_named]
        culprits = [(one, why) for one, why, is_named in self._refused if is_named or not may_be_told]
        for refused, is_doubted in ((culprits, False), (doubted + self._in_doubt, True)):
            if not refused:
                continue
            error = _words(refused[0][1])
            log.warning("callbacks_refused", count=len(refused), error=error, is_doubted=is_doubted)
            ids = [one.callback_id for one, _ in refused]
            with self._wiring.pool.connection() as conn:
                outcomes.mark_refused(conn, self._portal_id, ids, error, is_doubted=is_doubted)


def _named(batch: Sequence[Callback], refusal: HubSpotError, *, is_rest: bool) -> list[Callback]:
    """The outcomes that the refusal names, under any key. A refusal that names a whole batch identifies none."""
    names = {name for names in refusal.context.values() for name in names}
    named = [one for one in batch if one.callback_id in names]
    return named if is_rest or len(named) < len(batch) else []


def _words(refusal: HubSpotError) -> str:
    return f"{refusal.status} {refusal.category}".strip()
