"""OAuth round-trips under way: each `state` is used once, within ten minutes."""

from connector.store.database import Conn
from connector.store.vault import digest


def add(conn: Conn, state: str) -> None:
    conn.execute("INSERT INTO oauth_states (state_hash) VALUES (%s)", (digest(state),))
    conn.execute("DELETE FROM oauth_states WHERE created_at < now() - interval '1 day'")


def use(conn: Conn, state: str) -> bool:
    """Consume `state`; False if it is unknown, used, or older than ten minutes."""
    row = conn.execute(
        """
        DELETE FROM oauth_states
        WHERE state_hash = %s RETURNING created_at > now() - interval '10 min' AS live
        """,
        (digest(state),),
    ).fetchone()
    return bool(row and row["live"])
