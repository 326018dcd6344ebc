"""Executions that need reads from HubSpot's simulator: initial rows for tests of resolving."""

import uuid
from typing import Any

from backend.tests.integration.workflows.executions import an_execution
from connector.domain.vocabulary import Action, LaneKind, PushType
from connector.domain.workflows.fields import Execution
from connector.store import lanes
from connector.store.database import Conn
from connector.store.lanes import Turn
from connector.store.messages import templates
from connector.store.messages.templates import Author, TemplateContent
from connector.store.portals import portals
from connector.store.portals.portals import Portal
from sandbox.hubspot_sim.testing import HubSpot
from sandbox.hubspot_sim.world import PORTAL_ID

CONTACTS, COMPANIES, DEALS = "0-1", "0-2", "0-3"


def a_deal(object_id: str = "1301", **inputs: Any) -> Execution:
    return an_execution(Action.SEND_SMS_DEAL, DEALS, object_id, **inputs)


def a_template(own: Conn, text: str, links: list[str] | None = None) -> str:
    template_id = uuid.uuid4()
    content = TemplateContent(text, links or [], PushType.ALERT, None, False)
    templates.add(own, PORTAL_ID, template_id, template_id.hex, content, Author(77, None))
    own.commit()
    return str(template_id)


def installed(own: Conn) -> Portal:
    """The simulator's portal, whose workflows the app may block."""
    found = portals.find_installed(own, PORTAL_ID)
    own.commit()
    assert found is not None
    assert "automation" in found.scopes
    return found


def turn_of(own: Conn) -> Turn:
    own.execute(
        "UPDATE lanes SET next_due_at = now(), not_before = NULL, lease_until = NULL WHERE kind = 'resolve'"
    )
    own.commit()
    turn = lanes.take(own, owner="test", lease_s=60.0, kinds=[LaneKind.RESOLVE])
    assert turn is not None
    return turn


def calls(hubspot: HubSpot) -> dict[str, int]:
    families = hubspot.control("GET", "api-calls")["families"]
    return {family: counted["calls"] for family, counted in families.items()}
