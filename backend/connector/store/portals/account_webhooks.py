"""The webhooks of SMSFactor accounts: the secrets in their URLs, the registered ones, and when they are checked."""

from dataclasses import dataclass, field
from datetime import datetime

from connector.domain.vocabulary import GatewayEvent
from connector.store.database import Conn
from connector.store.rows import member, reader
from connector.store.vault import Vault, digest


@dataclass(frozen=True, slots=True)
class WebhookSecrets:
    path: str = field(repr=False)
    signature: str = field(repr=False)


def webhook_secrets(conn: Conn, vault: Vault, client_id: str) -> WebhookSecrets:
    row = conn.execute(
        "SELECT webhook_path_enc, webhook_secret_enc FROM sms_accounts WHERE client_id = %s", (client_id,)
    ).fetchone()
    assert row is not None, "the account of a link exists"
    return WebhookSecrets(vault.open(row["webhook_path_enc"]), vault.open(row["webhook_secret_enc"]))


def client_of_webhook_path(conn: Conn, path: str) -> str | None:
    """The account whose webhooks were registered under this unguessable path."""
    row = conn.execute(
        "SELECT client_id FROM sms_accounts WHERE webhook_path_hash = %s", (digest(path),)
    ).fetchone()
    return row["client_id"] if row else None


def save_webhook(conn: Conn, client_id: str, *, type_: GatewayEvent, webhook_id: str, url: str) -> None:
    """Store the webhook that brings this type; a new one was never paused."""
    conn.execute(
        """
        INSERT INTO account_webhooks (client_id, type, webhook_id, url_hash)
        VALUES (%(client_id)s, %(type)s, %(webhook_id)s, %(url_hash)s)
        ON CONFLICT (client_id, type) DO UPDATE SET webhook_id = excluded.webhook_id,
            url_hash = excluded.url_hash, registered_at = now(), revived_at = NULL
        WHERE account_webhooks.webhook_id <> excluded.webhook_id OR account_webhooks.url_hash <> excluded.url_hash
        """,
        {"client_id": client_id, "type": type_, "webhook_id": webhook_id, "url_hash": digest(url)},
    )


def revived(conn: Conn, client_id: str) -> set[GatewayEvent]:
    """The types whose webhook was found paused and set live by us before."""
    rows = conn.execute(
        "SELECT type FROM account_webhooks WHERE client_id = %s AND revived_at IS NOT NULL", (client_id,)
    )
    return {member(GatewayEvent, row["type"]) for row in rows}


def mark_revived(conn: Conn, client_id: str, type_: GatewayEvent) -> None:
    conn.execute(
        "UPDATE account_webhooks SET revived_at = now() WHERE client_id = %s AND type = %s",
        (client_id, type_),
    )


def want_check(conn: Conn, client_id: str) -> None:
    """A person links the account: its webhooks are checked now, and a paused one may be set live once more."""
    conn.execute(
        "UPDATE sms_accounts SET webhooks_wanted = true, webhooks_due_at = now() WHERE client_id = %s",
        (client_id,),
    )
    conn.execute("UPDATE account_webhooks SET revived_at = NULL WHERE client_id = %s", (client_id,))


@dataclass(frozen=True, slots=True)
class WebhookCheck:
    """A check that this caller must make."""

    ok_at: datetime | None  # until then no event can be missing; None: not known
    receipt_delay_s: float | None  # usual time to the first receipt of a call; None: not known


_read_check = reader(WebhookCheck)


def claim_check(conn: Conn, client_id: str, *, lease_s: float) -> WebhookCheck | None:
    """The due check of the account's webhooks, for one of its portals; None: it is not due.

    A check without a result is due again after `lease_s`.
    """
    row = conn.execute(
        """
        UPDATE sms_accounts SET webhooks_due_at = now() + make_interval(secs => %s)
        WHERE client_id = %s AND COALESCE(webhooks_due_at, '-infinity') <= now()
        RETURNING webhooks_ok_at AS ok_at, receipt_delay_s
        """,
        (lease_s, client_id),
    ).fetchone()
    return _read_check(row) if row else None


def end_check(
    conn: Conn,
    client_id: str,
    *,
    again_in_s: float,
    is_wanted: bool,
    ok_at: datetime | None,
) -> None:
    """Set the next check. `is_wanted`: even if no message is out. `ok_at` None leaves the known one."""
    conn.execute(
        """
        UPDATE sms_accounts SET webhooks_due_at = now() + make_interval(secs => %(again_in_s)s),
            webhooks_wanted = %(is_wanted)s, webhooks_ok_at = COALESCE(%(ok_at)s, webhooks_ok_at)
        WHERE client_id = %(client_id)s
        """,
        {
            "again_in_s": again_in_s,
            "is_wanted": is_wanted,
            "ok_at": ok_at,
            "client_id": client_id,
        },
    )


def save_receipt_delay(conn: Conn, client_id: str, delay_s: float) -> None:
    """Store the account's usual time from the acceptance of a call to its first receipt."""
    conn.execute("UPDATE sms_accounts SET receipt_delay_s = %s WHERE client_id = %s", (delay_s, client_id))


def next_check_at(conn: Conn, portal_id: int) -> datetime | None:
    """The next check of the portal's account; None while it is fine and none of the portal's messages is out.

    Unread events have it checked too, because their problem and their bytes end with time.
    """
    row = conn.execute(
        """
        SELECT COALESCE(a.webhooks_due_at, now()) AS at FROM account_links l JOIN sms_accounts a USING (client_id)
        WHERE l.portal_id = %(portal_id)s AND l.unlinked_at IS NULL AND l.token_enc IS NOT NULL
          AND (a.webhooks_wanted
              OR EXISTS (SELECT 1 FROM attempts t
                  WHERE t.portal_id = %(portal_id)s AND t.next_lookup_at IS NOT NULL))
        """,
        {"portal_id": portal_id},
    ).fetchone()
    return row["at"] if row else None
