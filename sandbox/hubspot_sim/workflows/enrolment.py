"""Enrolled records and their runs: one execution per record and run, and the totals of each run."""

import itertools
from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.hubspot_sim.crm.definitions import iso
from sandbox.hubspot_sim.crm.records import Record
from sandbox.hubspot_sim.workflows.workflow import Workflow

# waiting: not called yet. sent: called, without an answer that counts. retrying: waits for its next call. blocked:
# waits for its callback. The others are final. error: the app's answer was no success. failed: FAIL_CONTINUE.
STATES = ("waiting", "sent", "retrying", "blocked", "succeeded", "failed", "error", "expired")
FINAL = ("succeeded", "failed", "error", "expired")
_FIRST_ENROLMENT = 403081688006


@dataclass
class Run:
    """One enrolment of several records at once. calls: answers by kind (see answers.Delivery)."""

    id: str
    workflow: Workflow
    started_at: datetime
    states: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    retries: int = 0
    duplicates: int = 0
    completed: int = 0
    output_problems: int = 0
    finished_at: datetime | None = None
    elapsed_ms: array = field(default_factory=lambda: array("f"))  # type: ignore[type-arg]

    @property
    def enrolled(self) -> int:
        """The number of its records."""
        return self.states.total()

    def as_json(self, now: datetime) -> dict[str, Any]:
        """The shape of GET /sandbox-api/workflows/{id}/runs. sent: calls made, repeats included; completed: by
        callback; seconds: from the start to the last final state, or to now."""
        return {
            "run_id": self.id,
            "started_at": iso(self.started_at),
            "finished_at": None if self.finished_at is None else iso(self.finished_at),
            "enrolled": self.enrolled,
            **{state: self.states[state] for state in STATES if state != "sent"},
            "in_flight": self.states["sent"],
            "sent": self.sent,
            "answered": dict(self.calls),
            "completed": self.completed,
            "retries": self.retries,
            "duplicates": self.duplicates,
            "output_problems": self.output_problems,
            "seconds": round(((self.finished_at or now) - self.started_at).total_seconds(), 3),
            "latency_ms": _quantiles(self.elapsed_ms),
        }


class Execution:
    """One record's execution of a workflow's action. values: its inputs, rendered at the first call and stored, since
    HubSpot's repeats are the same call. generation: grows when timers set earlier no longer count.
    """

    __slots__ = (
        "attempts", "enrolment_id", "expires_after_s", "first_sent_at", "generation", "outputs", "record", "repeat",
        "run", "state", "values",
    )  # fmt: skip

    def __init__(self, run: Run, record: Record, enrolment_id: int) -> None:
        self.run = run
        self.record = record
        self.enrolment_id = enrolment_id
        self.state = "waiting"
        self.values: Mapping[str, str | None] | None = None
        self.outputs: Mapping[str, str] = {}
        self.attempts = 0
        self.first_sent_at: float | None = None
        self.expires_after_s = 0.0
        self.generation = 0
        self.repeat: str | None = None
        run.states["waiting"] += 1

    @property
    def is_final(self) -> bool:
        """Whether the execution has reached a final state."""
        return self.state in FINAL

    def move(self, state: str, now: datetime) -> None:
        """Enter a state and update the run's totals."""
        states = self.run.states
        states[self.state] -= 1
        states[state] += 1
        self.state = state
        self.generation += 1
        if state in FINAL:
            final = sum(states[name] for name in FINAL)
            self.run.finished_at = now if final == self.run.enrolled else None


class Enrolments:
    """All runs and executions of the portal. The caller holds the world's lock."""

    def __init__(self) -> None:
        self._numbers = itertools.count(_FIRST_ENROLMENT)
        self._run_numbers = itertools.count(1)
        self.runs: list[Run] = []
        self.executions: dict[int, Execution] = {}

    def enrol(self, workflow: Workflow, records: list[Record], now: datetime) -> tuple[Run, list[Execution]]:
        """A new run with one execution for each record."""
        run = Run(f"run-{next(self._run_numbers)}", workflow, now)
        made = [Execution(run, record, next(self._numbers)) for record in records]
        self.executions.update((execution.enrolment_id, execution) for execution in made)
        self.runs.append(run)
        return run, made

    def of_callback(self, callback_id: str, portal_id: int) -> Execution | None:
        """The execution that a callback id names."""
        head, tail = f"ap-{portal_id}-", "-1-0"
        number = callback_id.removeprefix(head).removesuffix(tail)
        if callback_id != f"{head}{number}{tail}" or not number.isdecimal():
            return None
        return self.executions.get(int(number))


def _quantiles(values: "array[float]") -> dict[str, float] | None:
    if not values:
        return None
    ordered = sorted(values)
    last = len(ordered) - 1
    picked = {"p50": ordered[last // 2], "p95": ordered[int(last * 0.95)], "max": ordered[last]}
    return {name: round(value, 1) for name, value in picked.items()}
