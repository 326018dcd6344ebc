"""A customer of a running stack for benchmarks: installed, linked, with workflows that can enrol thousands."""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from connector.domain.message import FINAL
from connector.store.database import connect
from sandbox.driver.portal import Portal
from sandbox.driver.records import CONTACT_TYPE, DEAL_TYPE
from sandbox.driver.waiting import until
from sandbox.postgres import Server
from sandbox.stack import Stack, running_stack

STEP_S = 0.5
CREDITS = 1_000_000  # enough that no lack of credits pauses the account
#: Families of calls that belong to the installation, not to an SMS.
SETTING_UP = frozenset({"oauth", "account", "properties"})


class Customer:
    """The portal of a stack, with the progress of its messages."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.portal = Portal(stack)
        self.gateway = self.portal.gateway

    def set_up(self) -> None:
        """Install the app and link an account with enough credits."""
        self.gateway.set_account(credits=CREDITS)
        self.portal.install()
        self.portal.link()
        until(self._has_properties, "every object type has its properties")

    def workflow(self, message: str, *, of: str = "contacts", wait_for: str = "no") -> str:
        """Build a workflow for "contacts" or "deals" with this message (merge fields as in HubSpot); returns its id."""
        name = f"Bench {of}, {wait_for}"
        chosen = {"push_type": "alert", "message": message, "unicode": "true", "wait_for": wait_for}
        if of == "deals":
            deal = {**chosen, "phone_property": "mobilephone"}
            return self.portal.new_workflow(name, DEAL_TYPE, "send_sms_deal", deal)
        return self.portal.new_workflow(name, CONTACT_TYPE, "send_sms", chosen, recipient="mobilephone")

    def wait(self, holds: Callable[[], bool], what: str, patience_s: float) -> None:
        """Return once the condition holds. Raises TimeoutError with `what` and the current counts."""
        ends = time.monotonic() + patience_s
        while not holds():
            if time.monotonic() > ends:
                raise TimeoutError(f"{what}: not within {patience_s:.0f} s; {self.standing()}")
            time.sleep(STEP_S)

    def standing(self) -> dict[str, int]:
        """Number of messages in each state, and of writes that wait for HubSpot."""
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
        """Whether `count` messages are in a final state and nothing is left to write to HubSpot."""
        now = self.standing()
        final = sum(now.get(state, 0) for state in FINAL)
        return final == count and now["records to write"] == now["events to write"] == 0

    def hubspot_calls(self) -> tuple[Counter[str], Counter[str]]:
        """Since the last reset: calls by family, without those of the set-up, and 429s by cause and time."""
        found = self.portal.look("api-calls")
        calls = Counter(
            {name: facts["calls"] for name, facts in found["families"].items() if name not in SETTING_UP}
        )
        return calls, Counter({name: count for name, count in found["too_many"].items() if name != "at_s"})

    def accepted_by_number(self) -> Counter[str]:
        """SMS by number, from the gateway's own log: the proof that each left once."""
        return Counter(str(row["number"]) for row in self.gateway.accepted())

    def _has_properties(self) -> bool:
        with connect(self.stack.database_url) as conn:
            row = conn.execute("SELECT bool_and(setup_done >= setup_wanted) AS done FROM portals").fetchone()
        return bool(row and row["done"])


@contextmanager
def a_customer(
    server: Server, name: str, environment: Mapping[str, str], *, workers: int = 1
) -> Iterator[Customer]:
    """A stack on a fresh database; the end of the block stops it and removes its logs."""
    server.drop_database(name)
    url = server.create_database(name)
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as directory,
        running_stack(Path(directory), url, environment, workers=workers) as stack,
    ):
        yield Customer(stack)
    server.drop_database(name)
