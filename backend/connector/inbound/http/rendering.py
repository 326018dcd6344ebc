"""Renders messages, balances and the settings' address for answers; instants are ISO 8601 in UTC."""

import json
from datetime import UTC, datetime
from typing import Any

from connector.domain.message import is_final, waits_for_its_time
from connector.domain.text.segments import SHORT_URL_TAG, STOP_TAG
from connector.domain.vocabulary import MessageState
from connector.settings import HUBSPOT_APP_URL, Settings
from connector.store.messages.messages import Message
from connector.store.portals.accounts import AccountLink
from connector.store.portals.portals import Portal


def render_instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def shortened(text: str, most_bytes: int) -> str:
    """The text, cut to at most `most_bytes` in JSON with an ellipsis.

    Never cuts a gateway tag in half.
    """
    if json_bytes(text) <= most_bytes:
        return text
    room = most_bytes - json_bytes("…")
    for end, character in enumerate(text):
        room -= json_bytes(character)
        if room < 0:
            return _without_begun_tag(text[:end]) + "…"
    return text


def _without_begun_tag(text: str) -> str:
    before, opening, rest = text.rpartition("<")
    begun = opening + rest
    is_cut = any(tag.startswith(begun) and tag != begun for tag in (SHORT_URL_TAG, STOP_TAG))
    return before if opening and is_cut else text


def first_links(links: list[str], most_bytes: int) -> list[str]:
    """The first links that fit into `most_bytes` in JSON."""
    room = most_bytes
    for end, link in enumerate(links):
        room -= json_bytes(link)
        if room < 0:
            return links[:end]
    return links


def json_bytes(text: str) -> int:
    """Bytes of the text in an answer, without its quotes."""
    return len(json.dumps(text, ensure_ascii=False).encode("utf-8", "surrogatepass")) - 2


def leaves_at(message: Message) -> datetime | None:
    """The time at which a scheduled message will leave, or a held one was to leave; None for all others."""
    if message.state == MessageState.HELD:
        return message.due_at
    waits = waits_for_its_time(message.state, message.reason, message.due_at, datetime.now(UTC))
    return message.due_at if waits else None


def render_message(message: Message, settings: Settings) -> dict[str, Any]:
    """The JSON of a message for the views."""
    due_at = leaves_at(message)
    return {
        "id": str(message.message_id),
        "direction": message.direction,
        "text": message.text,
        "links": message.links,
        "is_shortened": False,
        "status": message.state,
        "reason": message.reason,
        "at": render_instant(message.created_at),
        "due_at": render_instant(due_at) if due_at else None,
        "recipient": message.recipient,
        "person_name": None,
        "sender": message.sender,
        "push_type": message.push_type,
        "parts": message.parts,
        "cost_credits": message.cost_credits,
        "report_url": settings.report_url_template.replace("{ticket}", message.ticket)
        if message.ticket
        else None,
        "final": is_final(message.state),
    }


def render_balance(link: AccountLink | None) -> dict[str, Any] | None:
    """The JSON of a balance; None: the balance is not known."""
    if link is None or link.balance is None:
        return None
    balance = link.balance
    return {"mode": balance.mode, "value": balance.credits, "at": render_instant(balance.at)}


def settings_url(portal: Portal, settings: Settings) -> str:
    """The app's settings in this portal; HubSpot's UI host depends on the portal's data centre."""
    is_real = settings.hubspot_app_url == HUBSPOT_APP_URL  # elsewhere one host serves all data centres
    host = f"https://{portal.ui_domain}" if is_real and portal.ui_domain else settings.hubspot_app_url
    return f"{host}/connected-apps/{portal.portal_id}/installed/{settings.hubspot_app_id}"
