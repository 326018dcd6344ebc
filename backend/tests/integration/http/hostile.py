"""A hostile world: a portal that calls, a victim beside it with all a portal can have, and bodies of all routes.

The caller's portal is the simulator's, so that reads of its records succeed; SMSFactor is at a closed port.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask

from backend.tests.factories import a_portal, queue
from backend.tests.integration.view_calls import open_card
from backend.tests.workflow_calls import SEGMENT, execution, signed
from connector import create_app
from connector.domain.phone_numbers import PhoneNumber, parse
from connector.domain.vocabulary import PushType
from connector.store.database import Conn
from connector.store.messages.templates import Author, TemplateContent
from connector.store.portals import account_webhooks, portals
from connector.store.portals.account_webhooks import WebhookSecrets
from connector.store.portals.portals import Portal
from connector.use_cases.messages import edit_templates
from connector.wiring import Wiring
from sandbox.hubspot_sim.world import PORTAL_ID

RECORD, MOBILE = "501", "+33612345678"
#: Stands in every text of the victim, and in no answer to anybody else.
MARK = "Secret-du-voisin"


@dataclass(frozen=True)
class World:
    """The application and what the tests know of both portals."""

    app: Flask
    own: Portal
    own_webhook: WebhookSecrets
    victim: Portal
    victim_webhook: WebhookSecrets
    #: Whatever names something of the victim.
    victim_ids: tuple[Any, ...]
    number: str  # of the caller's record, which the victim has texted too


def build(connected: Wiring, conn: Conn) -> World:
    """Both portals, with a template, a message, an execution and an opt-out of the victim."""
    app = create_app(connected.settings, connected)
    client = app.test_client()
    own = portals.find_installed(conn, PORTAL_ID)
    assert own is not None
    victim = a_portal(conn, connected.vault)
    number = number_of_record(app)
    template = save_template(conn, victim, MARK)
    message = queue(
        conn, connected.vault, victim, text=f"{MARK} 1", recipient=number, object_id=RECORD, user_id=77
    ).message
    call = execution(victim.portal_id, message=f"{MARK} 2", recipient=number.e164)
    path = workflow_path("send-sms")
    assert client.post(path, **signed(path, call)).status_code == 200
    webhooks = [
        account_webhooks.webhook_secrets(conn, connected.vault, client_id)
        for client_id in ("4471", str(victim.portal_id))
    ]
    conn.execute(
        "INSERT INTO opt_outs (portal_id, recipient, source, text, opted_out_at)"
        " VALUES (%s, '+33612345699', 'stop', %s, now()) ON CONFLICT DO NOTHING",
        (victim.portal_id, MARK),
    )
    conn.commit()
    ids = (victim.portal_id, str(message.message_id), str(template), message.gateway_id, call["callbackId"])
    return World(app, own, webhooks[0], victim, webhooks[1], ids, number.e164)


def number_of_record(app: Flask) -> PhoneNumber:
    """The first usable number of the record that the caller's users see."""
    shown = next(number for number in open_card(app, "0-1", RECORD)["numbers"] if number["recipient"])
    parsed = parse(shown["recipient"], "FR")
    assert isinstance(parsed, PhoneNumber)
    return parsed


def save_template(conn: Conn, portal: Portal, text: str) -> uuid.UUID:
    content = TemplateContent(text, [], PushType.ALERT, None, False)
    name = f"{text} {uuid.uuid4().hex}"
    saved = edit_templates.save(conn, portal.portal_id, name, content, author=Author(77, "a@b.example"))
    conn.commit()
    return uuid.UUID(str(saved.template_id))


def workflow_path(name: str) -> str:
    return f"/hubspot/workflow/{SEGMENT}/{name}"


def bodies(world: World) -> Mapping[str, dict[str, Any]]:
    """A usable body of every route, by its path's pattern. Ids that a call needs are new or unknown."""
    record = {"object_type_id": "0-1", "object_id": RECORD}
    content: dict[str, Any] = {
        "text": "Bonjour",
        "links": [],
        "push_type": "alert",
        "sender": None,
        "unicode": False,
    }
    number = {"property": "mobilephone", "recipient": world.number}
    number |= {"number_object_type_id": "0-1", "number_object_id": RECORD}
    message = {**record, **number, **content, "send_at": None}
    unknown = str(uuid.UUID(int=7))
    rights: dict[str, Any] = {"send": None, "templates": None, "consent": None, "settings": None}
    event = {"date": "2026-11-23T09:00:00", "from": world.number.lstrip("+"), "message": "Oui"}
    views: dict[str, dict[str, Any]] = {
        "card/open": record,
        "card/messages": {"ids": [unknown]},
        "card/mark-read": record,
        "card/properties": {"object_type_id": "0-1"},
        "card/preview": message,
        "card/send": {**message, "idempotency_key": "key-of-the-caller", "template_id": None},
        "card/cancel": {"id": unknown},
        "card/send-held": {**message, "id": unknown},
        "card/draft": record,
        "card/save-draft": {
            **record,
            "written_at": "2026-11-23T09:00:00Z",
            "draft": {**number, **content, "removes_special": False, "send_at": None, "template_id": unknown},
        },
        "card/record-consent": {**record, "recipient": world.number, "reason": "a rappelé"},
        "card/record-opt-out": {**record, "recipient": world.number, "reason": "au téléphone"},
        "templates/list": {},
        "templates/save": {"name": "Accueil", **content},
        "templates/update": {"id": unknown, "version": 1, **content},
        "templates/rename": {"id": unknown, "name": "Autre"},
        "templates/delete": {"id": unknown},
        "settings/open": {},
        "settings/link-account": {"token": "token"},
        "settings/preferences": {},
        "settings/save-preferences": {
            "default_country": "FR",
            "default_push_type": "alert",
            "default_sender": None,
            "phone_properties": {"contacts": ["mobilephone", "phone"], "companies": ["phone"]},
            "alert_rule": "block",
            "calendar": {"start_hour": 8, "end_hour": 20, "alsace_moselle": False},
            "allowed_countries": None,
        },
        "settings/rights": {},
        "settings/save-rights": rights,
        "settings/outgoing": {},
        "settings/limit-outgoing": {
            "hourly_cap": None,
            "pace_per_minute": None,
            "max_ages_h": {"card": 24, "reply": 24, "workflow": 24, "bulk": 24},
        },
        "settings/pause-outgoing": {},
        "settings/resume-outgoing": {},
    }
    search = {"origin": {"portalId": PORTAL_ID}, "fetchOptions": {"q": "", "after": ""}}
    workflows: dict[str, dict[str, Any]] = {
        "send-sms": execution(PORTAL_ID, message=None, template=unknown, recipient=world.number),
        "send-sms-deal": execution(PORTAL_ID, phone_property="mobilephone"),
        "options/senders": search,
        "options/templates": search,
    }
    return {
        **{f"/view/{name}": body for name, body in views.items()},
        **{f"/hubspot/workflow/<segment>/{name}": body for name, body in workflows.items()},
        "/smsfactor/events/<path_secret>/<kind>": {**event, "last_message_id": "", "account_id": ""},
    }


def fingerprint(conn: Conn, portal: Portal) -> dict[str, str]:
    """A hash of the portal's rows, by table; of its account's too."""
    tables = conn.execute(
        "SELECT table_name AS name, bool_or(column_name = 'portal_id') AS by_portal"
        " FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)"
        " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        " AND column_name IN ('portal_id', 'client_id') GROUP BY 1 ORDER BY 1"
    ).fetchall()
    found = {}
    for table in tables:
        name, key = table["name"], "portal_id" if table["by_portal"] else "client_id"
        row = conn.execute(
            f"SELECT md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text), '')) AS hash FROM {name} t"  # noqa: S608
            f" WHERE {key}::text = %s",
            (str(portal.portal_id),),
        ).fetchone()
        assert row is not None
        found[name] = row["hash"]
    conn.commit()
    return found
