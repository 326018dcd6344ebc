"""Live option lists of the workflow actions: senders and templates, searched and paged (HubSpot docs: optionsUrl)."""

from typing import Final

from flask import Response, jsonify

from connector.domain.refusals import Refusal
from connector.domain.senders import check_sender
from connector.domain.vocabulary import CallerCode
from connector.hubspot.executions import OptionSearch, options_answer, read_option_search
from connector.inbound.http.answers import refuse_caller
from connector.inbound.http.callers import WorkflowCall, current_wiring
from connector.store.database import Conn
from connector.store.messages import templates
from connector.store.messages.templates import Template
from connector.store.portals import portals
from connector.store.portals.portals import Portal
from connector.store.portals.senders import used_senders

OPTIONS_PER_PAGE: Final = 50
_PREVIEW_LENGTH: Final = 80  # characters of a template's text that distinguish it from others

Option = dict[str, str]


def senders(call: WorkflowCall) -> Response:
    """The portal's default sender, then earlier ones; a valid search text becomes an option."""
    search = read_option_search(call.body)
    with current_wiring().pool.connection() as conn:
        portal = portals.find_installed(conn, call.portal_id)
        found = _senders(conn, portal, search.text) if portal else []
    if portal is None:
        return refuse_caller(403, CallerCode.PORTAL_NOT_INSTALLED)
    options = [{"label": sender, "value": sender} for sender in found]
    return _page(options[search.skip : search.skip + OPTIONS_PER_PAGE + 1], search.skip)


def templates_(call: WorkflowCall) -> Response:
    """The portal's templates by name; the description is the start of the text."""
    search = read_option_search(call.body)
    with current_wiring().pool.connection() as conn:
        portal = portals.find_installed(conn, call.portal_id)
        found = _templates(conn, call.portal_id, search) if portal else []
    if portal is None:
        return refuse_caller(403, CallerCode.PORTAL_NOT_INSTALLED)
    options = [
        {
            "label": template.name,
            "value": str(template.template_id),
            "description": template.content.text[:_PREVIEW_LENGTH],
        }
        for template in found
    ]
    return _page(options, search.skip)


def _templates(conn: Conn, portal_id: int, search: OptionSearch) -> list[Template]:
    return templates.search(conn, portal_id, search.text, skip=search.skip, limit=OPTIONS_PER_PAGE + 1)


def _senders(conn: Conn, portal: Portal, wanted: str) -> list[str]:
    try:
        typed = check_sender(wanted)
    except Refusal:
        typed = None
    known = [sender for sender in (portal.default_sender, *used_senders(conn, portal.portal_id)) if sender]
    matching = [sender for sender in known if wanted.lower() in sender.lower()]
    return list(dict.fromkeys([*matching, *([typed] if typed else [])]))


def _page(options: list[Option], skip: int) -> Response:
    """At most OPTIONS_PER_PAGE of the options; one option beyond them means another page."""
    next_skip = skip + OPTIONS_PER_PAGE if len(options) > OPTIONS_PER_PAGE else None
    return jsonify(options_answer(options[:OPTIONS_PER_PAGE], next_skip=next_skip))
