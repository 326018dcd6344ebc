"""The final text of an SMS: links and STOP mention placed, special characters settled, parts counted."""

from dataclasses import dataclass
from functools import lru_cache, partial

from connector.domain.refusals import Code, Refusal
from connector.domain.text.characters import Dearer, Fitted, clean_text, fit
from connector.domain.text.links import check_url, place_links
from connector.domain.text.segments import MAX_PARTS, Segments, count, counted_text
from connector.domain.vocabulary import PushType

# Characters that a refusal names.
_NAMED_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class FinalText:
    text: str
    links: tuple[str, ...]
    segments: Segments
    fitted: Fitted | None  # the replacements of special characters that would have cost more


@lru_cache(maxsize=1024)  # the same text goes to thousands of people
def finish_text(
    text: str,
    links: tuple[str, ...],
    *,
    push_type: PushType,
    sender: str | None,
    unicode: bool,
    removes_special: bool = False,
) -> FinalText:
    """Clean the text, place the links and check `text`, which has no merge fields left.

    `unicode`: special characters stay, whatever they cost; `removes_special`: those without an equivalent go where
    they would cost more. Raises Refusal url_invalid, link_count_wrong, text_not_gsm7, text_too_long.
    """
    checked = tuple(check_url(link) for link in links)
    placed = place_links(clean_text(text), checked, push_type=push_type, sender=sender)
    parts_of = partial(_parts, push_type=push_type, sender=sender)
    try:
        fitted = None if unicode else fit(placed, parts_of, removes=removes_special)
    except Dearer as dearer:
        raise Refusal(
            Code.TEXT_NOT_GSM7,
            characters=list(dearer.characters[:_NAMED_AT_MOST]),
            parts=dearer.parts,
            parts_without=dearer.parts_without,
        ) from dearer
    final = fitted.text if fitted else placed
    segments = count(counted_text(final, push_type, sender))
    if segments.parts > MAX_PARTS:
        raise Refusal(Code.TEXT_TOO_LONG, parts=segments.parts, max=MAX_PARTS)
    return FinalText(final, checked, segments, fitted)


def _parts(text: str, *, push_type: PushType, sender: str | None) -> int:
    return count(counted_text(text, push_type, sender)).parts
