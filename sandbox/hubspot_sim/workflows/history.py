"""A workflow's history: what happened to each record and when, newest first, in pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.hubspot_sim.crm.definitions import iso
from sandbox.hubspot_sim.crm.records import Record
from sandbox.hubspot_sim.workflows.enrolment import Execution
from sandbox.hubspot_sim.workflows.payloads import callback_id
from sandbox.hubspot_sim.workflows.sentences import problem_sentence, sentence

ROW_STATES = ("retrying", "blocked", "succeeded", "failed", "error", "expired")


@dataclass(frozen=True, slots=True)
class Row:
    """One line. cause: the reason when it is no plain success, as a key of sentences and its values."""

    at: datetime
    execution: Execution
    state: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    cause: tuple[str, Mapping[str, str]] | None = None
    problems: tuple[tuple[str, Mapping[str, str]], ...] = ()

    def as_json(self, number: int, portal_id: int) -> dict[str, Any]:
        """The shape of GET /sandbox-api/workflows/{id}/history."""
        execution = self.execution
        workflow = execution.run.workflow
        return {
            "n": number,
            "at": iso(self.at),
            "record": {
                "id": execution.record.id,
                "object_type_id": execution.record.kind.id,
                "name": record_name(execution.record),
                "url": f"/contacts/{portal_id}/record/{execution.record.kind.id}/{execution.record.id}",
            },
            "run_id": execution.run.id,
            "callback_id": callback_id(portal_id, execution.enrolment_id),
            "attempts": execution.attempts,
            "state": self.state,
            "sentence": sentence(workflow.action, self.state, self.outputs, self.cause),
            "outputs": dict(self.outputs),
            "problems": [problem_sentence(code, params) for code, params in self.problems],
        }


class History:
    """The lines of every workflow in order of writing. The caller holds the world's lock."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Row]] = {}

    def add(self, row: Row) -> None:
        """Write a line."""
        self._rows.setdefault(row.execution.run.workflow.id, []).append(row)

    def page(
        self, workflow_id: str, *, before: int | None, limit: int, record_id: str | None, state: str | None
    ) -> tuple[list[tuple[int, Row]], int | None, int]:
        """Lines below number `before`, newest first; the next page's cursor (None: no more); the number of lines."""
        rows = self._rows.get(workflow_id, [])
        picked: list[tuple[int, Row]] = []
        number = len(rows) if before is None else min(before - 1, len(rows))
        while number > 0 and len(picked) <= limit:
            row = rows[number - 1]
            if record_id in (None, row.execution.record.id) and state in (None, row.state):
                picked.append((number, row))
            number -= 1
        after = picked[limit - 1][0] if len(picked) > limit else None
        return picked[:limit], after, len(rows)


def record_name(record: Record) -> str:
    """HubSpot's title of a record: the name of the person, company or deal."""
    properties = record.properties
    person = f"{properties.get('firstname', '')} {properties.get('lastname', '')}".strip()
    return (
        person or properties.get("name") or properties.get("dealname") or properties.get("email") or record.id
    )
