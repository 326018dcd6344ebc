"""Live option lists of the workflow actions: senders and templates, searched and paged (HubSpot docs: optionsUrl)."""

from typing import Any, Final

from flask import Blueprint, Response, jsonify

from connector.domain.refusals import Refusal
from connector.domain.senders import check_sender
from connector.domain.text.texts import storable
from connector.inbound.http.answers import refuse_caller
from connector.inbound.http.callers import WorkflowCall, current_wiring, from_workflow
from connector.store.database import Conn
from connector.store.messages import templates
from connector.store.portals import portals
from connector.store.portals.portals import Portal
from connector.store.portals.senders import used_senders

blueprint = Blueprint("workflow_options", __name__, url_prefix="/hubspot/workflow/options")

PAGE: Final = 50
_PREVIEW: Final = 80  # characters of a template's text that tell it from others

Option = dict[str, str]


@blueprint.post("/senders")
@from_workflow
def senders(call: WorkflowCall) -> Response:
    """The portal's default sender, then those used before; a valid one that is typed becomes an option."""
    wanted, skip = _asked(call.body)
    with current_wiring().pool.connection() as conn:
        portal = portals.find_installed(conn, call.portal_id)
        found = _senders(conn, portal, wanted) if portal else []
    if portal is None:
        return refuse_caller(403, "portal_not_installed")
    return _page([{"label": sender, "value": sender} for sender in found][skip : skip + PAGE + 1], skip)


@blueprint.post("/templates")
@from_workflow
def templates_(call: WorkflowCall) -> Response:
    """The portal's templates by name; the description is the beginning of the text."""
    wanted, skip = _asked(call.body)
    with current_wiring().pool.connection() as conn:
        portal = portals.find_installed(conn, call.portal_id)
        found = templates.search(conn, call.portal_id, wanted, skip=skip, limit=PAGE + 1) if portal else []
    if portal is None:
        return refuse_caller(403, "portal_not_installed")
    options = [
        {
            "label": template.name,
            "value": str(template.template_id),
            "description": template.content.text[:_PREVIEW],
        }
        for template in found
    ]
    return _page(options, skip)


def _senders(conn: Conn, portal: Portal, wanted: str) -> list[str]:
    try:
        typed = check_sender(wanted)
    except Refusal:
        typed = None
    known = [sender for sender in (portal.default_sender, *used_senders(conn, portal.portal_id)) if sender]
    matching = [sender for sender in known if wanted.lower() in sender.lower()]
    return list(dict.fromkeys([*matching, *([typed] if typed else [])]))


def _asked(body: dict[str, Any]) -> tuple[str, int]:
    """Search text and how many options were shown already. HubSpot docs; read leniently, as nobody has captured one."""
    options = body.get("fetchOptions")
    options = options if isinstance(options, dict) else {}
    wanted, after = options.get("q"), str(options.get("after") or "")
    skip = int(after) if after.isascii() and after.isdigit() and len(after) <= 6 else 0
    return (storable(wanted).strip() if isinstance(wanted, str) else ""), skip


def _page(options: list[Option], skip: int) -> Response:
    """At most PAGE options; `after` only when there are more."""
    answer: dict[str, object] = {"options": options[:PAGE], "searchable": True}
    if len(options) > PAGE:
        answer["after"] = str(skip + PAGE)
    return jsonify(answer)
