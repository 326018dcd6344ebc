"""The webhooks of SMSFactor accounts: the secrets in their URLs, and the registered ones."""

from dataclasses import dataclass, field

from connector.domain.vocabulary import GatewayEvent
from connector.store.database import Conn
from connector.store.rows import member
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


def registered_webhooks(conn: Conn, client_id: str) -> dict[GatewayEvent, bytes]:
    """Type -> hash of the URL registered for it."""
    rows = conn.execute("SELECT type, url_hash FROM account_webhooks WHERE client_id = %s", (client_id,))
    return {member(GatewayEvent, row["type"]): row["url_hash"] for row in rows}


def save_webhook(conn: Conn, client_id: str, *, type_: GatewayEvent, webhook_id: str, url: str) -> None:
    conn.execute(
        """
        INSERT INTO account_webhooks (client_id, type, webhook_id, url_hash)
        VALUES (%(client_id)s, %(type)s, %(webhook_id)s, %(url_hash)s)
        ON CONFLICT (client_id, type) DO UPDATE SET webhook_id = excluded.webhook_id,
            url_hash = excluded.url_hash, registered_at = now()
        """,
        {"client_id": client_id, "type": type_, "webhook_id": webhook_id, "url_hash": digest(url)},
    )
