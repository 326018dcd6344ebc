"""The text of a workflow's SMS: an arrived text or a template with values, with links shortened on request.

HubSpot replaces its tokens before it calls, so the author's words and a record's values cannot be distinguished. Hence
gateway tags in an arrived text are disabled; the author's tags in a template work.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from connector.domain.refusals import Code, Refusal
from connector.domain.text import merge_fields
from connector.domain.text.links import check_url
from connector.domain.text.segments import SHORT_URL_TAG, STOP_TAG, adds_stop_mention
from connector.domain.vocabulary import PushType

#: A text ready to be composed, and the targets of its short links in order.
TextAndLinks = tuple[str, tuple[str, ...]]

# A URL in running text; "www." without a scheme is unchanged, because the scheme is unknown.
_URL_IN_TEXT: Final = re.compile(r"""https?://[^\s<>"]+""", re.IGNORECASE)
# After a URL these belong to the sentence (SMSFactor's other clients strip the same).
_PUNCTUATION: Final = ".,;:!?…'’»”"
_BRACKETS: Final = {")": "(", "]": "["}


@lru_cache(maxsize=1024)  # a workflow sends thousands of equal texts
def arrived_text(message: str, *, shorten_links: bool) -> TextAndLinks:
    """The text of an action without a template. Raises Refusal text_tokens_left, text_empty, url_invalid."""
    if "{{" in message:
        raise Refusal(Code.TEXT_TOKENS_LEFT)
    if not message.strip():
        raise Refusal(Code.TEXT_EMPTY)
    text = merge_fields.without_tags(message)
    return shortened(text) if shorten_links else (text, ())


def template_text(
    text: str, links: Sequence[str], values: Mapping[str, str | None], *, shorten_links: bool
) -> TextAndLinks:
    """A template with a record's values.

    A template with short links is not searched for more URLs: its author chose the order of its links.
    Raises Refusal property_missing, text_tokens_invalid, url_invalid.
    """
    rendered = merge_fields.render(text, values)
    if rendered.missing:
        raise Refusal(Code.PROPERTY_MISSING, names=list(rendered.missing))
    if shorten_links and SHORT_URL_TAG not in rendered.text:
        return shortened(rendered.text)
    return rendered.text, tuple(links)


def shortened(text: str) -> TextAndLinks:
    """Every URL of the text replaced by the gateway's placeholder. Raises Refusal url_invalid."""
    links: list[str] = []

    def place(match: re.Match[str]) -> str:
        url = _without_punctuation(match.group())
        links.append(check_url(url))
        return SHORT_URL_TAG + match.group()[len(url) :]

    return _URL_IN_TEXT.sub(place, text), tuple(links)


def with_stop_mention(text: str, push_type: PushType, sender: str | None) -> str:
    """The text with the STOP mention on its own line, unless the text has it or the gateway adds it."""
    if STOP_TAG in text or adds_stop_mention(push_type, sender):
        return text
    return f"{text.rstrip()}\n{STOP_TAG}"


def _without_punctuation(url: str) -> str:
    """The URL without trailing punctuation of the sentence; brackets that the URL opened stay."""
    while url:
        last = url[-1]
        opening = _BRACKETS.get(last)
        is_extra = opening is not None and url.count(last) > url.count(opening)
        if last not in _PUNCTUATION and not is_extra:
            break
        url = url[:-1]
    return url
