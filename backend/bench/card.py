"""Does the card get slower when a portal's history grows? Prints the ratio of two histories, measured in one run.

`make bench`. Two databases with the same portal: 10,000 messages and 1,000,000, over 10,000 records each, of which one
record holds a tenth. What is timed is the whole backend call (/card/open, signed, with HubSpot's
simulator behind it); the two histories take turns, so a slow moment of the machine hits both.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import requests

from backend.tests.visitor import CARD, Visitor
from sandbox.postgres import Server, ensure_server
from sandbox.stack import Stack, running_stack

SIZES = (10_000, 1_000_000)
RECORDS = 10_000
ROUNDS = 60
BUDGET = 1.2

_FILL = """
INSERT INTO messages (portal_id, message_id, direction, state, state_at, object_type_id, object_id, recipient,
    recipient_raw, recipient_property, source, priority, user_id, push_type, text, unicode, encoding, parts, gateway_id,
    created_at, due_at, expires_at, accepted_at, finished_at, ticket, cost_credits)
SELECT %(portal_id)s, gen_random_uuid(), 'outbound', 'delivered', at, '0-1',
    CASE WHEN n %% 10 = 0 THEN %(busy)s ELSE (1000000 + n %% %(records)s)::text END,
    CASE WHEN n %% 10 = 0 THEN %(busy_number)s ELSE '+336' || lpad((n %% %(records)s)::text, 8, '0') END,
    'raw', 'mobilephone', 'workflow', 1, 77, 'alert', 'Votre colis est prêt, à bientôt', false, 'gsm7', 1,
    'bench-' || n, at, at, at, at, at, n::text, 1
FROM generate_series(1, %(messages)s) AS n, LATERAL (SELECT now() - n * interval '10 s' AS at) AS t
"""


@dataclass(frozen=True)
class Portal:
    """One running stack whose portal has a history."""

    size: int
    visitor: Visitor
    database_url: str
    busy: str  # record with a tenth of all messages
    quiet: str


@contextmanager
def portal_with(server: Server, size: int) -> Iterator[Portal]:
    """A stack on a database of its own, with `size` messages in its portal."""
    name = f"bench_{size}"
    server.drop_database(name)
    url = server.create_database(name)
    with tempfile.TemporaryDirectory() as directory, running_stack(Path(directory), url, {}) as stack:
        visitor = Visitor(stack)
        visitor.install()
        visitor.link()
        requests.post(
            f"{stack.hubspot_url}/_control/settings", json={"rate_limit_max": 1_000_000}, timeout=10
        ).raise_for_status()
        busy, quiet = _records(visitor)
        _fill(stack, url, size, busy)
        yield Portal(size, visitor, url, busy, quiet)
    server.drop_database(name)


def _records(visitor: Visitor) -> tuple[str, str]:
    found = visitor.hubspot("GET", "/sandbox-api/records/0-1?limit=2")["results"]
    busy, quiet = found[0]["id"], found[1]["id"]
    visitor.set_phone(busy, "+33699999999")
    return busy, quiet


def _fill(stack: Stack, url: str, size: int, busy: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        [portal_id] = conn.execute("SELECT portal_id FROM portals").fetchone() or [0]
        conn.execute(
            _FILL,
            {
                "portal_id": portal_id,
                "messages": size,
                "records": RECORDS,
                "busy": busy,
                "busy_number": "+33699999999",
            },
        )
        conn.execute("VACUUM ANALYZE messages")


def measure(portals: list[Portal]) -> dict[tuple[int, str], list[float]]:
    """Seconds of /card/open, by (size, record), taken in turns."""
    seconds: dict[tuple[int, str], list[float]] = {}
    for round_ in range(ROUNDS + 5):
        for portal in portals:
            for kind, record in (("busy", portal.busy), ("quiet", portal.quiet)):
                body = {"object_type_id": "0-1", "object_id": record}
                started = time.perf_counter()
                answer = portal.visitor.fetch(CARD, "/card/open", body)
                taken = time.perf_counter() - started
                assert answer["ok"], answer
                assert len(json.dumps(answer)) <= 50_000
                if round_ >= 5:  # the first rounds warm caches and connections
                    seconds.setdefault((portal.size, kind), []).append(taken)
    return seconds


def main() -> int:
    """Print medians and ratios; exit code 1 when a ratio is over the budget."""
    work_dir = Path(__file__).resolve().parents[2] / ".sandbox"
    with ensure_server(work_dir / "postgres") as server:
        with portal_with(server, SIZES[0]) as small, portal_with(server, SIZES[1]) as large:
            seconds = measure([small, large])
    worst = 0.0
    for kind in ("busy", "quiet"):
        few, many = (statistics.median(seconds[size, kind]) for size in SIZES)
        worst = max(worst, many / few)
        print(
            f"card of a {kind} record: {SIZES[0]:,} messages {few * 1000:.1f} ms, {SIZES[1]:,} messages"
            f" {many * 1000:.1f} ms, ratio {many / few:.2f} (budget {BUDGET})"
        )
    return 1 if worst > BUDGET else 0


if __name__ == "__main__":
    sys.exit(main())
