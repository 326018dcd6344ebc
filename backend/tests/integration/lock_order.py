"""Watches in which order the product's transactions lock rows, and names those that leave protocol P26's order.

Every integration test is watched, so a new path out of order fails in the test that takes it. A statement's tables are
read from its text. Only one that names a table too late is looked at closely: it counts if it locked a row that its
transaction had not locked before.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, Final

from psycopg import sql

from connector.store.database import Conn

#: The order of protocol P26. Tables of one line are locked in any order: each row belongs to one row of the line, or no
#: transaction locks rows of two of them.
ORDER: Final[tuple[tuple[str, ...], ...]] = (
    ("inbox", "unassigned_events"),
    ("idempotency_keys",),
    ("attempts", "attempt_messages"),
    ("messages", "message_states", "link_clicks"),
    ("workflow_executions",),
    ("recent_texts", "doubted_refusals"),
    ("opt_outs", "unassigned_numbers", "consent_events"),
    ("write_streams",),
    ("sms_accounts",),
    ("account_webhooks", "account_links"),
    ("unread_events",),
    ("problems",),
    ("record_numbers",),
    ("record_writes",),
    ("event_writes",),
    ("portals", "outgoing", "recipient_counts"),
    ("lanes",),
)
#: Tables that one kind of transaction locks, which begins with them or locks nothing else that is shared.
ALONE: Final = frozenset(
    {"call_budgets", "drafts", "hubspot_tokens", "oauth_states", "property_lists", "templates", "template_versions",
     "url_segments", "used_oauth_nonces"}
)  # fmt: skip
RANK: Final = {table: rank for rank, tables in enumerate(ORDER) for table in tables}
#: Rows of these tables have random keys, or are inserted under the lock of another row: nobody waits for a new one.
FRESH: Final = frozenset({"attempts", "attempt_messages", "messages", "message_states", "event_writes"})

#: (table, the one locked before): new executions are stored after the texts that they claim. A rival has the same text.
EXCEPTIONS: Final = frozenset({("workflow_executions", "recent_texts")})

_TEXT: Final = re.compile(r"'(?:[^']|'')*'|--[^\n]*")
_INSERT: Final = re.compile(r"\bINSERT INTO (\w+)")
_WRITE: Final = re.compile(r"\b(?:DELETE FROM|(?<!DO )(?<!FOR )(?<!KEY )UPDATE) (?!SET\b|SKIP\b|OF\b)(\w+)")
_LOCK: Final = re.compile(r"\bFOR (?:NO KEY )?(?:UPDATE|SHARE)(?: OF (\w+))?")
_FROM: Final = re.compile(r"\b(?:FROM|JOIN) (\w+)(?: (?:AS )?(\w+))?")


@dataclass(slots=True)
class Held:
    """The locks of one connection's transaction: the latest table in the order, and the statement that locked it."""

    call: FrameType | None = None
    rank: int = -1
    table: str = ""
    by: str = ""


def tables_of(statement: str) -> set[str]:
    """The tables whose rows the statement may write or lock."""
    text = " ".join(_TEXT.sub("''", statement).split())
    found = set(_WRITE.findall(text)) | (set(_INSERT.findall(text)) - FRESH)
    for lock in _LOCK.finditer(text):
        named = [(m[1], m[2]) for m in _FROM.finditer(text[: lock.start()])]
        chosen = [table for table, alias in named if lock[1] in (table, alias)] if lock[1] else [named[-1][0]]
        found.update(chosen[-1:])
    return found & (RANK.keys() | ALONE)


class Watch:
    """Checks the statements of all connections while it is `watching`."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self._known: dict[bytes | str, tuple[frozenset[str], bool]] = {}

    def parsed(self, query: Any, conn: Conn) -> tuple[frozenset[str], bool]:
        """The tables of a statement, and whether it may wait for a row."""
        if isinstance(query, sql.Composable):
            query = query.as_string(conn)
        if query not in self._known:
            text = query.decode() if isinstance(query, bytes) else str(query)
            self._known[query] = frozenset(tables_of(text)), "SKIP LOCKED" not in text
        return self._known[query]


@contextmanager
def watching(watch: Watch) -> Iterator[None]:
    """Check each statement that a module of the product executes."""
    execute, commit, rollback = Conn.execute, Conn.commit, Conn.rollback
    held: dict[int, Held] = {}

    def watched(self: Conn, query: Any, *args: Any, **kwargs: Any) -> Any:
        frame = sys._getframe(1)
        if not frame.f_globals["__name__"].startswith("connector.") or self.autocommit:
            return execute(self, query, *args, **kwargs)
        tables, waits = watch.parsed(query, self)
        mine = held.setdefault(id(self), Held())
        call = _outermost(frame)
        if (
            mine.call is not call
        ):  # a test calls the product twice in one transaction, which the product never does
            mine.call, mine.rank = call, -1
        where = f"{frame.f_globals['__name__']}.{frame.f_code.co_name}"
        late = [
            table
            for table in tables
            if waits and table in RANK and RANK[table] < mine.rank and (table, mine.table) not in EXCEPTIONS
        ]
        before = {table: _rows(self, execute, table) for table in late}
        result = execute(self, query, *args, **kwargs)
        for table in late:
            new = _newly_locked(table, before[table], _rows(self, execute, table))
            if new:
                watch.faults.append(f"{where} locks {table} {sorted(new)[:2]} after {mine.by}")
        for table in tables & RANK.keys():
            if RANK[table] > mine.rank:
                mine.rank, mine.table, mine.by = RANK[table], table, f"{table} ({where})"
        return result

    def ended(end: Any) -> Any:
        def run(self: Conn) -> None:
            try:
                end(self)
            finally:
                held.pop(id(self), None)

        return run

    Conn.execute, Conn.commit, Conn.rollback = watched, ended(commit), ended(rollback)  # type: ignore
    try:
        yield
    finally:
        Conn.execute, Conn.commit, Conn.rollback = execute, commit, rollback  # type: ignore


def _outermost(frame: FrameType) -> FrameType:
    """The call by which a test, or a thread, entered the product."""
    outermost, above = frame, frame.f_back
    while above is not None:
        if above.f_globals.get("__name__", "").startswith("connector."):
            outermost = above
        above = above.f_back
    return outermost


def _rows(conn: Conn, execute: Any, table: str) -> dict[str, bool]:
    """The rows of a table by their keys, and whether this transaction has locked or written them."""
    found = execute(
        conn,
        sql.SQL(
            """
            SELECT concat_ws(',', {key}) AS key, xmin::text = ANY(own.ids) OR xmax::text = ANY(own.ids) AS is_held
            FROM {table}, (SELECT COALESCE(array_agg(transactionid::text), '{{}}') AS ids FROM pg_locks
                WHERE pid = pg_backend_pid() AND locktype = 'transactionid' AND mode = 'ExclusiveLock') AS own
            """
        ).format(
            key=sql.SQL(", ").join(map(sql.Identifier, _key(conn, execute, table))),
            table=sql.Identifier(table),
        ),
    ).fetchall()
    return {row["key"]: row["is_held"] for row in found}


_keys: dict[str, list[str]] = {}


def _key(conn: Conn, execute: Any, table: str) -> list[str]:
    """The columns of the primary key."""
    if table not in _keys:
        rows = execute(
            conn,
            """
            SELECT a.attname AS name FROM pg_index i
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
            WHERE i.indrelid = %s::regclass AND i.indisprimary ORDER BY a.attnum
            """,
            (table,),
        ).fetchall()
        _keys[table] = [row["name"] for row in rows]
    return _keys[table]


def _newly_locked(table: str, before: dict[str, bool], after: dict[str, bool]) -> set[str]:
    locked = {key for key, is_held in after.items() if is_held and not before.get(key, table in FRESH)}
    deleted = {key for key in before.keys() - after.keys() if not before[key]}
    return locked | deleted
