"""A database that many tests use one after the other, each from an empty state: quicker than a copy for each."""

from graphlib import TopologicalSorter

import psycopg
from psycopg import sql


class EmptiedDatabase:
    """A migrated database at `url`. Rows that it has in the beginning are the migrations' own and stay."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._conn = psycopg.connect(url, autocommit=True)  # one for all tests: a new one knows no table yet
        names = _from_referring_to_referred(self._conn)
        kept = _with_rows(self._conn, names)
        self._tables = [name for name in names if name not in kept]

    def empty(self) -> None:
        """Remove all rows; end whatever the test before has left connected."""
        self._conn.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"  # waits for its end, in ms
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        used = _with_rows(self._conn, self._tables)
        with self._conn.transaction():
            for name in self._tables:
                if name in used:
                    self._conn.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))

    def close(self) -> None:
        """Leave the database."""
        self._conn.close()


def _from_referring_to_referred(conn: psycopg.Connection) -> list[str]:
    """All tables, those with foreign keys before those that the keys point to."""
    order: TopologicalSorter[str] = TopologicalSorter()
    for (name,) in conn.execute("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'"):
        order.add(name)
    keys = conn.execute(
        "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"
    )
    for referring, referred in keys:
        if referring != referred:
            order.add(referred, referring)
    return list(order.static_order())


def _with_rows(conn: psycopg.Connection, tables: list[str]) -> set[str]:
    looks = [
        sql.SQL("SELECT {} WHERE EXISTS (SELECT 1 FROM {})").format(sql.Literal(name), sql.Identifier(name))
        for name in tables
    ]
    return {name for (name,) in conn.execute(sql.SQL(" UNION ALL ").join(looks))}
