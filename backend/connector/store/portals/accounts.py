"""SMSFactor accounts and the links of portals to them (protocol P7, P13)."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from psycopg import Cursor, sql
from psycopg.rows import DictRow

from connector.domain.vocabulary import BalanceMode, Reason
from connector.store.database import Conn
from connector.store.rows import member
from connector.store.statements import compose
from connector.store.vault import Vault, digest


@dataclass(frozen=True, slots=True)
class StoredBalance:
    mode: BalanceMode
    credits: int | None  # remaining (prepaid) or consumed this month (postpaid)
    at: datetime


@dataclass(frozen=True, slots=True)
class AccountLink:
    """A portal's link to an SMSFactor account, with the account's details."""

    portal_id: int
    link_id: uuid.UUID
    client_id: str
    api_token: str | None = field(repr=False)  # None: deleted
    linked_at: datetime
    email: str
    first_name: str
    last_name: str
    company: str
    balance: StoredBalance | None
    balance_asked_at: datetime | None  # last request for a newer one
    balance_is_stale: bool  # changed by sends since


_LINKS = sql.SQL("""
SELECT l.portal_id, l.link_id, l.client_id, l.token_enc, l.linked_at, a.email, a.first_name, a.last_name, a.company,
       a.balance_mode, a.balance_credits, a.balance_at, a.balance_asked_at, a.balance_is_stale
FROM account_links l JOIN sms_accounts a USING (client_id)
WHERE l.portal_id = %s
""")


_CURRENT_LINK = compose("{links} AND l.unlinked_at IS NULL", links=_LINKS)


def current_link(conn: Conn, vault: Vault, portal_id: int) -> AccountLink | None:
    """The account the portal sends with now."""
    row = conn.execute(_CURRENT_LINK, (portal_id,)).fetchone()
    return _link(row, vault) if row else None


def client_ids(conn: Conn) -> list[str]:
    """All accounts that were ever linked."""
    rows = conn.execute("SELECT client_id FROM sms_accounts ORDER BY client_id")
    return [row["client_id"] for row in rows]


def is_linked(conn: Conn, portal_id: int) -> bool:
    """Whether the portal has an account to send with."""
    row = conn.execute(
        "SELECT 1 FROM account_links WHERE portal_id = %s AND unlinked_at IS NULL", (portal_id,)
    ).fetchone()
    return row is not None


def select_linked(conn: Conn, portal_ids: Sequence[int]) -> Cursor[DictRow]:
    """The `portal_id` of those that have an account to send with; read after the caller's pipeline ends."""
    return conn.execute(
        "SELECT portal_id FROM account_links WHERE portal_id = ANY(%s) AND unlinked_at IS NULL",
        (list(portal_ids),),
    )


_FIND_LINK = compose("{links} AND l.link_id = %s", links=_LINKS)


def link(conn: Conn, vault: Vault, portal_id: int, link_id: uuid.UUID) -> AccountLink | None:
    """A link of the portal, current or former."""
    row = conn.execute(_FIND_LINK, (portal_id, link_id)).fetchone()
    return _link(row, vault) if row else None


def _link(row: dict[str, object], vault: Vault) -> AccountLink:
    values = dict(row)
    sealed = values.pop("token_enc")
    mode, count, at = (values.pop(f"balance_{part}") for part in ("mode", "credits", "at"))
    balance = StoredBalance(member(BalanceMode, mode), count, at) if mode and at else None  # type: ignore[arg-type]
    api_token = vault.open(str(sealed)) if sealed else None
    return AccountLink(**values, api_token=api_token, balance=balance)  # type: ignore[arg-type]


def save_account(
    conn: Conn, vault: Vault, *, client_id: str, email: str, first_name: str, last_name: str, company: str
) -> None:
    """Store the gateway's details of the account; its webhook secrets are created once."""
    path = secrets.token_urlsafe(32)
    conn.execute(
        """
        INSERT INTO sms_accounts (client_id, email, first_name, last_name, company,
                                  webhook_path_hash, webhook_path_enc, webhook_secret_enc, key_id)
        VALUES (%(client_id)s, %(email)s, %(first_name)s, %(last_name)s, %(company)s,
                %(path_hash)s, %(path_enc)s, %(secret_enc)s, %(key_id)s)
        ON CONFLICT (client_id) DO UPDATE SET email = excluded.email, first_name = excluded.first_name,
            last_name = excluded.last_name, company = excluded.company
        """,
        {
            "client_id": client_id,
            "email": email,
            "first_name": first_name,
            "last_name": last_name,
            "company": company,
            "path_hash": digest(path),
            "path_enc": vault.seal(path),
            "secret_enc": vault.seal(secrets.token_urlsafe(32)),
            "key_id": vault.key_id,
        },
    )


def save_link(
    conn: Conn, vault: Vault, *, portal_id: int, client_id: str, api_token: str, user_id: int | None
) -> None:
    """Make this the portal's current link; the former one stays for the attempts it made (protocol P7)."""
    conn.execute(
        "UPDATE account_links SET unlinked_at = now() WHERE portal_id = %s AND unlinked_at IS NULL",
        (portal_id,),
    )
    conn.execute(
        """
        INSERT INTO account_links (portal_id, link_id, client_id, token_enc, key_id, linked_by_user_id)
        VALUES (%(portal_id)s, %(link_id)s, %(client_id)s, %(token_enc)s, %(key_id)s, %(user_id)s)
        """,
        {
            "portal_id": portal_id,
            "link_id": uuid.uuid4(),
            "client_id": client_id,
            "token_enc": vault.seal(api_token),
            "key_id": vault.key_id,
            "user_id": user_id,
        },
    )


# Durations of successive pauses, until a call is accepted again. After each, the gateway is asked (protocol P12).
PAUSES_S = (60.0, 120.0, 300.0, 900.0)


def pause(conn: Conn, client_id: str, reason: Reason, *, again: bool = False) -> None:
    """Pause the account's calls: each pause is longer, until a call is accepted again.

    A paused account is not changed (portals that share it may be refused at once), except with `again`: the gateway
    was asked after the pause, and the cause is still there. A refusal for lack of credits shows that the known balance
    was wrong.
    """
    conn.execute(
        """
        UPDATE sms_accounts SET pause_reason = %(reason)s, pause_step = LEAST(pause_step + 1, %(last)s),
            call_limit = NULL, balance_is_stale = balance_is_stale OR %(reason)s = 'gateway_no_credits',
            paused_until = now() + make_interval(secs => (%(pauses)s::float[])[LEAST(pause_step + 1, %(last)s)])
        WHERE client_id = %(client_id)s AND (pause_reason IS NULL OR %(again)s)
        """,
        {
            "reason": reason,
            "last": len(PAUSES_S),
            "pauses": list(PAUSES_S),
            "client_id": client_id,
            "again": again,
        },
    )


def unpause(conn: Conn, client_id: str) -> None:
    """End the pause and its series: calls may leave, and a new pause has the first duration."""
    conn.execute(
        """
        UPDATE sms_accounts SET paused_until = NULL, pause_reason = NULL, pause_step = 0, call_limit = NULL
        WHERE client_id = %s
        """,
        (client_id,),
    )


def pause_reason(conn: Conn, portal_id: int) -> Reason | None:
    """The reason of the pause of the portal's account; None: it is not paused."""
    row = conn.execute(
        """
        SELECT pause_reason FROM account_links JOIN sms_accounts USING (client_id)
        WHERE portal_id = %s AND unlinked_at IS NULL AND paused_until > now()
        """,
        (portal_id,),
    ).fetchone()
    return member(Reason, row["pause_reason"]) if row and row["pause_reason"] else None


def try_again(conn: Conn, client_id: str) -> None:
    """The cause may be fixed: calls may leave, and a new refusal begins the next, longer pause."""
    conn.execute(
        "UPDATE sms_accounts SET paused_until = NULL, pause_reason = NULL WHERE client_id = %s", (client_id,)
    )


def end_pause(conn: Conn, client_id: str, reason: Reason) -> bool:
    """End a pause for this reason, whose cause is gone. False: there was none."""
    row = conn.execute(
        """
        UPDATE sms_accounts SET paused_until = NULL, pause_reason = NULL, call_limit = NULL
        WHERE client_id = %s AND pause_reason = %s RETURNING 1
        """,
        (client_id, reason),
    ).fetchone()
    return row is not None


def ended_pause(conn: Conn, client_id: str, *, check_s: float) -> Reason | None:
    """The reason of an ended pause, for the single caller that must ask the gateway within `check_s` seconds.

    None: not paused, the pause lasts, or another caller is asking.
    """
    row = conn.execute(
        """
        UPDATE sms_accounts SET paused_until = now() + make_interval(secs => %s)
        WHERE client_id = %s AND pause_reason IS NOT NULL AND paused_until <= now()
        RETURNING pause_reason
        """,
        (check_s, client_id),
    ).fetchone()
    return member(Reason, row["pause_reason"]) if row and row["pause_reason"] else None


def limit_call(conn: Conn, client_id: str, messages: int) -> None:
    """Limit the account's next call to this many messages: its credits did not suffice for more."""
    conn.execute("UPDATE sms_accounts SET call_limit = %s WHERE client_id = %s", (messages, client_id))


def call_limit(conn: Conn, client_id: str) -> int | None:
    row = conn.execute("SELECT call_limit FROM sms_accounts WHERE client_id = %s", (client_id,)).fetchone()
    return row["call_limit"] if row else None


def note_call_taken(conn: Conn, client_id: str) -> bool:
    """The gateway accepted a call: reset limits and pauses. True: there was one, so a problem may be open."""
    row = conn.execute(
        """
        UPDATE sms_accounts SET call_limit = NULL, pause_step = 0
        WHERE client_id = %s AND (call_limit IS NOT NULL OR pause_step > 0) RETURNING 1
        """,
        (client_id,),
    ).fetchone()
    return row is not None


def linked_portals(conn: Conn, client_id: str) -> list[int]:
    """Portals that send with this account now."""
    rows = conn.execute(
        """
        SELECT portal_id FROM account_links
        WHERE client_id = %s AND unlinked_at IS NULL ORDER BY portal_id
        """,
        (client_id,),
    )
    return [row["portal_id"] for row in rows]


def was_linked(conn: Conn, portal_id: int, client_id: str) -> bool:
    """Whether the portal sends, or ever sent, with this account."""
    row = conn.execute(
        "SELECT 1 FROM account_links WHERE portal_id = %s AND client_id = %s LIMIT 1", (portal_id, client_id)
    ).fetchone()
    return row is not None
