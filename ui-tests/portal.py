"""The simulated HubSpot portal as tests prepare and question it. A person's own steps are in `pages`."""

import itertools
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from sandbox.stack import PUBLIC_ORIGIN, Stack
from waiting import until

TIMEOUT_S = 30.0
CONTACT_TYPE, COMPANY_TYPE, DEAL_TYPE = "0-1", "0-2", "0-3"
DEAL_TO = {CONTACT_TYPE: 3, COMPANY_TYPE: 5}  # HubSpot's association types of a deal
_GROUPS = {CONTACT_TYPE: "contactinformation", COMPANY_TYPE: "companyinformation"}
SETTINGS_UID = "sms_settings"
RIGHTS = ("send", "templates", "consent", "settings")
WEBHOOK_TYPES = {"DLR", "STOP"}
_FIRST_NAMES = ("Agathe", "Basile", "Clara", "Damien", "Elsa", "Félix", "Gaëlle", "Henri", "Iris", "Joël")
_numbers = itertools.count()


@dataclass(frozen=True)
class Contact:
    """A contact of the portal. `mobile` and `phone` are E.164, or empty."""

    id: str
    name: str
    url: str
    mobile: str = ""
    phone: str = ""
    type: str = CONTACT_TYPE


def new_number(ending: int | None = None) -> str:
    """A French mobile number that no other test has, E.164. The gateway delivers to endings below 90.

    `ending`: one of those from 90 on, with which the gateway's handsets do something else.
    """
    number = next(_numbers)
    if ending is None:
        return f"+33612{number // 80:04d}{10 + number % 80:02d}"
    assert ending >= 90, "another test may have this number"
    return f"+33612{number:04d}{ending}"


def new_belgian_number() -> str:
    """The same abroad, where no legal calendar of ours holds marketing back."""
    return f"+32470{next(_numbers):04d}10"


def national(e164: str) -> str:
    """A French number as people type it into HubSpot: 06 12 34 56 78."""
    digits = "0" + e164.removeprefix("+33")
    return " ".join(digits[at : at + 2] for at in range(0, 10, 2))


@dataclass(frozen=True)
class Record:
    """A company or a deal."""

    type: str
    id: str
    name: str
    url: str


class Portal:
    """The portal of a stack."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.url = stack.hubspot_url

    def session(self) -> dict[str, Any]:
        return self._call("GET", "sandbox-api/session")

    def speak(self, language: str) -> None:
        """Set the language of the person at the screen."""
        self._call("POST", "sandbox-api/session", {"language": language})

    def install(self) -> None:
        """Install the app as a browser does it: follow the link, agree, follow the way back."""
        with requests.Session() as browser:
            consent = browser.get(self.session()["app"]["install_url"], timeout=TIMEOUT_S)
            consent.raise_for_status()
            for cookie in browser.cookies:
                cookie.secure = False  # browsers trust 127.0.0.1 with secure cookies, `requests` does not
            done = browser.post(consent.url, data={"decision": "approve"}, timeout=TIMEOUT_S)
            done.raise_for_status()
        session = self.session()
        assert urlsplit(done.url).path == session["app"]["settings_path"], f"ended at {done.url}"
        assert session["app"]["installed"]

    def link(self, token: str) -> None:
        """Link the SMSFactor account by the call that the settings page makes, and wait for its webhooks."""
        self._ask_backend("settings/link-account", {"token": token})
        until(lambda: self._webhooks(token) >= WEBHOOK_TYPES, "the webhooks are registered")
        until(self._has_properties, "the properties are created")

    def preferences(self) -> dict[str, Any]:
        """The portal's settings of the app."""
        found: dict[str, Any] = self._ask_backend("settings/preferences", {})["preferences"]
        return found

    def prefer(self, **changes: Any) -> None:
        """Change some of the app's settings; the fixture `person` takes that back."""
        self._ask_backend("settings/save-preferences", {**self.preferences(), **changes})

    def reserve(self, **rights: list[int] | None) -> None:
        """Give some of the app's rights to these users only; None, and every other right: to everybody."""
        everybody: dict[str, Any] = dict.fromkeys(RIGHTS)
        self._ask_backend("settings/save-rights", {**everybody, **rights})

    def new_phone_property(self, kind: str) -> tuple[str, str]:
        """Name and label of a phone property of the portal's own making, for records of that kind."""
        number = next(_numbers)
        name, label = f"portable_pro_{number}", f"Portable pro {number}"
        body = {"name": name, "label": label, "type": "string", "fieldType": "phonenumber"}
        self._call("POST", f"_control/properties/{kind}", {**body, "groupName": _GROUPS[kind]})
        return name, label

    def hold_nothing_back(self) -> None:
        """End a pause and all limits of what is sent."""
        self._ask_backend("settings/resume-outgoing", {})
        ages = dict.fromkeys(("card", "reply", "workflow", "bulk"), 24)
        limits = {"hourly_cap": None, "pace_per_minute": None, "max_ages_h": ages}
        self._ask_backend("settings/limit-outgoing", limits)

    def card(self, record: "Contact | Record") -> dict[str, Any]:
        """What the backend tells the card of a record."""
        return self._ask_backend("card/open", {"object_type_id": record.type, "object_id": record.id})

    def label_of(self, name: str, kind: str = CONTACT_TYPE) -> str:
        """A property as the app knows it: its list is kept, in the language of who asked first."""
        found = self._ask_backend("card/properties", {"object_type_id": kind})["properties"]
        return str(next(each["label"] for each in found if each["name"] == name))

    def schedule(self, subject: "Contact | Record", contact: Contact, text: str, at: datetime) -> None:
        """Schedule an SMS to the contact from a record that texts them, as the composer does it.

        `at`: on the portal's clock.
        """
        record = {"object_type_id": subject.type, "object_id": subject.id}
        content: dict[str, Any] = {
            "push_type": "alert",
            "sender": None,
            "unicode": False,
            "text": text,
            "links": [],
        }
        when = {"send_at": at.replace(tzinfo=None).isoformat(timespec="minutes"), "template_id": None}
        is_company = subject.type == COMPANY_TYPE
        owner = contact if subject.type == DEAL_TYPE else subject
        to = {
            "property": "phone" if is_company else "mobilephone",
            "number_object_type_id": owner.type,
            "number_object_id": owner.id,
            "recipient": contact.mobile,
        }
        key = {"idempotency_key": str(uuid.uuid4())}
        self._ask_backend("card/send", {**record, **content, **when, **to, **key})

    def textable(self, kind: str, contact: Contact, **properties: str) -> Contact | Record:
        """A record that texts the contact's mobile: the contact, a company with that number, a deal of theirs."""
        if kind == "company":
            return self.new_company(phone=contact.mobile, **properties)
        if kind == "deal":
            return self.new_deal(contact, company=None, **properties)
        if properties:
            self.change(contact, **properties)
        return contact

    def new_company(self, *, phone: str = "", **properties: str) -> Record:
        """A company of one's own."""
        name = f"Société {next(_numbers)}"
        return self._make(COMPANY_TYPE, name, {"name": name, "phone": _typed(phone), **properties})

    def new_deal(self, *contacts: Contact, company: Record | None = None, **properties: str) -> Record:
        """A deal with these people, in this order, and this company."""
        name = f"Affaire {next(_numbers)}"
        linked = [(CONTACT_TYPE, contact.id) for contact in contacts]
        linked += [(COMPANY_TYPE, company.id)] if company else []
        return self._make(
            DEAL_TYPE,
            name,
            {"dealname": name, **properties},
            [
                {
                    "to": {"id": to_id},
                    "types": [
                        {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": DEAL_TO[to_type]}
                    ],
                }
                for to_type, to_id in linked
            ],
        )

    def new_contact(self, *, mobile: str = "", phone: str = "", **properties: str) -> Contact:
        """A contact of one's own, so that tests meet no messages of others. Numbers: E.164 or as typed."""
        first, last = _FIRST_NAMES[next(_numbers) % len(_FIRST_NAMES)], f"Essai {next(_numbers)}"
        typed = {name: _typed(value) for name, value in (("mobilephone", mobile), ("phone", phone))}
        body = {"properties": {"firstname": first, "lastname": last, **typed, **properties}}
        name = f"{body['properties']['firstname']} {body['properties']['lastname']}"
        made = self._make(CONTACT_TYPE, name, body["properties"])
        return Contact(made.id, name, made.url, mobile, phone)

    def change(self, record: "Contact | Record", **properties: str) -> None:
        """Edit the record as another person would."""
        self._call("PATCH", f"sandbox-api/records/{record.type}/{record.id}", {"properties": properties})

    def record(self, contact: Contact) -> dict[str, Any]:
        """What the page of the record is drawn from."""
        return self._call("GET", f"sandbox-api/records/{CONTACT_TYPE}/{contact.id}")

    def find(self, name: str) -> Contact:
        """One of the people that every sandbox has, by first and last name."""
        portal_id = self.session()["portal"]["id"]
        for row in self._call("GET", f"sandbox-api/records/{CONTACT_TYPE}?limit=100")["results"]:
            facts = row["properties"]
            if f"{facts['firstname']} {facts['lastname']}" == name:
                url = f"{self.url}/contacts/{portal_id}/record/{CONTACT_TYPE}/{row['id']}"
                return Contact(
                    row["id"], name, url, _e164(facts.get("mobilephone")), _e164(facts.get("phone"))
                )
        raise LookupError(name)

    def fault(self, kind: str, path: str, method: str = "POST", **details: Any) -> None:
        """Order a fault for the next call of the simulated HubSpot (see its /_control/help)."""
        self._call("POST", "_control/faults", {"method": method, "path": path, "kind": kind, **details})

    def clear_faults(self) -> None:
        requests.delete(f"{self.url}/_control/faults", timeout=TIMEOUT_S).raise_for_status()

    def _make(
        self, kind: str, name: str, properties: dict[str, str], associations: Sequence[dict[str, Any]] = ()
    ) -> Record:
        body = {"properties": properties, "associations": list(associations)}
        record_id = self._call("POST", f"_control/records/{kind}", body)["id"]
        url = f"{self.url}/contacts/{self.session()['portal']['id']}/record/{kind}/{record_id}"
        return Record(kind, record_id, name, url)

    def _ask_backend(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The call that a view of the settings makes, signed by HubSpot; returns `data`."""
        order = {
            "extension_uid": SETTINGS_UID,
            "url": f"{PUBLIC_ORIGIN}/{path}",
            "method": "POST",
            "timeout_ms": 15_000,
            "headers": {},
            "body": body,
        }
        answer = self._call("POST", "sandbox-api/hubspot-fetch", order)
        assert answer["status"] == 200, answer
        result = json.loads(answer["body"])
        assert result["ok"], result
        data: dict[str, Any] = result["data"]
        return data

    def _webhooks(self, token: str) -> set[str]:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        answer = requests.get(f"{self.stack.smsfactor_url}/webhook", headers=headers, timeout=TIMEOUT_S)
        answer.raise_for_status()
        return {webhook["type"] for webhook in answer.json().get("webhooks", [])}

    def _has_properties(self) -> bool:
        someone = self._call("GET", f"sandbox-api/records/{CONTACT_TYPE}?limit=1")["results"][0]["id"]
        record = self._call("GET", f"sandbox-api/records/{CONTACT_TYPE}/{someone}")
        return any(found["groupName"] == "smsfactor" for found in record["definitions"])

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = requests.request(method, f"{self.url}/{path}", json=body, timeout=TIMEOUT_S)
        answer.raise_for_status()
        result: dict[str, Any] = answer.json()
        return result


def _typed(number: str) -> str:
    return national(number) if number.startswith("+33") else number


def _e164(typed: str | None) -> str:
    digits = "".join(character for character in typed or "" if character.isdigit())
    return f"+33{digits[1:]}" if digits.startswith("0") and len(digits) == 10 else ""
