"""The workflow runner: schedules calls, and applies each answer or callback to its record.

Rules: HubSpot docs, custom workflow actions and error handling. HubSpot's retry times are not published. Here they are
1 minute, doubling up to 8 hours, for three days, all divided by the setting workflow_retry_compression. Retry-After
and the expiry of a BLOCK are the app's own times and are not compressed; they follow the simulator's clock.
"""

import heapq
import itertools
import json
import random
import threading
from collections import deque
from typing import Any

from sandbox.courier import CourierLink, Delivery, Parcel
from sandbox.hubspot_sim.crm.records import Record
from sandbox.hubspot_sim.workflows.answers import Outcome, answer_kind, read_outcome, retry_after_ms
from sandbox.hubspot_sim.workflows.enrolment import Enrolments, Execution, Run
from sandbox.hubspot_sim.workflows.history import History, Row
from sandbox.hubspot_sim.workflows.payloads import execution_body
from sandbox.hubspot_sim.workflows.workflow import Workflow
from sandbox.hubspot_sim.world import Sim

FIRST_RETRY_S, LONGEST_RETRY_S, GIVE_UP_S = 60.0, 8 * 3600.0, 3 * 86_400.0
# Jobs queued at the courier beside those it is sending, so that it never waits for the next lot.
_SPARE_JOBS = 50
_LONGEST_NAP_S = 1.0
_HEADERS = {
    "User-Agent": "HubSpot Connect 2.0 (sandbox)",
    "Accept": "application/json",
    "Content-Type": "application/json",
}
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Engine:
    """One for the simulator. Its public methods take the world's lock; its thread and the courier start when
    needed.
    """

    def __init__(self, sim: Sim) -> None:
        self._sim = sim
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._stopped = False
        self._sequence = itertools.count()
        self._courier = CourierLink(self._answered)
        self.workflows: dict[str, Workflow] = {}
        self.reset()
        sim.world.clock.on_move(self._wake.set)

    def reset(self) -> None:
        """Forget everything; answers still under way are ignored."""
        with self._sim.world.lock:
            self.workflows.clear()
            self.enrolments = Enrolments()
            self.history = History()
            self._workflow_ids = itertools.count(1567555043)
            self._timers: list[tuple[float, int, str, Execution, Any]] = []
            self._ready: deque[tuple[str, Execution]] = deque()
            self._in_flight: dict[int, tuple[str, Execution]] = {}

    def stop(self) -> None:
        """End the thread and the courier."""
        self._stopped = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        self._courier.stop()

    def new_workflow_id(self) -> str:
        """The next id; HubSpot's are numbers."""
        return str(next(self._workflow_ids))

    def enrol(self, workflow: Workflow, records: list[Record], per_second: float = 0) -> Run:
        """Start a run over `records`, all at once or at a steady pace."""
        with self._sim.world.lock:
            now = self._sim.world.clock.now()
            run, executions = self.enrolments.enrol(workflow, records, now)
            if per_second:
                for place, execution in enumerate(executions):
                    self._at(now.timestamp() + place / per_second, "send", execution)
            else:
                self._ready.extend(("send", execution) for execution in executions)
            self._start()
        self._wake.set()
        return run

    def complete(self, execution: Execution, outcome: Outcome) -> None:
        """Apply a callback to a blocked execution. The caller holds the lock and has checked the state."""
        execution.run.completed += 1
        self._finish(execution, outcome)

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="workflows", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while not self._stopped:
            self._wake.clear()
            self._pump()
            with self._sim.world.lock:
                due = self._timers[0][0] if self._timers else None
                now = self._sim.world.clock.now().timestamp()
            self._wake.wait(_LONGEST_NAP_S if due is None else max(0.0, min(due - now, _LONGEST_NAP_S)))

    def _pump(self) -> None:
        """Run due timers and give the courier as many parcels as it can use."""
        settings = self._sim.settings
        with self._sim.world.lock:
            self._ring(self._sim.world.clock.now().timestamp())
            concurrency = max(1, int(settings["workflow_concurrency"]))
            parcels: list[Parcel] = []
            while self._ready and len(self._in_flight) < concurrency + _SPARE_JOBS:
                parcels += self._parcel(*self._ready.popleft())
        if parcels:
            self._courier.send(parcels, concurrency)

    def _at(self, due: float, what: str, execution: Execution, more: Any = None) -> None:
        heapq.heappush(self._timers, (due, next(self._sequence), what, execution, more))

    def _ring(self, now: float) -> None:
        """Run the due timers. `more` is the generation they were set for, except for "extra" and "send"."""
        while self._timers and self._timers[0][0] <= now:
            _, _, what, execution, more = heapq.heappop(self._timers)
            if what in ("send", "extra"):
                self._ready.append((what, execution))
            elif what == "block":
                generation, outcome = more
                if generation == execution.generation:
                    self._block(execution, outcome)
            elif more == execution.generation:
                self._expire(execution)

    def _parcel(self, what: str, execution: Execution) -> list[Parcel]:
        """The courier's parcel for one call; an empty list when the app has no local address or the record is gone."""
        world, run = self._sim.world, execution.run
        url = run.workflow.action.action_url
        local = self._sim.options.origins.local_url(url)
        if local is None:
            self._fail(execution, ("not_mapped", {"url": url}))
            return []
        if execution.values is None:
            if execution.record.archived:
                self._fail(execution, ("record_gone", {}))
                return []
            execution.values = run.workflow.values(
                execution.record, self._sim.settings["workflow_empty_token"]
            )
        now = world.clock.now()
        number = next(self._sequence)
        self._in_flight[number] = (what, execution)
        run.sent += 1
        if what == "send":
            self._count_attempt(execution, now.timestamp())
            execution.move("sent", now)
        body = execution_body(
            world.account.id,
            run.workflow,
            execution.record,
            execution.values,
            execution.enrolment_id,
            self._sim.settings,
        )
        settings = self._sim.settings
        signing = {
            "secret": self._sim.options.client_secret,
            "uri": url,
            "versions": settings["workflow_signatures"],
        }
        return [
            Parcel(number, local, _HEADERS, _COMPACT.encode(body), settings["workflow_timeout_s"], signing)
        ]

    def _count_attempt(self, execution: Execution, now: float) -> None:
        """Count a regular call. The first call decides whether HubSpot will repeat it needlessly."""
        settings = self._sim.settings
        execution.attempts += 1
        if execution.first_sent_at is not None:
            execution.run.retries += 1
            return
        execution.first_sent_at = now
        if random.random() * 100 >= settings["workflow_duplicate_percent"]:
            return
        kind = settings["workflow_duplicate_kind"]
        execution.repeat = random.choice(("extra", "lost")) if kind == "both" else kind
        execution.run.duplicates += 1
        if execution.repeat == "extra":
            self._at(now + self._duplicate_delay_s(), "extra", execution)

    def _duplicate_delay_s(self) -> float:
        return random.random() * float(self._sim.settings["workflow_duplicate_delay_s"])

    def _answered(self, deliveries: list[Delivery]) -> None:
        """Handle the results of the courier's parcels, in its thread."""
        with self._sim.world.lock:
            for delivery in deliveries:
                flight = self._in_flight.pop(delivery.n, None)
                if flight is not None:  # else the call was made before a reset
                    self._judge(*flight, delivery)
        self._wake.set()
        self._pump()

    def _judge(self, what: str, execution: Execution, delivery: Delivery) -> None:
        """Act on one answer. The answer to a needless repeat changes nothing."""
        run, kind = execution.run, answer_kind(delivery)
        run.calls[kind] += 1
        run.elapsed_ms.append(delivery.elapsed_ms)
        if what == "extra" or execution.state != "sent":
            return
        now = self._sim.world.clock.now().timestamp()
        if kind == "success" and execution.repeat == "lost":
            # HubSpot has not seen this answer, so it calls again; the record stays where it is.
            execution.repeat = None
            self._at(now + self._duplicate_delay_s(), "send", execution)
        elif kind == "success":
            outcome = read_outcome(delivery.body, run.workflow.action.outputs)
            delay_s = float(self._sim.settings["workflow_block_delay_s"])
            if outcome.state != "BLOCK":
                self._finish(execution, outcome)
            elif delay_s:
                self._at(now + delay_s, "block", execution, (execution.generation, outcome))
            else:
                self._block(execution, outcome)
        elif kind == "refused":
            self._fail(execution, ("refused", {"status": str(delivery.status)}))
        else:
            self._retry(execution, kind, delivery, now)

    def _retry(self, execution: Execution, kind: str, delivery: Delivery, now: float) -> None:
        compression = max(1.0, float(self._sim.settings["workflow_retry_compression"]))
        delay_s = min(FIRST_RETRY_S * 2.0 ** (execution.attempts - 1), LONGEST_RETRY_S) / compression
        told_ms = retry_after_ms(delivery) if kind == "too_many" else None
        if told_ms is not None:
            delay_s = told_ms / 1000
        if now + delay_s - (execution.first_sent_at or now) > GIVE_UP_S / compression:
            self._fail(execution, ("given_up", {}))
            return
        params = {"status": str(delivery.status), "seconds": f"{delay_s:.1f}"}
        self._write(execution, "retrying", cause=(f"retry_{kind}", params))
        self._at(now + delay_s, "send", execution)

    def _finish(self, execution: Execution, outcome: Outcome) -> None:
        """Advance the record after SUCCESS or FAIL_CONTINUE, by answer or callback."""
        self._write(execution, "succeeded" if outcome.state == "SUCCESS" else "failed", outcome)

    def _block(self, execution: Execution, outcome: Outcome) -> None:
        self._write(execution, "blocked", outcome)
        due = self._sim.world.clock.now().timestamp() + outcome.expires_after_s
        self._at(due, "expire", execution, execution.generation)

    def _expire(self, execution: Execution) -> None:
        """No callback arrived in time. HubSpot's reaction is unconfirmed: setting workflow_expired."""
        fails = self._sim.settings["workflow_expired"] == "failed"
        self._write(execution, "expired", cause=("expired_failed" if fails else "expired", {}))

    def _fail(self, execution: Execution, cause: tuple[str, dict[str, str]]) -> None:
        if not execution.is_final:
            self._write(execution, "error", cause=cause)

    def _write(
        self, execution: Execution, state: str, outcome: Outcome | None = None,
        cause: tuple[str, dict[str, str]] | None = None,
    ) -> None:  # fmt: skip
        """Move an execution to a state and note it in the history."""
        now = self._sim.world.clock.now()
        execution.move(state, now)
        if outcome is None:
            self.history.add(Row(now, execution, state, execution.outputs, cause))
            return
        execution.outputs = {**execution.outputs, **outcome.outputs}
        execution.run.output_problems += len(outcome.problems)
        self.history.add(Row(now, execution, state, execution.outputs, cause, outcome.problems))
