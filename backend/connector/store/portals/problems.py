"""Problems: lasting faults that a person must fix; each stays visible until its cause is gone."""

from typing import Any

from psycopg.types.json import Jsonb

from connector.domain.vocabulary import ProblemCode
from connector.store.database import Conn


def open_problem(conn: Conn, portal_id: int, code: ProblemCode, params: dict[str, Any] | None = None) -> None:
    """Open the problem, or update an open one; its opening time is its first occurrence since it was last closed."""
    conn.execute(
        """
        INSERT INTO problems (portal_id, code, params) VALUES (%(portal_id)s, %(code)s, %(params)s)
        ON CONFLICT (portal_id, code) DO UPDATE SET params = excluded.params, closed_at = NULL, seen_at = now(),
            opened_at = CASE WHEN problems.closed_at IS NULL THEN problems.opened_at ELSE now() END
        """,
        {"portal_id": portal_id, "code": code, "params": Jsonb(params or {})},
    )


def close_problem(conn: Conn, portal_id: int, code: ProblemCode, *, open_for_s: float = 0.0) -> None:
    """Close the problem, because its cause is gone. `open_for_s`: only if it has been visible for this long."""
    conn.execute(
        """
        UPDATE problems SET closed_at = now()
        WHERE portal_id = %(portal_id)s AND code = %(code)s AND closed_at IS NULL
          AND opened_at <= now() - make_interval(secs => %(open_for_s)s)
        """,
        {"portal_id": portal_id, "code": code, "open_for_s": open_for_s},
    )


def find_open(conn: Conn, portal_id: int, code: ProblemCode) -> tuple[dict[str, Any], float] | None:
    """The open problem's parameters, and the seconds since its fault was last met; None: it is not open."""
    row = conn.execute(
        """
        SELECT params, EXTRACT(EPOCH FROM now() - seen_at)::float AS unseen_s FROM problems
        WHERE portal_id = %s AND code = %s AND closed_at IS NULL
        """,
        (portal_id, code),
    ).fetchone()
    return (row["params"], row["unseen_s"]) if row else None


def open_problems(conn: Conn, portal_id: int) -> list[dict[str, Any]]:
    """Open problems as `{"code", "params"}`, oldest first."""
    return conn.execute(
        "SELECT code, params FROM problems WHERE portal_id = %s AND closed_at IS NULL ORDER BY opened_at",
        (portal_id,),
    ).fetchall()
