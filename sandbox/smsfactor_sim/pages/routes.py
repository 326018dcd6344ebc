"""The pages for people: the platform, the campaign report, the handsets, and the short links' target."""

import hashlib
import re
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from sandbox.smsfactor_sim.handsets.carrier import Carrier
from sandbox.smsfactor_sim.handsets.screens import handsets
from sandbox.smsfactor_sim.pages import texts
from sandbox.smsfactor_sim.pages.report import campaign_report, platform_overview
from sandbox.smsfactor_sim.sending.campaigns import campaigns_of
from sandbox.smsfactor_sim.world import World

# The origin on a phone when no sender was given: an operator's short code of the 36 family (own choice of number).
DEFAULT_SENDER = "36034"
# The page stays quick when a load run has made thousands; /_control/handsets has them all.
_SHOWN_PHONES, _SHOWN_MESSAGES = 24, 100
# A click names the person's device; that of a preview robot names none.
DEVICES = (
    {"brand": "Apple", "model": "iPhone", "os": "iOS"},
    {"brand": "Samsung", "model": "Galaxy S23", "os": "Android"},
    {"brand": "Google", "model": "Pixel 8", "os": "Android"},
)
_LONGEST_ANSWER = 1530  # ten parts of the GSM alphabet
_URL = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")
_SHORT = re.compile(r"https://smsf\.st/([A-Za-z0-9]+)$")


def pages(world: World, carrier: Carrier) -> Blueprint:
    """All pages and the JSON they poll."""
    routes = Blueprint("pages", __name__)

    @routes.get("/")
    def platform() -> ResponseReturnValue:
        with world.lock:
            return _page(world, "platform.html", **platform_overview(world))

    @routes.get("/handsets")
    def handset_page() -> ResponseReturnValue:
        with world.lock:
            return _page(world, "handsets.html", phones=_phones(world))

    @routes.get("/pages/handsets.json")
    def handset_data() -> Response:
        with world.lock:
            return jsonify(now=texts.clock_time(world.now()), phones=_phones(world))

    @routes.get("/report/<ticket>")
    def report(ticket: str) -> ResponseReturnValue:
        with world.lock:
            campaign = world.campaigns.get(ticket)
            if campaign is None:
                return _page(world, "report_unknown.html", ticket=ticket), 404
            return _page(world, "report.html", **campaign_report(world, campaign))

    @routes.get("/pages/version.json")
    def version() -> Response:
        """A version that changes whenever a polling page should reload."""
        with world.lock:
            facts = [
                [one.id, one.status, *(message.status for message in one.messages)]
                for account_id in world.accounts
                for one in campaigns_of(world, account_id)
            ]
            balances = [account.balance for account in world.accounts.values()]
            clicks = [link.clicks for link in world.short_links.values()]
            return jsonify(version=_digest(repr((facts, balances, clicks, len(world.replies)))))

    @routes.get("/s/<code>")
    def short_link(code: str) -> ResponseReturnValue:
        with world.lock:
            link = world.short_links.get(code)
            if link is None:
                return "Not Found", 404
            carrier.click(link)
            return redirect(link.long_url, 302)

    return routes


def language() -> str:
    """fr or en: `?lang=`, else the browser's preference, else French."""
    asked = request.args.get("lang")
    return asked if asked in texts.LANGUAGES else request.accept_languages.best_match(texts.LANGUAGES) or "fr"


def _page(world: World, template: str, **values: Any) -> str:
    return render_template(template, **_words(world), **values)


def _words(world: World) -> dict[str, Any]:
    """Common values for the templates: the texts, and dates and numbers in the page's language."""
    lang, now = language(), world.now()

    def word(key: str, **values: object) -> str:
        return texts.TEXTS[lang][key].format(**values)

    return {
        "lang": lang,
        "t": word,
        "now": now,
        "time": texts.clock_time,
        "day": lambda instant: texts.day(instant, now, lang),
        "day_and_time": lambda instant: texts.day_and_time(instant, now, lang),
        "spaced": texts.spaced_number,
        "count": lambda number: texts.spaced_count(number, lang),
        "path": lambda path: f"{path}?lang={lang}",
        "other_lang": "en" if lang == "fr" else "fr",
        "default_sender": DEFAULT_SENDER,
    }


def _phones(world: World) -> list[dict[str, str]]:
    """Each phone as HTML with a version that changes with it, so that the page redraws only changed phones."""
    words = _words(world)
    found = []
    for phone in handsets(world, _SHOWN_PHONES):
        messages = [_shown(message) for message in phone["messages"][-_SHOWN_MESSAGES:]]
        # The clock in the status bar is left out, so that a passing minute does not scroll a phone back.
        version = _digest(repr(phone) + words["lang"])
        html = render_template(
            "_phone.html",
            **words,
            phone=phone,
            messages=messages,
            custom_sender=_custom_sender(messages),
            devices=DEVICES,
            longest_answer=_LONGEST_ANSWER,
        )
        found.append({"number": phone["number"], "version": version, "html": html})
    return found


def _custom_sender(messages: list[dict[str, Any]]) -> str | None:
    """The sender of the newest SMS when it is a name: a phone cannot answer it. A STOP goes to the short code of the
    mention instead.
    """
    senders = [message["sender"] for message in messages if message["direction"] == "received"]
    return senders[-1] if senders else None


def _shown(message: dict[str, Any]) -> dict[str, Any]:
    return {**message, "at": datetime.fromisoformat(message["at"]), "html": _with_links(message["text"])}


def _with_links(text: str) -> Markup:
    """The text with its short links as real links. Other addresses only look like links, so nothing leaves the
    sandbox.
    """
    parts, last = [], 0
    for match in _URL.finditer(text):
        parts.append(escape(text[last : match.start()]))
        short = _SHORT.match(match[0])
        if short:
            parts.append(
                Markup('<a href="/s/{}" target="_blank" rel="noopener">{}</a>').format(short[1], match[0])
            )
        else:
            parts.append(Markup("<u>{}</u>").format(match[0]))
        last = match.end()
    parts.append(escape(text[last:]))
    return Markup("").join(parts)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
