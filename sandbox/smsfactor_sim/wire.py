"""The wire: Paris dates, bodies in JSON or XML, answers in JSON or XML, the gateway's statuses.

Facts: SMSFactor docs. The API uses XML in both directions unless the headers ask for JSON. It reports business errors
with HTTP 200 and a negative `status` in the body. The label strings are unconfirmed: a client must not branch on them.
"""

import json
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from flask import Request, Response

PARIS = ZoneInfo("Europe/Paris")

OK, AUTH, XML_ERROR, NO_CREDITS, BAD_DELAY, NOT_FOUND, JSON_ERROR, DATA_ERROR, MODERATED = (
    1, -1, -2, -3, -4, -5, -6, -7, -8,
)  # fmt: skip
LABELS = {
    OK: "OK",
    AUTH: "AUTHENTICATION_ERROR",
    XML_ERROR: "XML_ERROR",
    NO_CREDITS: "INSUFFICIENT_CREDITS",
    BAD_DELAY: "INCORRECT_DELAY",
    NOT_FOUND: "RESOURCE_NOT_FOUND",
    JSON_ERROR: "JSON_ERROR",
    DATA_ERROR: "DATA_ERROR",
    MODERATED: "CAMPAIGN_UNDER_MODERATION",
}


# The sentences of AUTH are recorded; the others are our translation.
FRENCH_LABELS = {
    OK: "OK",
    AUTH: "Token invalide",
    XML_ERROR: "Erreur XML",
    NO_CREDITS: "Crédits insuffisants",
    BAD_DELAY: "Date de différé incorrecte",
    NOT_FOUND: "Ressource introuvable",
    JSON_ERROR: "Erreur JSON",
    DATA_ERROR: "Erreur de données",
    MODERATED: "Campagne en cours de modération",
}
WRONG_PASSWORD = "Le login et le mot de passe ne correspondent pas"
# Parts of our English details and their French.
_FRENCH_DETAILS = (
    ("The field ", "Le champ "),
    ("The parameter ", "Le paramètre "),
    (" is required in ", " est obligatoire dans "),
    (" is required", " est obligatoire"),
    (" is not known", " est inconnu"),
    (" is given twice", " est donné deux fois"),
    (" must be ", " doit être "),
    ("There is no ", "Il n'y a pas de "),
    ("Authentication failed", "Token invalide"),
    ("The text is empty", "Le texte est vide"),
    ("The delay is in the past", "La date de différé est passée"),
)


def labels(language: str) -> dict[int, str]:
    """The sentences of `message`, by status."""
    return FRENCH_LABELS if language == "fr" else LABELS


class Forbidden(Exception):
    """A proxy in front of the gateway refuses the call: HTTP 403 with an HTML page."""


class GatewayError(Exception):
    """A business refusal: HTTP 200, `status` negative, `details` in words."""

    def __init__(self, status: int, details: str) -> None:
        super().__init__(details)
        self.status = status
        self.details = details

    def payload(self, language: str = "en") -> dict[str, Any]:
        """The body of the answer."""
        details = self.details
        if language == "fr":
            for english, french in _FRENCH_DETAILS:
                details = details.replace(english, french)
        return {"status": self.status, "message": labels(language)[self.status], "details": details}


def paris_text(instant: datetime | None) -> str | None:
    """An aware instant as the API writes it: `Y-m-d H:i:s`, Paris wall clock; None stays None."""
    return None if instant is None else instant.astimezone(PARIS).strftime("%Y-%m-%d %H:%M:%S")


def paris_iso(instant: datetime) -> str:
    """An aware instant as DLR webhooks write it: seconds and the Paris offset."""
    return instant.astimezone(PARIS).replace(microsecond=0).isoformat()


def read_paris(text: str) -> datetime:
    """Aware UTC from `Y-m-d H:i:s`, Paris wall clock. Raises ValueError for any other form.

    An hour that exists twice (end of summer time) means the first; an hour that does not exist is moved forward.
    """
    wall = datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - the zone is put on in the next line
    if wall.strftime("%Y-%m-%d %H:%M:%S") != text:
        raise ValueError("not Y-m-d H:i:s")
    return wall.replace(tzinfo=PARIS).astimezone(UTC)


def read_body(request: Request) -> dict[str, Any]:
    """The body as an object, read by its Content-Type: JSON if it says so, else XML, which is the API's
    default.

    Raises GatewayError -6 (malformed JSON), -2 (malformed XML), -7 (not an object).
    """
    raw = request.get_data()
    if request.mimetype == "application/json":
        try:
            body = json.loads(raw)
        except ValueError as error:
            raise GatewayError(JSON_ERROR, f"the body is not JSON: {error}") from error
        if not isinstance(body, dict):
            raise GatewayError(DATA_ERROR, "the body must be an object")
        return body
    return _read_xml(raw)


def _read_xml(raw: bytes) -> dict[str, Any]:
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise GatewayError(XML_ERROR, "document types are not accepted")
    try:
        root = ElementTree.fromstring(raw)  # noqa: S314 - entities are refused above, and only loopback gets here
    except ElementTree.ParseError as error:
        raise GatewayError(XML_ERROR, f"the body is not XML: {error}") from error
    return {root.tag: _from_element(root)}


# Elements that are always lists in JSON, even single ones, and elements that are numbers there.
_REPEATED = {"gsm", "links"}
_NUMBERS = {"unicode", "ttl", "isChild", "unlimited"}


def _from_element(element: ElementTree.Element) -> Any:
    children = list(element)
    if not children:
        text = element.text or ""
        if element.tag == "gsm":
            return {"value": text, **element.attrib}
        return int(text) if element.tag in _NUMBERS and text.isdigit() else text
    found: dict[str, Any] = {}
    for child in children:
        value = _from_element(child)
        if child.tag in _REPEATED or child.tag in found:
            before = found.get(child.tag, [])
            found[child.tag] = [*(before if isinstance(before, list) else [before]), value]
        else:
            found[child.tag] = value
    return found


def wants_json(request: Request) -> bool:
    """True when Accept names JSON. A missing Accept, or the `*/*` of HTTP libraries, gets XML as from the
    real API."""
    return "application/json" in request.headers.get("Accept", "").lower()


def render(payload: dict[str, Any], request: Request, http_status: int = 200) -> Response:
    """The payload in the form the request asked for."""
    if wants_json(request):
        return Response(json.dumps(payload), http_status, mimetype="application/json")
    root = ElementTree.Element("response")
    _fill(root, payload)
    text = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return Response(text, http_status, content_type="application/xml; charset=utf-8")


def _fill(element: ElementTree.Element, value: Any) -> None:
    """Write a JSON value into an element. The XML form of lists is unconfirmed: one `item` each here."""
    if isinstance(value, dict):
        for name, inner in value.items():
            _fill(ElementTree.SubElement(element, name), inner)
    elif isinstance(value, list):
        for inner in value:
            _fill(ElementTree.SubElement(element, "item"), inner)
    elif isinstance(value, bool):
        element.text = "1" if value else "0"
    elif value is not None:
        element.text = str(value)
