"""Links that the gateway shortens: the accepted URLs, and the places of their placeholders in the text.

SMSFactor docs: the text holds one "<-short->" per link and the URLs travel beside it, in the same order. The gateway's
behaviour when the numbers differ is unconfirmed, so such a text is never sent.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final
from urllib.parse import SplitResult, urlsplit

from connector.domain.refusals import Code, Refusal
from connector.domain.text.segments import SHORT_URL_TAG, STOP_TAG, adds_stop_mention
from connector.domain.vocabulary import PushType

#: Our limit: the gateway documents none, and all browsers and proxies accept 2,000 characters.
MAX_URL_LENGTH: Final = 2000

# RFC 3986 allows none of these in a URL. Browsers read a backslash as a slash, so the host seen and the host visited
# could differ; braces are a merge field that nothing would replace.
_NEVER_IN_URL: Final = frozenset('<>"\\{}')
# Short or written out, with or without a scheme ("lumen.fr/promo": phones make links of those too), up to the next
# blank: a full stop after a URL does not end it. "14.Merci" looks like a URL, so it gets a line break.
_URL: Final = rf"(?:{SHORT_URL_TAG}|https?://|www\.|[^\W_]\.[^\W\d_]{{2}})\S*"
_ENDS_WITH_URL: Final = re.compile(rf"{_URL}\Z", re.IGNORECASE)
_STOP_BEHIND_URL: Final = re.compile(rf"({_URL}?){STOP_TAG}", re.IGNORECASE)


class LinkRefused(Refusal):
    """A link that cannot be sent: `url_invalid` (with the URL) or `link_count_wrong`."""


def check_url(url: str) -> str:
    """Return the URL to shorten, trimmed. Raises LinkRefused url_invalid.

    Accepted: http or https with a host, at most MAX_URL_LENGTH characters. Refused: blanks or control characters
    inside, and a user name or password, which a short link would reveal to everyone.
    """
    trimmed = url.strip()
    parts = _split(trimmed)
    if (
        parts is None
        or len(trimmed) > MAX_URL_LENGTH
        or any(_is_blank_or_control(c) or c in _NEVER_IN_URL for c in trimmed)
        or parts.scheme not in ("http", "https")
        or "@" in parts.netloc
        or not any(c.isalnum() for c in parts.hostname or "")
    ):
        raise LinkRefused(Code.URL_INVALID, url=url[:MAX_URL_LENGTH])
    return trimmed


def place_links(text: str, links: Sequence[str], *, push_type: PushType, sender: str | None) -> str:
    """Return the text to send with these links. Raises LinkRefused link_count_wrong.

    The gateway appends its STOP mention without a blank, which breaks a URL at the end of the text (seen in
    production). So a text that ends with a URL, short or written out, gets the mention's tag on a new line. If the
    author placed the mention right after a URL, a line break is put between them. Repeating this changes nothing.
    Count segments on the result.
    """
    if text.count(SHORT_URL_TAG) != len(links):
        raise LinkRefused(Code.LINK_COUNT_WRONG)
    if STOP_TAG in text:
        return _STOP_BEHIND_URL.sub(rf"\1\n{STOP_TAG}", text)
    # The gateway trims the end before it adds the mention, so blanks there do not help.
    trimmed = text.rstrip()
    if adds_stop_mention(push_type, sender) and _ENDS_WITH_URL.search(trimmed):
        return f"{trimmed}\n{STOP_TAG}"
    return text


def _split(url: str) -> SplitResult | None:
    """The parts of a URL, or None if it cannot be split (a broken IPv6 host, port 99999)."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _is_blank_or_control(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in ("Cc", "Cf", "Cs")
