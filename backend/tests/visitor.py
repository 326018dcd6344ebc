"""A user of a running stack, without a browser: installs by following redirects, calls views as HubSpot does."""

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import requests

from backend.tests.gateway import Gateway
from sandbox.stack import PUBLIC_ORIGIN, Stack

TIMEOUT_S = 30.0
CARD, SETTINGS = "sms_card_sidebar", "sms_settings"
DEADLINE_S = 40.0
MOBILE = "+33612345601"  # of the contact that a test texts


class Visitor:
    """One person in the stack's portal. `hubspot.fetch` goes through the simulator's broker, which signs it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.gateway = Gateway(stack.smsfactor_url, stack.secrets.gateway_token)

    def install(self) -> None:
        """Press the install button and approve."""
        session = self.hubspot("GET", "/sandbox-api/session")
        begin = requests.get(session["app"]["install_url"], allow_redirects=False, timeout=TIMEOUT_S)
        cookies = dict(begin.cookies)  # kept by hand: the cookie is for https only, as in production
        consent = requests.post(
            begin.headers["Location"], data={"decision": "approve"}, allow_redirects=False, timeout=TIMEOUT_S
        )
        done = requests.get(
            consent.headers["Location"],
            headers={"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())},
            allow_redirects=False,
            timeout=TIMEOUT_S,
        )
        assert done.status_code == 302, done.text
        assert self.hubspot("GET", "/sandbox-api/session")["app"]["installed"]

    def link(self) -> dict[str, Any]:
        """Link the gateway's account by its token."""
        answer = self.fetch(SETTINGS, "/settings/link-account", {"token": self.gateway.token})
        assert answer["ok"], answer
        return answer

    def fetch(self, extension: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """What `hubspot.fetch` gives a view: the backend's body, or the proxy's own error."""
        answer = self.hubspot(
            "POST",
            "/sandbox-api/hubspot-fetch",
            {"extension_uid": extension, "url": PUBLIC_ORIGIN + path, "method": "POST", "body": body},
        )
        parsed: dict[str, Any] = json.loads(answer["body"])
        return parsed

    def hubspot(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = requests.request(method, self.stack.hubspot_url + path, json=body, timeout=TIMEOUT_S)
        answer.raise_for_status()
        parsed: dict[str, Any] = answer.json() if answer.content else {}
        return parsed

    def contact_with(self, ending: str) -> tuple[str, str, str]:
        """(record id, property, E.164) of a contact whose mobile ends with these digits."""
        for record in self.hubspot("GET", "/sandbox-api/records/0-1?limit=100")["results"]:
            card = self.fetch(CARD, "/card/open", {"object_type_id": "0-1", "object_id": record["id"]})
            for number in card["data"]["numbers"]:
                if number["recipient"] and number["recipient"].endswith(ending):
                    return record["id"], number["property"], number["recipient"]
        raise LookupError(f"no contact whose number ends with {ending}")

    def set_phone(self, record_id: str, number: str) -> None:
        """Edit the contact's mobile number in the CRM."""
        self.hubspot(
            "PATCH", f"/sandbox-api/records/0-1/{record_id}", {"properties": {"mobilephone": number}}
        )

    def send_body(self, record_id: str, recipient: str, **changes: Any) -> dict[str, Any]:
        return {
            "idempotency_key": uuid.uuid4().hex,
            "object_type_id": "0-1",
            "object_id": record_id,
            "property": "mobilephone",
            "number_object_type_id": "0-1",
            "number_object_id": record_id,
            "recipient": recipient,
            "push_type": "alert",
            "sender": None,
            "unicode": False,
            "text": "Votre colis est arrivé",
            "links": [],
            "send_at": None,
            "template_id": None,
            **changes,
        }

    def preview_body(self, record_id: str, recipient: str, **changes: Any) -> dict[str, Any]:
        body = self.send_body(record_id, recipient, **changes)
        return {name: value for name, value in body.items() if name not in ("idempotency_key", "template_id")}

    def send(self, body: dict[str, Any]) -> dict[str, Any]:
        return self.fetch(CARD, "/card/send", body)

    def card(self, record_id: str) -> dict[str, Any]:
        answer = self.fetch(CARD, "/card/open", {"object_type_id": "0-1", "object_id": record_id})
        assert answer["ok"], answer
        data: dict[str, Any] = answer["data"]
        return data

    def wait_until(self, holds: Callable[[], object]) -> None:
        """Return once it holds."""
        ends = time.monotonic() + DEADLINE_S
        while not holds():
            assert time.monotonic() < ends, "it never came true"
            time.sleep(0.1)

    def wait_for_status(self, record_id: str, *wanted: str) -> dict[str, Any]:
        """Follow the record's newest message, as the card does, until it has one of the states."""
        message: dict[str, Any] = self.card(record_id)["messages"][0]
        ends = time.monotonic() + DEADLINE_S
        while message["status"] not in wanted:
            assert time.monotonic() < ends, f"the message is {message['status']}, not {wanted}"
            time.sleep(0.1)
            answer = self.fetch(CARD, "/card/messages", {"ids": [message["id"]]})
            [message] = answer["data"]["messages"]
        return message
