"""For tests: a small invented project in the build's format, and a simulator that runs it in this process."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from flask import Flask

from sandbox.hubspot_sim import create_app
from sandbox.hubspot_sim.project import load_project
from sandbox.hubspot_sim.webhooks.example import TARGET_ORIGIN, example_webhooks
from sandbox.hubspot_sim.world import PORTAL_ID, Options
from sandbox.in_process import ORIGIN, in_process_session
from sandbox.origins import Origins
from sandbox.serving import closed_at_the_end, running

PUBLIC_ORIGIN = TARGET_ORIGIN
REDIRECT_URI = f"{PUBLIC_ORIGIN}/oauth/hubspot/callback"
CLIENT_ID = "2c6a1d3e-0000-4000-8000-00000000c11e"
CLIENT_SECRET = "5ec2e7aa-0000-4000-8000-0000000000aa"
APP_ID = 1234567
SCOPES = (
    "oauth", "timeline", "crm.objects.contacts.read", "crm.objects.contacts.write",
    "crm.schemas.contacts.read", "crm.schemas.contacts.write",
)  # fmt: skip
OPTIONAL_SCOPES = (
    "automation",
    "crm.objects.companies.read",
    "crm.objects.deals.read",
    "crm.objects.owners.read",
)
# Long enough for a loaded machine, short enough that a hanging simulator fails the test and not the run.
TIMEOUT_S = 20
NOBODY = "http://127.0.0.1:9"  # a closed port

_EVENT_PROPERTIES = [
    {"name": "message_id", "label": "Id", "type": "string"},
    {"name": "recipient", "label": "Recipient", "type": "string"},
    {"name": "parts", "label": "Parts", "type": "number"},
    {"name": "sent_on", "label": "Sent on", "type": "date"},
    {
        "name": "push_type",
        "label": "Push type",
        "type": "enumeration",
        "options": [{"value": "alert", "label": "Alert"}, {"value": "marketing", "label": "Marketing"}],
    },
]


def _component(uid: str, kind: str, config: dict[str, Any], bundle: str | None) -> dict[str, Any]:
    return {"uid": uid, "type": kind, "config": config, "file": f"app/{uid}-hsmeta.json", "bundle": bundle}


def _event(uid: str, name: str, object_type: str) -> dict[str, Any]:
    config = {
        "name": name,
        "objectType": object_type,
        "headerTemplate": "SMS to **{{recipient}}**",
        "detailTemplate": "{{#if parts}}{{parts}} part(s){{/if}}",
        "properties": deepcopy(_EVENT_PROPERTIES),
    }
    return _component(uid, "app-event", config, None)


def _typed(name: str, kind: str, field_type: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "fieldType": field_type, **more}


def _input(
    definition: dict[str, Any], value_type: str = "STATIC_VALUE", *, required: bool = False
) -> dict[str, Any]:
    return {"typeDefinition": definition, "supportedValueTypes": [value_type], "isRequired": required}


def example_action() -> dict[str, Any]:
    """The config of a workflow action for contacts and deals, with every kind of field."""
    kinds = [{"value": "alert", "label": "Alert"}, {"value": "marketing", "label": "Marketing"}]
    statuses = [{"value": value, "label": value} for value in ("queued", "pending", "delivered", "refused")]
    labels = {
        "actionName": "Send",
        "inputFieldLabels": {
            name: name for name in ("recipient", "kind", "sender", "text", "unicode", "wait_hours")
        },
        "inputFieldDescriptions": {},
        "outputFieldLabels": {"status": "Status", "reason": "Reason", "parts": "Parts"},
    }
    return {
        "actionUrl": f"{PUBLIC_ORIGIN}/hubspot/workflow/send",
        "isPublished": True,
        "supportedClients": [{"client": "WORKFLOWS"}],
        "objectTypes": ["CONTACT", "DEAL"],
        "inputFields": [
            _input(_typed("recipient", "string", "text"), "OBJECT_PROPERTY", required=True),
            _input(_typed("kind", "enumeration", "select", options=kinds), required=True),
            _input(
                _typed(
                    "sender", "enumeration", "select", optionsUrl=f"{PUBLIC_ORIGIN}/hubspot/workflow/senders"
                )
            ),
            _input(_typed("text", "string", "textarea")),
            _input(_typed("unicode", "bool", "booleancheckbox")),
            _input(_typed("wait_hours", "number", "number")),
        ],
        "inputFieldDependencies": [
            {
                "dependencyType": "SINGLE_FIELD",
                "controllingFieldName": "kind",
                "dependentFieldNames": ["sender"],
            }
        ],
        "outputFields": [
            {"typeDefinition": _typed("status", "enumeration", "select", options=statuses)},
            {"typeDefinition": _typed("reason", "string", "text")},
            {"typeDefinition": _typed("parts", "number", "number")},
        ],
        "executionRules": [
            {"labelName": "opted_out", "conditions": {"reason": "opted_out"}},
            {"labelName": "queued", "conditions": {"status": "queued"}},
        ],
        "labels": {
            "en": {
                **labels,
                "executionRules": {"opted_out": "Opted out.", "queued": "Queued, {{parts}} part(s)."},
            },
            "fr": {
                **labels,
                "executionRules": {"opted_out": "Désabonné.", "queued": "En attente, {{parts}} SMS."},
            },
        },
    }


def example_project() -> dict[str, Any]:
    """A new project.json like the build's: a card, a settings page, two event types, a workflow action."""
    return {
        "name": "example",
        "platform_version": "2026.09",
        "profile": "sandbox",
        "account_id": PORTAL_ID,
        "variables": {"BACKEND_URL": PUBLIC_ORIGIN},
        "app": {
            "uid": "example_app",
            "config": {
                "name": "Exemple SMS",
                "description": "Envoyer des SMS",
                "distribution": "marketplace",
                "auth": {
                    "type": "oauth",
                    "redirectUrls": [REDIRECT_URI],
                    "requiredScopes": list(SCOPES),
                    "optionalScopes": list(OPTIONAL_SCOPES),
                    "conditionallyRequiredScopes": ["crm.objects.deals.write"],
                },
                "permittedUrls": {"fetch": [PUBLIC_ORIGIN], "iframe": [], "img": []},
            },
        },
        "components": [
            _component(
                "card",
                "card",
                {"name": "SMS", "location": "crm.record.sidebar", "objectTypes": ["contacts", "DEAL"]},
                "bundles/Card.js",
            ),
            _component("settings", "settings", {"entrypoint": "/app/settings/S.tsx"}, "bundles/Settings.js"),
            _event("sms_sent_contact", "SMS envoyé", "CONTACT"),
            _event("sms_sent_company", "SMS envoyé", "COMPANY"),
            _component("send", "workflow-action", example_action(), None),
            _component("webhooks", "webhooks", example_webhooks(), None),
        ],
    }


def write_build(folder: Path, project: Mapping[str, Any] | None = None) -> Path:
    """Write the files of a build: project.json, bundles, the host's files. Returns the folder."""
    files = {
        "project.json": json.dumps(project or example_project()),
        "bundles/Card.js": "// card",
        "bundles/Settings.js": "// settings",
        "host/index.html": "<!doctype html><title>host</title>",
        "host/host.js": "// host",
        "host/worker-runtime.js": "// worker",
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


class HubSpot:
    """A client of a running simulator. Keeps no cookies and follows no redirects."""

    def __init__(self, url: str, session: requests.Session) -> None:
        self.url = url
        self._session = session
        self.access_token = ""
        self.refresh_token = ""

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """One call, sent as given."""
        options = {"timeout": TIMEOUT_S, "allow_redirects": False, **options}
        return self._session.request(method, self.url + path, **options)

    def api(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        """One API call with the access token of `install`."""
        headers = {"Authorization": f"Bearer {self.access_token}"}
        return self.call(method, path, json=body, headers=headers, **options)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the control API; its JSON. Raises requests.HTTPError when it is refused."""
        response = self.call(method, f"/_control/{path}", json=body)
        response.raise_for_status()
        return response.json()

    def reset(self) -> None:
        """Back to the start, with the app not installed."""
        self.control("POST", "reset")
        self.access_token = self.refresh_token = ""

    def settings(self, **changes: Any) -> None:
        """Change settings of the simulator."""
        self.control("POST", "settings", changes)

    def authorize(
        self, *, decision: str | None = "approve", portal: int | str | None = None, **changes: str | None
    ) -> requests.Response:
        """Press a button on the consent page; `changes` replace parameters of the URL, None drops one."""
        path = "/oauth/authorize" if portal is None else f"/oauth/{portal}/authorize"
        return self.call("POST", path, params=self.install_url(**changes), data={"decision": decision})

    def install_url(self, **changes: str | None) -> dict[str, str]:
        """The query of a correct authorize URL, with changes."""
        given: dict[str, str | None] = {
            "client_id": CLIENT_ID,
            "redirect_uri": REDIRECT_URI,
            "scope": " ".join(SCOPES),
            "optional_scope": " ".join(OPTIONAL_SCOPES),
            "state": "s-1",
            **changes,
        }
        return {name: value for name, value in given.items() if value is not None}

    def token(self, **fields: str | None) -> requests.Response:
        """A call of the token endpoint with the right client; `fields` add, replace or drop (None)."""
        form = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **fields}
        return self.call("POST", "/oauth/2026-09/token", data=form)

    def code(self, *, portal: int | str | None = None, **changes: str | None) -> str:
        """Approve and return the code."""
        target = urlsplit(self.authorize(portal=portal, **changes).headers["Location"])
        return parse_qs(target.query)["code"][0]

    def install(self, **changes: str | None) -> dict[str, Any]:
        """Install the app; stores and returns the tokens."""
        fields = {
            "grant_type": "authorization_code",
            "redirect_uri": REDIRECT_URI,
            "code": self.code(**changes),
        }
        answer: dict[str, Any] = self.token(**fields).json()
        self.access_token, self.refresh_token = answer["access_token"], answer["refresh_token"]
        return answer


@contextmanager
def running_hubspot(
    folder: Path, *, backend_url: str = NOBODY, project: Mapping[str, Any] | None = None
) -> Iterator[HubSpot]:
    """A simulator on a free port while the block runs. backend_url: the loopback address of PUBLIC_ORIGIN."""
    with running(_app(folder, backend_url, project)) as url, requests.Session() as session:
        session.trust_env = False
        yield HubSpot(url, session)


@contextmanager
def hubspot_in_process(
    folder: Path, *, backend_url: str = NOBODY, project: Mapping[str, Any] | None = None
) -> Iterator[HubSpot]:
    """As `running_hubspot`, without HTTP between test and simulator."""
    app = _app(folder, backend_url, project)
    with closed_at_the_end(app), in_process_session(app) as session:
        yield HubSpot(ORIGIN, session)


def _app(folder: Path, backend_url: str, project: Mapping[str, Any] | None) -> Flask:
    assets = write_build(folder, project)
    options = Options(
        assets=assets,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        app_id=APP_ID,
        origins=Origins.parse([f"{PUBLIC_ORIGIN}={backend_url}"]),
        gateway_url=NOBODY,
        gateway_token="gateway-token",
    )
    return create_app(options, load_project(assets))
