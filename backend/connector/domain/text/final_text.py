"""The final text of an SMS: links and STOP mention placed, alphabet checked, parts counted."""

from dataclasses import dataclass
from functools import lru_cache

from connector.domain.refusals import Code, Refusal
from connector.domain.text.links import check_url, place_links
from connector.domain.text.segments import MAX_PARTS, Segments, count, counted_text, is_gsm7, not_gsm7
from connector.domain.vocabulary import PushType


@dataclass(frozen=True, slots=True)
class FinalText:
    text: str
    links: tuple[str, ...]
    segments: Segments


@lru_cache(maxsize=1024)  # the same text goes to thousands of people
def finish_text(
    text: str, links: tuple[str, ...], *, push_type: PushType, sender: str | None, unicode: bool
) -> FinalText:
    """Place the links and check `text`, which has no merge fields left; `unicode` permits characters outside GSM-7.

    Raises Refusal url_invalid, link_count_wrong, text_not_gsm7, text_too_long.
    """
    checked = tuple(check_url(link) for link in links)
    placed = place_links(text, checked, push_type=push_type, sender=sender)
    if not unicode and not is_gsm7(placed):
        raise Refusal(Code.TEXT_NOT_GSM7, characters=not_gsm7(placed)[:20])
    segments = count(counted_text(placed, push_type, sender))
    if segments.parts > MAX_PARTS:
        raise Refusal(Code.TEXT_TOO_LONG, parts=segments.parts, max=MAX_PARTS)
    return FinalText(placed, checked, segments)
