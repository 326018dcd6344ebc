"""Lets time pass for a running stack: subtracts it from every row and wakes sleeping workers."""

from psycopg import sql

from connector.store import lanes
from connector.store.database import Conn, connect
from sandbox.stack import Stack


def let_pass(stack: Stack, seconds: float) -> None:
    """Make every row `seconds` older: leases end, look-ups and outcomes become due.

    Clocks inside a process do not change: time-outs of calls, a worker's own view of its lease.
    """
    with connect(stack.database_url) as conn:
        columns = _columns_of_time(conn)
        # Lanes come last, so that a worker that looks at a lane meanwhile computes its next time from aged rows.
        for table in sorted(columns, key=lambda name: (name == "lanes", name)):
            _age(conn, table, columns[table], seconds)
        conn.execute(sql.SQL("NOTIFY {}").format(sql.Identifier(lanes.CHANNEL)))


def _columns_of_time(conn: Conn) -> dict[str, list[str]]:
    """Table -> its columns that hold instants."""
    rows = conn.execute(
        "SELECT table_name, array_agg(column_name::text) AS names FROM information_schema.columns"
        " JOIN information_schema.tables USING (table_schema, table_name)"
        " WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND is_generated = 'NEVER'"
        " AND data_type = 'timestamp with time zone' GROUP BY table_name"
    ).fetchall()
    return {row["table_name"]: row["names"] for row in rows}


def _age(conn: Conn, table: str, columns: list[str], seconds: float) -> None:
    """Age one table in a separate transaction that first waits for writers, so that it cannot deadlock with them."""
    changes = [
        sql.SQL("{0} = {0} - make_interval(secs => {1})").format(sql.Identifier(name), seconds)
        for name in columns
    ]
    conn.execute(sql.SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(sql.Identifier(table)))
    conn.execute(sql.SQL("UPDATE {} SET {}").format(sql.Identifier(table), sql.SQL(", ").join(changes)))
    conn.commit()
