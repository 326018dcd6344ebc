"""Accounts: GET /account, creation, sub-accounts, lock, credit transfer. Ids and credits are strings
(SMSFactor docs)."""

from typing import Any

from sandbox.smsfactor_sim.api import Api, Call, Payload
from sandbox.smsfactor_sim.fields import (
    anything,
    maybe_text,
    one_of,
    positive,
    read_object,
    text,
    text_flag,
    wrong,
)
from sandbox.smsfactor_sim.things import Account
from sandbox.smsfactor_sim.wire import NO_CREDITS, NOT_FOUND, GatewayError
from sandbox.smsfactor_sim.world import World

_PROFILE_FIELDS = (
    "country_code", "firstname", "lastname", "company", "city", "phone", "address1", "zip", "sender", "description",
)  # fmt: skip
_KINDS = ("company", "association", "administration", "private")


def add_account_routes(api: Api) -> None:
    """/account and /sub-accounts."""
    world = api.world

    @api.route("GET", "/account")
    def read(call: Call) -> Payload:
        return {"account": account_row(world, call.account)}

    @api.route("POST", "/account")
    def create(call: Call) -> Payload:
        return {"id": _create(world, call.account, call.body).client_id, "active": "1"}

    @api.route("GET", "/sub-accounts")
    def list_children(call: Call) -> Payload:
        children = [one for one in world.accounts.values() if one.parent_id == call.account.client_id]
        return {"sub-accounts": [_child_row(world, child) for child in children]}

    def read_child(call: Call, client_id: str) -> Payload:
        return {"sub-account": _child_row(world, _child(world, call, client_id))}

    # The path differs between the two sources.
    api.route("GET", "/sub-accounts/<client_id>")(read_child)
    api.route("GET", "/sub-account/<client_id>")(read_child)

    @api.route("GET", "/account/<client_id>/<state>")
    def lock(call: Call, client_id: str, state: str) -> Payload:
        if state not in ("lock", "unlock"):
            raise GatewayError(NOT_FOUND, "There is no such action")
        _child(world, call, client_id).active = state == "unlock"
        return {"state": f"{state}ed"}

    @api.route("POST", "/account/transfer")
    def transfer(call: Call) -> Payload:
        wanted = read_object(call.body, "body", {"transfer": anything})["transfer"]
        fields = read_object(wanted, "transfer", {"to_account": anything, "credits": positive})
        child = _child(world, call, str(fields["to_account"]))
        if fields["credits"] > call.account.balance:
            raise GatewayError(NO_CREDITS, "There are not enough credits to transfer")
        call.account.balance -= fields["credits"]
        child.balance += fields["credits"]
        return {"credits": str(call.account.balance), "child_credits": str(child.balance)}


def open_account(world: World, email: str, password: str, balance: int, parent_id: str = "0") -> Account:
    """Store a new active account."""
    account = Account(world.next_client_id(), email, password, balance, parent_id)
    world.accounts[account.client_id] = account
    return account


def _create(world: World, creator: Account, body: dict[str, Any]) -> Account:
    wanted = read_object(body, "body", {"account": anything})["account"]
    optional = dict.fromkeys(_PROFILE_FIELDS, maybe_text)
    checks = {"type": one_of(*_KINDS), "isChild": text_flag, "unlimited": text_flag}
    fields = read_object(wanted, "account", {"email": _email, "password": _password}, {**optional, **checks})
    is_child = fields.pop("isChild", False)
    if is_child and "unlimited" not in fields:
        raise wrong("The field 'unlimited' is required for a sub-account")
    if not is_child and "country_code" not in fields:
        raise wrong("The field 'country_code' is required")
    email, password = fields.pop("email"), fields.pop("password")
    if any(account.email == email for account in world.accounts.values()):
        raise wrong("The field 'email' is already used")
    account = open_account(world, email, password, 0, creator.client_id if is_child else "0")
    account.unlimited = is_child and fields.pop("unlimited", False)
    account.profile = fields
    return account


def _email(name: str, value: Any) -> str:
    if "@" not in text(name, value):
        raise wrong(f"The field '{name}' must be an e-mail address")
    return str(value)


def _password(name: str, value: Any) -> str:
    if not 6 <= len(text(name, value)) <= 25:
        raise wrong(f"The field '{name}' must have 6 to 25 characters")
    return str(value)


def _child(world: World, call: Call, client_id: str) -> Account:
    child = world.accounts.get(client_id)
    if child is None or child.parent_id != call.account.client_id:
        raise GatewayError(NOT_FOUND, f"There is no sub-account {client_id}")
    return child


def account_row(world: World, account: Account) -> dict[str, Any]:
    """The account object. Its inner `status` is the account's state, a string; the outer one is the API's."""
    profile = account.profile
    return {
        "client_id": account.client_id,
        "parent_client_id": account.parent_id,
        "email": account.email,
        "firstname": profile.get("firstname", ""),
        "lastname": profile.get("lastname", ""),
        "city": profile.get("city", ""),
        "type": profile.get("type", "company"),
        "company": profile.get("company", ""),
        "phone": profile.get("phone", ""),
        "address1": profile.get("address1", ""),
        "address2": None,
        "zip": profile.get("zip", ""),
        "country": "",
        "country_code": profile.get("country_code", "FR"),
        "lang": profile.get("country_code", "FR"),
        "credits": str(world.payer(account).balance),
        "unlimited": "1" if account.unlimited else "0",
        "description": profile.get("description", ""),
        "senderid": profile.get("sender", ""),
        "status": "1" if account.active else "0",
        "time_zone": "Europe/Paris",
        "has_verified_email": True,
        "whitelabel_id": "1",
        "last_accept_gcs": "2025-01-08 09:12:44",
    }


def _child_row(world: World, account: Account) -> dict[str, Any]:
    spent = sum(one.cost for one in world.campaigns.values() if one.account_id == account.client_id)
    months = {"current_month_consumption": str(spent), "previous_month_consumption": "0"}
    return {**account_row(world, account), **months}
