"""The simulated HubSpot portal as tests prepare and question it. A person's own steps are in `pages`."""

import itertools
from dataclasses import astuple, dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from sandbox.stack import PUBLIC_ORIGIN, Stack
from waiting import until

TIMEOUT_S = 30.0
CONTACT_TYPE, COMPANY_TYPE, DEAL_TYPE = "0-1", "0-2", "0-3"
ASSOCIATION_IDS = {CONTACT_TYPE: 3, COMPANY_TYPE: 341}  # of a deal with each (HubSpot docs, associations)
SETTINGS_UID = "sms_settings"
WEBHOOK_TYPES = {"DLR", "STOP"}
_FIRST_NAMES = ("Agathe", "Basile", "Clara", "Damien", "Elsa", "Félix", "Gaëlle", "Henri", "Iris", "Joël")
_numbers = itertools.count()


@dataclass(frozen=True)
class CrmRecord:
    """A contact, company or deal of the portal."""

    type_id: str
    id: str
    name: str
    url: str


@dataclass(frozen=True)
class Contact(CrmRecord):
    """`mobile` and `phone` are E.164, or empty."""

    mobile: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Company(CrmRecord):
    """`phone` is E.164, or empty."""

    phone: str = ""


def new_number(ending: int | None = None) -> str:
    """A French mobile number that no other test has, E.164. The gateway delivers to endings below 90."""
    number = next(_numbers)
    return f"+33612{number // 80:04d}{10 + number % 80 if ending is None else ending:02d}"


def national(e164: str) -> str:
    """A French number as people type it into HubSpot: 06 12 34 56 78."""
    digits = "0" + e164.removeprefix("+33")
    return " ".join(digits[at : at + 2] for at in range(0, 10, 2))


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
        order = {
            "extension_uid": SETTINGS_UID,
            "url": f"{PUBLIC_ORIGIN}/settings/link-account",
            "method": "POST",
            "timeout_ms": 15_000,
            "headers": {},
            "body": {"token": token},
        }
        answer = self._call("POST", "sandbox-api/hubspot-fetch", order)
        assert answer["status"] == 200, answer
        assert '"ok":true' in answer["body"].replace(" ", ""), answer
        until(lambda: self._webhooks(token) >= WEBHOOK_TYPES, "the webhooks are registered")
        until(self._has_properties, "the properties are created")

    def new_contact(self, *, mobile: str = "", phone: str = "", **properties: str) -> Contact:
        """A contact of one's own, so that tests meet no messages of others. Numbers: E.164 or as typed."""
        first, last = _FIRST_NAMES[next(_numbers) % len(_FIRST_NAMES)], f"Essai {next(_numbers)}"
        typed = {name: _typed(value) for name, value in (("mobilephone", mobile), ("phone", phone))}
        body = {"properties": {"firstname": first, "lastname": last, **typed, **properties}}
        made = self._new(CONTACT_TYPE, f"{first} {last}", body)
        return Contact(*astuple(made), mobile, phone)

    def new_company(self, *, phone: str = "") -> Company:
        """A company of one's own."""
        name = f"Maison {next(_numbers)}"
        made = self._new(COMPANY_TYPE, name, {"properties": {"name": name, "phone": _typed(phone)}})
        return Company(*astuple(made), phone)

    def new_deal(self, *associated: CrmRecord) -> CrmRecord:
        """A deal of one's own with contacts and companies, in the order of association."""
        name = f"Affaire {next(_numbers)}"
        facts = {"dealname": name, "pipeline": "default", "dealstage": "appointmentscheduled"}
        associations = [
            {
                "to": {"id": record.id},
                "types": [
                    {
                        "associationCategory": "HUBSPOT_DEFINED",
                        "associationTypeId": ASSOCIATION_IDS[record.type_id],
                    }
                ],
            }
            for record in associated
        ]
        return self._new(DEAL_TYPE, name, {"properties": facts, "associations": associations})

    def _new(self, type_id: str, name: str, body: dict[str, Any]) -> CrmRecord:
        record_id = self._call("POST", f"_control/records/{type_id}", body)["id"]
        return CrmRecord(type_id, record_id, name, self._url(type_id, record_id))

    def _url(self, type_id: str, record_id: str) -> str:
        return f"{self.url}/contacts/{self.session()['portal']['id']}/record/{type_id}/{record_id}"

    def change(self, record: CrmRecord, **properties: str) -> None:
        """Edit the record as another person would."""
        self._call("PATCH", f"sandbox-api/records/{record.type_id}/{record.id}", {"properties": properties})

    def record(self, record: CrmRecord) -> dict[str, Any]:
        """What the page of the record is drawn from."""
        return self._call("GET", f"sandbox-api/records/{record.type_id}/{record.id}")

    def find(self, name: str) -> Contact:
        """One of the people that every sandbox has, by first and last name."""
        for row in self._call("GET", f"sandbox-api/records/{CONTACT_TYPE}?limit=100")["results"]:
            facts = row["properties"]
            if f"{facts['firstname']} {facts['lastname']}" == name:
                numbers = (_e164(facts.get("mobilephone")), _e164(facts.get("phone")))
                url = self._url(CONTACT_TYPE, row["id"])
                return Contact(CONTACT_TYPE, row["id"], name, url, *numbers)
        raise LookupError(name)

    def fault(self, kind: str, path: str, method: str = "POST", **details: Any) -> None:
        """Order a fault for the next call of the simulated HubSpot (see its /_control/help)."""
        self._call("POST", "_control/faults", {"method": method, "path": path, "kind": kind, **details})

    def clear_faults(self) -> None:
        requests.delete(f"{self.url}/_control/faults", timeout=TIMEOUT_S).raise_for_status()

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
