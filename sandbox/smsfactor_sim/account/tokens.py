"""Creates, lists and deletes API tokens. The value is shown once, at creation (SMSFactor docs)."""

import base64
import hashlib
import hmac
import ipaddress
import json
import secrets
from datetime import datetime, timedelta
from typing import Any

from sandbox.smsfactor_sim.api import Api, Call, Payload
from sandbox.smsfactor_sim.fields import anything, filled_list, positive, read_object, text, wrong
from sandbox.smsfactor_sim.things import Account, Token
from sandbox.smsfactor_sim.wire import NOT_FOUND, GatewayError, paris_text
from sandbox.smsfactor_sim.world import World


def add_token_routes(api: Api) -> None:
    """/token and /token/account/{clientId}."""
    world = api.world

    @api.route("POST", "/token")
    def create(call: Call) -> Payload:
        return _create(world, call.account, call.body)

    @api.route("POST", "/token/account/<client_id>")
    def create_for_child(call: Call, client_id: str) -> Payload:
        child = world.accounts.get(client_id)
        if child is None or child.parent_id != call.account.client_id:
            raise GatewayError(NOT_FOUND, f"There is no sub-account {client_id}")
        return _create(world, child, call.body)

    @api.route("GET", "/token")
    def list_tokens(call: Call) -> Payload:
        mine = [token for token in world.tokens.values() if token.account_id == call.account.client_id]
        return {"tokens": [_row(token) for token in mine]}

    @api.route("GET", "/token/<token_id>")
    def read(call: Call, token_id: str) -> Payload:
        return {"token": _row(_mine(world, call, token_id))}

    @api.route("DELETE", "/token/<token_id>")
    def delete(call: Call, token_id: str) -> Payload:
        del world.tokens[_mine(world, call, token_id).id]
        return {"deleted_token": token_id}


def issue_token(world: World, account: Account, name: str, value: str | None = None) -> Token:
    """Store a new token without expiry or address limits; `value` is generated when not given."""
    now = world.now()
    token_id = int(world.next_id())
    token = Token(token_id, account.client_id, name, value or _jwt(account.client_id, now), now)
    world.tokens[token_id] = token
    return token


def _create(world: World, account: Account, body: dict[str, Any]) -> Payload:
    wanted = read_object(body, "body", {"token": anything})["token"]
    fields = read_object(wanted, "token", {"name": text}, {"ttl": positive, "allowed_ips": _addresses})
    token = issue_token(world, account, fields["name"])
    token.ttl_s, token.allowed_ips = fields.get("ttl"), fields.get("allowed_ips")
    if token.ttl_s is not None:
        token.expires_at = token.created_at + timedelta(seconds=token.ttl_s)
    # The id is a string here and a number in the list, as documented.
    return {"token": token.value, "token_id": str(token.id), "allowed_ips": token.allowed_ips}


def _addresses(name: str, value: Any) -> list[str]:
    for address in filled_list(name, value):
        try:
            ipaddress.ip_network(address, strict=False)
        except (ValueError, TypeError) as error:
            raise wrong(f"The field '{name}' must hold addresses or networks") from error
    return list(value)


def _mine(world: World, call: Call, token_id: str) -> Token:
    token = world.tokens.get(int(token_id)) if token_id.isdigit() else None
    if token is None or token.account_id != call.account.client_id:
        raise GatewayError(NOT_FOUND, f"There is no token {token_id}")
    return token


def _row(token: Token) -> dict[str, Any]:
    return {
        "name": token.name,
        "api_token_id": token.id,
        "created_at": paris_text(token.created_at),
        "expired_at": paris_text(token.expires_at),
        "ttl": token.ttl_s,
        "is_active": "1",
        "allowed_ips": token.allowed_ips,
    }


def _jwt(client_id: str, now: datetime) -> str:
    """A value of the real form (JWT HS256, sub and iat); clients must treat it as opaque."""
    parts = [{"typ": "JWT", "alg": "HS256"}, {"sub": client_id, "iat": now.timestamp()}]
    signed = ".".join(_base64(json.dumps(part).encode()) for part in parts)
    return f"{signed}.{_base64(hmac.new(secrets.token_bytes(32), signed.encode(), hashlib.sha256).digest())}"


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
