"""Valid proofs of each kind of caller for any path, and the rows that an unproven call must leave alone."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from backend.tests.workflow_calls import SECRET, headers
from connector.store.database import Conn


@dataclass(frozen=True)
class Call:
    """A call as it arrives: what HubSpot, SMSFactor or a browser would send."""

    target: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def send(self, client: FlaskClient, method: str = "POST") -> TestResponse:
        raw = {
            "REQUEST_URI": self.target,
            "RAW_URI": self.target,
        }  # werkzeug's client would drop an empty query
        return client.open(
            self.target, method=method, data=self.body, headers=dict(self.headers), environ_overrides=raw
        )


def identity(portal_id: int, user_id: int = 77) -> str:
    """The query that HubSpot appends to the URL of a view's call."""
    return f"userId={user_id}&portalId={portal_id}&userEmail=ines%40lumen.example&appId=1234567"


def signed_both(target: str, body: bytes) -> dict[str, str]:
    """HubSpot's v3 and v2 signatures, as its proxy for views sends both."""
    return {**signed_v2(target, body), **headers(target.replace("%40", "@"), body, "v3")}


def signed_v2(target: str, body: bytes) -> dict[str, str]:
    return headers(target, body, "v2")


def signed_v1(body: bytes) -> dict[str, str]:
    """HubSpot's v1 signature, which covers the body alone."""
    digest = hashlib.sha256(SECRET.encode() + body).hexdigest()
    return {"X-HubSpot-Signature": digest, "X-HubSpot-Signature-Version": "v1"}


def of_view(path: str, body: dict[str, Any], portal_id: int) -> Call:
    """A view's call: the browser chose path and body."""
    raw, target = json.dumps(body).encode(), f"{path}?{identity(portal_id)}"
    return Call(target, raw, signed_both(target, raw))


def of_view_with_fragment(path: str, body: dict[str, Any]) -> Call:
    """A view's call of `path#`: should HubSpot append to the fragment, no identity arrives."""
    raw = json.dumps(body).encode()
    return Call(path, raw, signed_both(path, raw))


def of_workflow(path: str, body: dict[str, Any], query: str = "") -> Call:
    """A workflow's call, signed by v2. A portal's own workflow may send one to any address, with any query."""
    raw, target = json.dumps(body).encode(), path + (f"?{query}" if query else "")
    return Call(target, raw, signed_v2(target, raw))


def of_hubspot_webhook(path: str, body: Any) -> Call:
    """An event of HubSpot, signed by v1."""
    raw = json.dumps(body).encode()
    return Call(path, raw, signed_v1(raw))


def of_gateway(path: str, body: dict[str, Any], signature: str) -> Call:
    """SMSFactor's call, with an account's signature."""
    return Call(path, json.dumps(body).encode(), {"X-SMSFactor-Signature": signature})


def count_rows(conn: Conn) -> dict[str, int]:
    """The number of rows of each table; of url_segments the uses."""
    names = conn.execute(
        "SELECT table_name AS name FROM information_schema.tables"
        " WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'alembic_version'"
    ).fetchall()
    counts = {}
    for name in sorted(row["name"] for row in names):
        what = "coalesce(sum(uses), 0)" if name == "url_segments" else "count(*)"
        row = conn.execute(f"SELECT {what} AS n FROM {name}").fetchone()  # noqa: S608
        assert row is not None
        counts[name] = int(row["n"])
    conn.commit()
    return counts
