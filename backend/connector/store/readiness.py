"""Whether the database fits this process: its schema is new enough, and its secrets can be opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from connector.store.database import Conn

_MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations" / "versions"


@dataclass(frozen=True, slots=True)
class SealedRows:
    """Rows whose secrets were sealed with a key that this process does not have."""

    table: str
    key_id: str
    rows: int


@cache
def wanted_schema() -> str:
    """The revision of this version's newest migration: the digits with which its file's name begins."""
    return max(path.name.partition("_")[0] for path in _MIGRATIONS.glob("[0-9]*_*.py"))


def stored_schema(conn: Conn) -> str | None:
    """The database's revision; None: it has no tables of ours. Raises psycopg.Error unless the database answers."""
    row = conn.execute("SELECT to_regclass(%s) AS found", ("alembic_version",)).fetchone()
    if row is None or row["found"] is None:
        return None
    row = conn.execute("SELECT max(version_num) AS revision FROM alembic_version").fetchone()
    return row["revision"] if row else None


def is_schema_old(conn: Conn) -> bool:
    """Whether `migrate` must run first. A newer schema is no fault: migrations only add, and run before a release."""
    return (stored_schema(conn) or "") < wanted_schema()


def sealed_by_others(conn: Conn, key_ids: Sequence[str]) -> list[SealedRows]:
    """The rows of all portals whose secrets none of these keys can open, by table and key."""
    found = conn.execute(
        """
        WITH sealed AS (
            SELECT tableoid::regclass::text AS name, key_id FROM hubspot_tokens
            UNION ALL SELECT tableoid::regclass::text, key_id FROM account_links WHERE token_enc IS NOT NULL
            UNION ALL SELECT tableoid::regclass::text, key_id FROM sms_accounts
        )
        SELECT name, key_id, count(*) AS n FROM sealed WHERE key_id <> ALL(%s)
        GROUP BY name, key_id ORDER BY name, key_id
        """,
        (list(key_ids),),
    )
    return [SealedRows(row["name"], row["key_id"], row["n"]) for row in found]
