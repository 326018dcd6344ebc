"""Balances of SMSFactor accounts: what is left, as it was last read, and when to read it again."""

from datetime import datetime

from connector.domain.vocabulary import BalanceMode, LaneKind
from connector.store.database import Conn
from connector.store.lanes import Entered


def save(conn: Conn, client_id: str, *, mode: BalanceMode, balance_credits: int | None) -> bool:
    """Store the balance that the gateway has just given. True: credits were added, or are not needed any more."""
    row = conn.execute(
        """
        WITH before AS (
            SELECT client_id, balance_mode, balance_credits FROM sms_accounts
            WHERE client_id = %(client_id)s FOR UPDATE)
        UPDATE sms_accounts a SET balance_mode = %(mode)s, balance_credits = %(balance_credits)s,
            balance_at = now(), balance_due_at = NULL, balance_is_stale = false
        FROM before WHERE a.client_id = before.client_id
        RETURNING CASE WHEN a.balance_mode = 'prepaid'
            THEN a.balance_credits > 0 AND a.balance_credits > COALESCE(before.balance_credits, 0)
            ELSE before.balance_mode = 'prepaid' END IS TRUE AS is_more
        """,
        {"mode": mode, "balance_credits": balance_credits, "client_id": client_id},
    ).fetchone()
    return bool(row and row["is_more"])


def save_credits_after_send(conn: Conn, client_id: str, balance_credits: int | None) -> None:
    """Store the remaining prepaid credits from a send's answer, or mark the balance as stale.

    The answer gives neither the billing mode nor a postpaid account's consumption: these need another call, whose time
    stays the time of the balance. An account may have become postpaid since.
    """
    conn.execute(
        """
        UPDATE sms_accounts SET balance_credits = COALESCE(%(credits)s, balance_credits),
            balance_is_stale = balance_is_stale OR %(credits)s::bigint IS NULL
        WHERE client_id = %(client_id)s AND balance_mode = 'prepaid'
        """,
        {"credits": balance_credits, "client_id": client_id},
    )
    conn.execute(
        """
        UPDATE sms_accounts SET balance_is_stale = true
        WHERE client_id = %s AND (balance_mode IS NULL OR balance_mode = 'postpaid') AND NOT balance_is_stale
        """,
        (client_id,),
    )


def want(entered: Entered, client_id: str, *, apart_s: float) -> bool:
    """Let a worker ask for the balance. False: the last request is less than `apart_s` seconds old.

    `entered` for `balance`, which the caller wakes.
    """
    entered.require(LaneKind.BALANCE)
    row = entered.conn.execute(
        """
        UPDATE sms_accounts SET balance_due_at = now(), balance_asked_at = now()
        WHERE client_id = %s
          AND (balance_asked_at IS NULL OR balance_asked_at <= now() - make_interval(secs => %s))
        RETURNING 1
        """,
        (client_id, apart_s),
    ).fetchone()
    return row is not None


def next_due_at(conn: Conn, portal_id: int) -> datetime | None:
    """The time of the next call for the balance of the portal's account."""
    row = conn.execute(
        """
        SELECT a.balance_due_at AS at FROM account_links l JOIN sms_accounts a USING (client_id)
        WHERE l.portal_id = %s AND l.unlinked_at IS NULL AND l.token_enc IS NOT NULL
        """,
        (portal_id,),
    ).fetchone()
    return row["at"] if row else None


def is_asked_by_another_portal(conn: Conn, portal_id: int) -> bool:
    """Whether another portal with the same account has its lane open, whose call serves this portal too."""
    row = conn.execute(
        """
        SELECT 1 FROM account_links own
        JOIN account_links other USING (client_id)
        JOIN lanes l ON l.portal_id = other.portal_id AND l.kind = 'balance' AND l.next_due_at < 'infinity'
        WHERE own.portal_id = %s AND own.unlinked_at IS NULL AND own.token_enc IS NOT NULL
          AND other.portal_id <> own.portal_id AND other.unlinked_at IS NULL AND other.token_enc IS NOT NULL
        LIMIT 1
        """,
        (portal_id,),
    ).fetchone()
    return row is not None


def give_up(conn: Conn, client_id: str) -> None:
    """Give up an unreadable balance: the known value stays, and the next card that needs it asks again."""
    conn.execute("UPDATE sms_accounts SET balance_due_at = NULL WHERE client_id = %s", (client_id,))
