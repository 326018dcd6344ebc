"""The text of a workflow's SMS: an arrived text or a template with values, with links shortened on request.

HubSpot replaces its tokens before it calls, so the author's words and a record's values cannot be distinguished. Hence
gateway tags in an arrived text are disabled, and only merge fields on the portal's list are filled in: a value that
somebody typed into a form could name any property. The author's tags and merge fields in a template work.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from connector.domain.refusals import Code, Refusal
from connector.domain.text import merge_fields
from connector.domain.text.characters import clean_text, without_tags
from connector.domain.text.links import check_url
from connector.domain.text.segments import SHORT_URL_TAG, STOP_TAG, adds_stop_mention
from connector.domain.vocabulary import PushType

#: A text ready to be composed, and the targets of its short links in order.
TextAndLinks = tuple[str, tuple[str, ...]]

# A URL in running text; "www." without a scheme is unchanged, because the scheme is unknown. A separator before another
# address ends the first one: an address that another one holds ("?to=https://...") follows other characters.
_URL_IN_TEXT: Final = re.compile(r"""https?://(?:(?![,;|]https?://)[^\s<>"])+""", re.IGNORECASE)
# After a URL these belong to the sentence (SMSFactor's other clients strip the same).
_PUNCTUATION: Final = ".,;:!?…'’»”›|–—*"
_BRACKETS: Final = {")": "(", "]": "[", "}": "{"}


def message_fields(message: str, permitted: Collection[str]) -> list[str]:
    """The merge fields in an arrived text, once each. Raises Refusal text_tokens_left for any that is not permitted.

    `permitted`: names of properties, which also permit them with a prefix ("contact.firstname").
    """
    if "{{" not in message:
        return []
    try:
        names = merge_fields.names(message)
    except merge_fields.MergeFieldInvalid as malformed:
        raise Refusal(Code.TEXT_TOKENS_LEFT, fragment=malformed.fragment) from malformed
    refused = [name for name in names if name.rpartition(".")[2] not in permitted]
    if refused:
        raise Refusal(Code.TEXT_TOKENS_LEFT, names=refused)
    return names


def arrived_text(
    message: str,
    *,
    shorten_links: bool,
    permitted: Collection[str] = (),
    values: Mapping[str, str | None] = MappingProxyType({}),
) -> TextAndLinks:
    """The text of an action without a template. `values`: of the merge fields that are `permitted`.

    Raises Refusal text_tokens_left, property_missing, text_empty, url_invalid.
    """
    if not message_fields(message, permitted):
        return _arrived(message, shorten_links=shorten_links)
    rendered = merge_fields.render(without_tags(clean_text(message)), values)
    if rendered.missing:
        raise Refusal(Code.PROPERTY_MISSING, names=list(rendered.missing))
    return _finished(rendered.text, shorten_links=shorten_links)


@lru_cache(maxsize=1024)  # a workflow sends thousands of equal texts
def _arrived(message: str, *, shorten_links: bool) -> TextAndLinks:
    return _finished(without_tags(clean_text(message)), shorten_links=shorten_links)


def _finished(text: str, *, shorten_links: bool) -> TextAndLinks:
    if not text.strip():
        raise Refusal(Code.TEXT_EMPTY)
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
