"""A customer of a running stack, as benchmarks need one: installed, linked, with workflows that can enrol thousands."""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from backend.tests.visitor import Visitor
from connector.domain.message import FINAL
from connector.store.database import connect
from sandbox.postgres import Server
from sandbox.stack import Stack, running_stack

STEP_S = 0.5
CREDITS = 1_000_000  # a pause for want of them is not what is measured
#: Calls of these families are made at the installation, not for an SMS.
SETTING_UP = frozenset({"oauth", "account", "properties"})


#: Object type, action and where the number comes from.
_ACTIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "contacts": (
        "0-1",
        "send_sms",
        {"recipient": {"type": "OBJECT_PROPERTY", "property": "mobilephone"}},
    ),
    "deals": (
        "0-3",
        "send_sms_deal",
        {"phone_property": {"type": "STATIC_VALUE", "value": "mobilephone"}},
    ),
}


class Customer:
    """The portal of a stack, and its workflows."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.visitor = Visitor(stack)
        self.gateway = self.visitor.gateway

    def set_up(self) -> None:
        """Install the app and link an account that has credits enough."""
        self.gateway.set_account(credits=CREDITS)
        self.visitor.install()
        self.visitor.link()
        self.visitor.wait_until(self._has_properties)

    def workflow(self, message: str, *, of: str = "contacts", wait_for: str = "no") -> str:
        """Build a workflow for "contacts" or "deals" with this message (tokens as in HubSpot); returns its id."""
        object_type_id, action, number = _ACTIONS[of]
        chosen = {"push_type": "alert", "message": message, "unicode": "true", "wait_for": wait_for}
        statics = {name: {"type": "STATIC_VALUE", "value": value} for name, value in chosen.items()}
        workflow = {
            "name": f"Bench {of}, {wait_for}",
            "object_type_id": object_type_id,
            "action_uid": action,
            "inputs": {**number, **statics},
        }
        workflow_id: str = self.visitor.hubspot("POST", "/sandbox-api/workflows", workflow)["id"]
        return workflow_id

    def settings(self, **values: Any) -> None:
        """Change settings of the HubSpot simulator."""
        self.visitor.hubspot("POST", "/_control/settings", values)

    def enrol(self, workflow_id: str, count: int, **options: Any) -> None:
        """Enrol that many records, made for it."""
        requests.post(
            f"{self.stack.hubspot_url}/sandbox-api/workflows/{workflow_id}/enrol",
            json={"generate": count, "options": options},
            timeout=300,
        ).raise_for_status()

    def run(self, workflow_id: str) -> dict[str, Any]:
        """The newest enrolment, in numbers."""
        newest: dict[str, Any] = self.visitor.hubspot("GET", f"/sandbox-api/workflows/{workflow_id}/runs")[
            "runs"
        ][0]
        return newest

    def wait(self, holds: Callable[[], bool], what: str, patience_s: float) -> None:
        """Return once it holds. Raises TimeoutError with `what`, and where things stand."""
        ends = time.monotonic() + patience_s
        while not holds():
            if time.monotonic() > ends:
                raise TimeoutError(f"{what}: not within {patience_s:.0f} s; {self.standing()}")
            time.sleep(STEP_S)

    def standing(self) -> dict[str, int]:
        """How many messages are in which state, and what waits for HubSpot."""
        with connect(self.stack.database_url) as conn:
            found = conn.execute("SELECT state, count(*)::int AS n FROM messages GROUP BY state").fetchall()
            waiting = conn.execute(
                "SELECT (SELECT count(*)::int FROM record_writes WHERE due_at IS NOT NULL) AS records,"
                " (SELECT count(*)::int FROM event_writes WHERE due_at IS NOT NULL) AS events"
            ).fetchone()
        assert waiting is not None
        return {row["state"]: row["n"] for row in found} | {
            "records to write": waiting["records"],
            "events to write": waiting["events"],
        }

    def is_done(self, count: int) -> bool:
        """Whether that many messages are in a final state, and HubSpot knows of all of them."""
        now = self.standing()
        final = sum(now.get(state, 0) for state in FINAL)
        return final == count and now["records to write"] == now["events to write"] == 0

    def hubspot_calls(self) -> tuple[Counter[str], Counter[str]]:
        """Since the last reset: calls by family, those of setting up apart, and 429s by cause and time."""
        found = self.visitor.hubspot("GET", "/_control/api-calls")
        calls = Counter(
            {name: facts["calls"] for name, facts in found["families"].items() if name not in SETTING_UP}
        )
        return calls, Counter({name: count for name, count in found["too_many"].items() if name != "at_s"})

    def accepted_by_number(self) -> Counter[str]:
        """SMS by number, from the gateway's own log: the proof of "once"."""
        return Counter(str(row["number"]) for row in self.gateway.accepted())

    def _has_properties(self) -> bool:
        with connect(self.stack.database_url) as conn:
            row = conn.execute("SELECT bool_and(setup_done >= setup_wanted) AS done FROM portals").fetchone()
        return bool(row and row["done"])


@contextmanager
def a_customer(
    server: Server, name: str, environment: Mapping[str, str], *, workers: int = 1
) -> Iterator[Customer]:
    """A stack on a fresh database, stopped at the end of the block; its logs stay until then."""
    server.drop_database(name)
    url = server.create_database(name)
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as directory,
        running_stack(Path(directory), url, environment, workers=workers) as stack,
    ):
        yield Customer(stack)
    server.drop_database(name)
