"""Measures whether the card slows down as a portal's history grows: the ratio of two histories, in one run.

One server holds two databases with the same portal and 10,000 records: one has 10,000 messages, the other 1,000,000.
The busy record has a tenth of all messages, the quiet record an equal share of the rest. The benchmark times the
whole backend call (/card/open, signed, with HubSpot's simulator behind it) and the card's queries alone. The two
histories take turns in changing order, so that a slow moment hits both. The ratio is the median of the turns' ratios.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from cryptography.fernet import Fernet
from psycopg import sql

from connector.store.database import Conn, connect
from connector.store.portals import portals as portals_store
from connector.store.vault import Vault
from connector.use_cases.messages.open_card import open_card
from sandbox.driver.portal import Portal
from sandbox.driver.views import CARD
from sandbox.postgres import Server, ensure_server
from sandbox.stack import Stack, running_stack

WORK_DIR = Path(__file__).resolve().parents[2] / ".sandbox"
EXPLAINED = WORK_DIR / "bench" / "card-plans.txt"
SIZES = (10_000, 1_000_000)
RECORDS = 10_000
BUSY_NUMBER = "+33699999999"
QUIET_NUMBER = "+33612000001"  # of the second record
CALL_ROUNDS, QUERY_ROUNDS = 200, 1000
WARM_UP = 20  # warm-up rounds: they fill caches, open connections and prepare statements
BUDGET = 1.2
MAX_BYTES = 50_000

Seconds = dict[tuple[int, str], list[float]]

_FILL = """
INSERT INTO messages (portal_id, message_id, direction, state, state_at, object_type_id, object_id, recipient,
    recipient_raw, recipient_property, source, priority, user_id, push_type, text, unicode, encoding, parts, gateway_id,
    created_at, due_at, expires_at, accepted_at, finished_at, ticket, cost_credits)
SELECT %(portal_id)s, gen_random_uuid(), 'outbound', 'delivered', at, '0-1',
    CASE WHEN n %% 10 = 0 THEN %(busy)s ELSE (1000000 + n %% %(records)s)::text END,
    CASE WHEN n %% 10 = 0 THEN %(busy_number)s ELSE '+336120' || lpad((n %% %(records)s)::text, 5, '0') END,
    'raw', 'mobilephone', 'workflow', 1, 77, 'alert', 'Votre colis est prêt, à bientôt', false, 'gsm7', 1,
    'bench-' || n, at, at, at, at, at, n::text, 1
FROM generate_series(1, %(messages)s) AS n, LATERAL (SELECT now() - n * interval '10 s' AS at) AS t
"""


@dataclass(frozen=True)
class History:
    """One running stack whose portal has a history."""

    size: int
    portal: Portal
    database_url: str
    busy: str  # record with a tenth of all messages
    quiet: str


@contextmanager
def history_of(server: Server, size: int) -> Iterator[History]:
    """A stack on its own database, with `size` messages in its portal."""
    name = f"bench_{size}"
    server.drop_database(name)
    url = server.create_database(name)
    with tempfile.TemporaryDirectory() as directory, running_stack(Path(directory), url, {}) as stack:
        portal = Portal(stack)
        portal.install()
        portal.link()
        portal.set(rate_limit_max=1_000_000)
        busy, quiet = _records(portal)
        _fill(stack, url, size, busy)
        yield History(size, portal, url, busy, quiet)
    server.drop_database(name)


def _records(portal: Portal) -> tuple[str, str]:
    found = portal.rows()[:2]
    busy, quiet = found[0]["id"], found[1]["id"]
    portal.set_phone(busy, BUSY_NUMBER)
    portal.set_phone(quiet, QUIET_NUMBER)
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
                "busy_number": BUSY_NUMBER,
            },
        )
        conn.execute(
            "INSERT INTO recipient_counts (portal_id, recipient, sent_count)"
            " SELECT portal_id, recipient, count(*) FROM messages GROUP BY 1, 2"
        )
        # Finish all background work of the filling before the timing starts.
        conn.execute("VACUUM ANALYZE")
        conn.execute("CHECKPOINT")


def measure_calls(histories: list[History]) -> Seconds:
    """Seconds of /card/open by (size, record), taken in turns."""
    seconds: Seconds = {}

    def call(history: History, record: str, _kind: str) -> None:
        answer = history.portal.fetch(CARD, "/card/open", {"object_type_id": "0-1", "object_id": record})
        assert answer["ok"], answer
        assert len(json.dumps(answer, ensure_ascii=False).encode()) <= MAX_BYTES

    _take_turns(histories, CALL_ROUNDS, call, seconds)
    return seconds


def measure_queries(histories: list[History]) -> Seconds:
    """Seconds of the card's own queries by (size, record), taken in turns; writes their plans to EXPLAINED."""
    seconds: Seconds = {}
    vault = Vault.of((Fernet.generate_key().decode(),))
    with ExitStack() as stack:
        conns = {history.size: stack.enter_context(connect(history.database_url)) for history in histories}
        for conn in conns.values():
            conn.execute("DELETE FROM account_links")  # encrypted with the stack's key, unknown here
            conn.commit()
        _take_turns(
            histories,
            QUERY_ROUNDS,
            lambda history, record, kind: _open(conns[history.size], vault, record, kind),
            seconds,
        )
        largest = max(histories, key=lambda history: history.size)
        EXPLAINED.parent.mkdir(parents=True, exist_ok=True)
        EXPLAINED.write_text(_plans(conns[largest.size], vault, largest), encoding="utf-8")
    return seconds


def _take_turns(
    histories: list[History], rounds: int, call: Callable[[History, str, str], None], seconds: Seconds
) -> None:
    for round_ in range(rounds + WARM_UP):
        for kind in ("busy", "quiet"):
            for history in histories if round_ % 2 else histories[::-1]:
                record = history.busy if kind == "busy" else history.quiet
                started = time.perf_counter()
                call(history, record, kind)
                if round_ >= WARM_UP:
                    seconds.setdefault((history.size, kind), []).append(time.perf_counter() - started)


def _open(conn: Conn, vault: Vault, record: str, kind: str) -> None:
    row = conn.execute("SELECT portal_id FROM portals").fetchone()
    assert row is not None
    portal = portals_store.find(conn, row["portal_id"])
    assert portal is not None
    numbers = [BUSY_NUMBER if kind == "busy" else QUIET_NUMBER]
    open_card(conn, vault, portal, object_type_id="0-1", object_id=record, recipients=numbers)
    conn.commit()


class _Recorder:
    """A connection that records its queries."""

    def __init__(self, conn: Conn) -> None:
        self._conn = conn
        self.asked: list[tuple[Any, Any]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._conn, name)

    def execute(self, query: Any, params: Any = None) -> Any:
        self.asked.append((query, params))
        return self._conn.execute(query, params)


def _plans(conn: Conn, vault: Vault, history: History) -> str:
    """PostgreSQL's plan for each query of a card, for the busy record and for the quiet one."""
    lines = []
    for kind, record in (("busy", history.busy), ("quiet", history.quiet)):
        recorder = _Recorder(conn)
        _open(recorder, vault, record, kind)  # type: ignore[arg-type]
        lines.append(f"Plans of one card over {history.size:,} messages: the {kind} record.")
        for query, params in recorder.asked:
            text = query.as_string(conn) if isinstance(query, sql.Composable) else query
            text = text.decode() if isinstance(text, bytes) else text
            rows = conn.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) {text}", params).fetchall()
            lines += ["", *(row["QUERY PLAN"] for row in rows)]
        lines += ["", ""]
        conn.rollback()
    return "\n".join(lines)


def report(what: str, seconds: Seconds) -> float:
    """Print medians and ratios; return the worst ratio."""
    worst = 0.0
    for kind in ("busy", "quiet"):
        few, many = (seconds[size, kind] for size in SIZES)
        ratio = statistics.median(more / less for less, more in zip(few, many, strict=True))
        worst = max(worst, ratio)
        print(
            f"{what}, {kind} record: {SIZES[0]:,} messages {_ms(few)}, {SIZES[1]:,} messages {_ms(many)},"
            f" ratio {ratio:.2f} (budget {BUDGET})"
        )
    return worst


def _ms(seconds: list[float]) -> str:
    """Median and interquartile range, in milliseconds."""
    low, middle, high = (1000 * part for part in statistics.quantiles(seconds, n=4))
    return f"{middle:.2f} ms ({low:.2f} to {high:.2f})"


def run() -> bool:
    """False when a ratio exceeds the budget."""
    print(
        f"card: one portal, {RECORDS:,} records, one of them with a tenth of {SIZES[0]:,} and of {SIZES[1]:,} messages;"
        f" medians (middle half) of {CALL_ROUNDS} calls and {QUERY_ROUNDS} rounds of queries, in turns"
    )
    with (
        ensure_server(WORK_DIR / "postgres") as server,
        history_of(server, SIZES[0]) as small,
        history_of(server, SIZES[1]) as large,
    ):
        print(f"card: {server_version(small.database_url)}")
        worst = max(
            report("card call", measure_calls([small, large])),
            report("card queries", measure_queries([small, large])),
        )
    print(f"card: plans are in {EXPLAINED.relative_to(WORK_DIR.parent)}")
    return worst <= BUDGET


def server_version(url: str) -> str:
    with psycopg.connect(url) as conn:
        row = conn.execute("SELECT version()").fetchone()
    return str(row[0]).split(",")[0] if row else ""
