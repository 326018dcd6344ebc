"""The assertions of SMSFactor's official PHP test suite, ported as a list, and a published client run as it
is.

Each call must answer HTTP 200 with `status` the JSON number 1 and the attribute the suite looks for.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from smsfactor.smsfactor import SMSFactorAPI, SMSFactorException

from sandbox.smsfactor_sim.wire import paris_text
from sandbox.tests.smsfactor_sim.support import TOKEN, Gateway, running_gateway, send_body

TWO = {"gsm": [{"value": "33600000001"}, {"value": "33600000002"}]}
IN_AN_HOUR = paris_text(datetime.now(UTC) + timedelta(hours=1))


@pytest.fixture(name="gateway")
def _gateway(simulator: Gateway) -> Gateway:
    simulator.control("/reset", {})  # to real time, which the suite's dates mean
    return simulator


def ok(payload: dict[str, Any]) -> dict[str, Any]:
    assert payload["status"] == 1
    assert type(payload["status"]) is int
    return payload


@pytest.mark.parametrize(
    ("path", "attribute", "kind"),
    [
        ("/credits", "credits", str),
        ("/account", "account", dict),
        ("/sub-accounts", "sub-accounts", list),
        ("/campaigns?length=1", "campaigns", list),
        ("/lists", "lists", list),
        ("/blacklist", "list", list),
        ("/npai", "list", list),
        ("/token", "tokens", list),
        ("/webhook", "webhooks", list),
        ("/send/simulate?text=Salut&to=33600000001", "ticket", str),
    ],
)
def test_reading(gateway: Gateway, path: str, attribute: str, kind: type) -> None:
    # The official SDK sends a JSON body with every request, `[]` when it has no content.
    assert type(ok(gateway.call("GET", path, []))[attribute]) is kind


def test_create_account(gateway: Gateway) -> None:
    account = {"email": "b@example.org", "password": "password", "country_code": "FR"}
    assert ok(gateway.call("POST", "/account", {"account": account}))["id"].isdigit()
    child = {"email": "c@example.org", "password": "password", "isChild": 1, "unlimited": 0}
    client_id = ok(gateway.call("POST", "/account", {"account": child}))["id"]
    assert [one["client_id"] for one in gateway.get("/sub-accounts")["sub-accounts"]] == [client_id]
    assert ok(gateway.get(f"/account/{client_id}/lock"))["state"] == "locked"
    moved = {"transfer": {"to_account": int(client_id), "credits": 10}}
    answer = ok(gateway.call("POST", "/account/transfer", moved))
    assert (answer["credits"], answer["child_credits"]) == ("1240", "10")


def test_campaign_with_delay_is_read_and_cancelled(gateway: Gateway) -> None:
    ticket = ok(gateway.call("POST", "/send", send_body("Salut", "33600000001", delay=IN_AN_HOUR)))["ticket"]
    (campaign,) = ok(gateway.get(f"/campaign/{ticket}"))["campaign"]
    assert (campaign["id"], campaign["status"], campaign["total"]) == (ticket, "Waiting", "1")
    assert ok(gateway.call("DELETE", f"/send/{ticket}", []))["credits"] == 1250


def test_lists(gateway: Gateway) -> None:
    created = ok(gateway.call("POST", "/list", {"list": {"name": "Clients", "contacts": TWO}}))
    assert created["contacts"] == 2
    twice = {"gsm": [{"value": "33600000001"}, {"value": "33600000001"}]}
    more = {"list": {"listId": created["id"], "contacts": twice}}
    added = ok(gateway.call("POST", "/list", more))
    assert (added["contacts"], added["id"]) == (2, created["id"])
    order = {"sms": {"message": {"text": "Salut [info1]"}, "lists": [{"value": created["id"]}]}}
    assert ok(gateway.call("POST", "/send/lists/simulate", order))["ticket"]
    assert ok(gateway.call("PUT", f"/list/deduplicate/{created['id']}"))["removed"] == 2
    contact_id = ok(gateway.get(f"/list/{created['id']}"))["list"][0]["id"]
    ok(gateway.call("DELETE", f"/list/contact/{contact_id}"))
    ok(gateway.call("DELETE", f"/list/{created['id']}"))
    assert gateway.get(f"/list/{created['id']}")["status"] == -5


@pytest.mark.parametrize("name", ["blacklist", "npai"])
def test_blacklist_and_npai(gateway: Gateway, name: str) -> None:
    for _ in range(2):
        assert ok(gateway.call("POST", f"/{name}", {name: {"contacts": TWO}}))["added_contacts"] == 2
    rows = ok(gateway.get(f"/{name}"))["list"]
    assert [row["destination"] for row in rows] == ["33600000001", "33600000002"]


def test_token_is_made_listed_and_deleted(gateway: Gateway) -> None:
    made = ok(gateway.call("POST", "/token", {"token": {"name": "Portal"}}))
    assert type(made["token_id"]) is str
    assert (
        gateway.anonymous.get(
            gateway.url + "/credits",
            headers={"Authorization": f"Bearer {made['token']}", "Accept": "application/json"},
            timeout=10,
        ).json()["status"]
        == 1
    )
    listed = gateway.get("/token")["tokens"]
    assert [type(row["api_token_id"]) for row in listed] == [int, int]
    assert all("token" not in row for row in listed)
    assert ok(gateway.call("DELETE", f"/token/{made['token_id']}"))["deleted_token"] == made["token_id"]
    assert gateway.get("/credits", **{"null": ""})["status"] == 1


def test_webhook_is_made_changed_and_deleted(gateway: Gateway) -> None:
    webhook = {"type": "DLR", "url": "https://app.example/dlr", "signature": "s3cr3t"}
    made = ok(gateway.call("POST", "/webhook", {"webhook": webhook}))["webhook"]
    path = f"/webhook/{made['webhook_id']}"
    assert made == {"webhook_id": made["webhook_id"], **webhook}
    changed = ok(gateway.call("PUT", path, {"webhook": {"type": "MO", "url": "https://app.example/mo"}}))
    assert changed["webhook"] == {
        "webhook_id": made["webhook_id"],
        "type": "MO",
        "url": "https://app.example/mo",
        "status": "live",
        "signature": "s3cr3t",
        "last_http_code": None,
    }
    assert ok(gateway.call("DELETE", path))["deleted_id"] == made["webhook_id"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/credits"), ("GET", "/account"), ("POST", "/send"), ("DELETE", "/send/1"), ("GET", "/webhook")],
)
def test_any_call_with_token_1_is_refused_with_http_200(gateway: Gateway, method: str, path: str) -> None:
    headers = {"Authorization": "Bearer 1", "Accept": "application/json"}
    answer = gateway.anonymous.request(method, gateway.url + path, json=[], headers=headers, timeout=10)
    assert answer.status_code == 200
    assert type(answer.json()["status"]) is int
    assert answer.json()["status"] == -1


@pytest.fixture(scope="module")
def served() -> Iterator[Gateway]:
    with running_gateway() as served:
        yield served


class TestPublishedClient:
    """The unofficial client `smsfactor` 0.0.5 from PyPI: foreign code over real HTTP."""

    @pytest.fixture
    def client(self, served: Gateway) -> SMSFactorAPI:
        served.control("/reset", {})
        client = SMSFactorAPI(TOKEN)
        client.url = served.url
        return client

    def test_credits(self, client: SMSFactorAPI) -> None:
        # It calls /credits?null.
        assert client.credits == 1250

    def test_send_and_cancel(self, client: SMSFactorAPI) -> None:
        body = send_body(
            "Bonjour <-short->", "33600000001", pushtype="alert", links=["https://a.example/?c=1&d="]
        )
        sent = client.post("/send", body)
        assert (sent["sent"], sent["credits"]) == (1, 1249)
        later = client.post("/send", send_body("Salut", "33600000001", delay=IN_AN_HOUR))
        assert client.delete(f"/send/{later['ticket']}")["credits"] == 1249

    @pytest.mark.parametrize(
        ("text", "error"), [("[[nocredit]]", "Error -3"), ("[[moderation]]", "Error -8"), ("", "Error -7")]
    )
    def test_errors_are_understood(self, client: SMSFactorAPI, text: str, error: str) -> None:
        with pytest.raises(SMSFactorException, match=error):
            client.post("/send", send_body(text, "33600000001"))
