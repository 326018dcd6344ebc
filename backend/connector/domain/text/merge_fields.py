"""Personal texts: finds the merge fields of a text and replaces them by a record's values.

A merge field is `{{name}}` or `{{name|fallback}}`; the name is a CRM property's internal name, of the record or, as
`contact.firstname`, of the person texted (crm/merge_values.py). Values come from records, which anyone may have filled
in. They are data, and can form neither a merge field nor a gateway tag (`<-short->`, `<-stop->`; SMSFactor docs). The
gateway replaces its tags anywhere in a text.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from connector.domain.refusals import Code, Refusal
from connector.domain.text.characters import GATEWAY_TAG, broken_tag, clean_text

# A brace next to a merge field makes it malformed: next to an empty value it could meet another brace.
_MERGE_FIELD: Final = re.compile(r"(?<!\{)\{\{\s*((?:[a-z0-9_]+\.)?[a-z0-9_]+)\s*(?:\|([^{}]*))?\}\}(?!\})")
_STRAY_BRACES: Final = re.compile(r"\{\{|\}\}")

# Characters shown of a malformed piece: enough to find it in the text.
_FRAGMENT_LENGTH: Final = 40


class MergeFieldInvalid(Refusal):
    """The text has malformed braces: `text_tokens_invalid`, with the piece around them."""

    def __init__(self, fragment: str) -> None:
        super().__init__(Code.TEXT_TOKENS_INVALID, fragment=fragment)
        self.fragment = fragment


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text with a record's values."""

    #: Without merge fields. Use it only if `missing` is empty.
    text: str
    #: Properties without a value whose merge field has no fallback, once each, in order.
    missing: list[str]


@dataclass(frozen=True, slots=True)
class _MergeField:
    name: str
    #: None if the merge field has none; "{{name|}}" has an empty one, which writes nothing.
    fallback: str | None


def names(text: str) -> list[str]:
    """The properties in a text's merge fields, once each, in order. Raises only MergeFieldInvalid."""
    return _distinct(piece.name for piece in _parse(text) if isinstance(piece, _MergeField))


def render(text: str, values: Mapping[str, str | None]) -> Rendered:
    """Replace merge fields by values (property name -> the record's value). Raises only MergeFieldInvalid.

    A property that is absent, None or blank counts as missing. A value is trimmed: its line breaks become blanks, its
    control characters are removed and its braces become parentheses. A gateway tag that the author did not write in
    full loses its dashes ("<stop>"), which makes it plain text.
    """
    pieces: list[tuple[str, bool]] = []
    missing = []
    for piece in _parse(text):
        if isinstance(piece, str):
            pieces.append((piece, True))
            continue
        value = _clean(values.get(piece.name) or "")
        if not value and piece.fallback is None:
            missing.append(piece.name)
        pieces.append((value or piece.fallback or "", False))
    return Rendered(_without_injected_tags(pieces), _distinct(missing))


def literal_text(text: str) -> str:
    """The text without its merge fields, common to every SMS made of it. Raises MergeFieldInvalid."""
    return _without_injected_tags(
        [(piece, True) if isinstance(piece, str) else ("", False) for piece in _parse(text)]
    )


def _parse(text: str) -> list[str | _MergeField]:
    """Literal text and merge fields alternately, in clean characters."""
    text = clean_text(text)
    pieces: list[str | _MergeField] = []
    end = 0
    for match in _MERGE_FIELD.finditer(text):
        pieces.append(_literal(text, end, match.start()))
        name, fallback = match.groups()
        # A tag in a fallback would depend on the record, but the links beside the text do not.
        if fallback is not None and GATEWAY_TAG.search(fallback):
            raise MergeFieldInvalid(match.group()[:_FRAGMENT_LENGTH])
        pieces.append(_MergeField(name, None if fallback is None else fallback.strip()))
        end = match.end()
    pieces.append(_literal(text, end, len(text)))
    return pieces


def _literal(text: str, start: int, end: int) -> str:
    """The text between two merge fields, which has no double brace; a single brace is an ordinary character."""
    stray = _STRAY_BRACES.search(text, start, end)
    if stray is None:
        return text[start:end]
    if stray.group() == "}}":
        raise MergeFieldInvalid(text[start : stray.end()][-_FRAGMENT_LENGTH:])
    shown = text[stray.start() : stray.start() + _FRAGMENT_LENGTH]
    closing = shown.find("}}")
    raise MergeFieldInvalid(shown if closing < 0 else shown[: closing + 2])


def _clean(value: str) -> str:
    """A value made safe for a text, on one line; empty if nothing of it is visible."""
    clean = clean_text(value).replace("\n", " ").strip()
    if all(c.isspace() or unicodedata.category(c) == "Cf" for c in clean):
        return ""
    return clean.replace("{", "(").replace("}", ")")


def _without_injected_tags(pieces: list[tuple[str, bool]]) -> str:
    """Join pieces (text, whether the author wrote it), and break each tag that is not within one piece of the author's.

    A value may contain a tag, or complete one across its ends.
    """
    written: list[range] = []
    joined = ""
    for piece, is_authors in pieces:
        if is_authors:
            written.append(range(len(joined), len(joined) + len(piece) + 1))
        joined += piece

    def keep_or_break(tag: re.Match[str]) -> str:
        is_authors = any(tag.start() in piece and tag.end() in piece for piece in written)
        return tag.group() if is_authors else broken_tag(tag)

    return GATEWAY_TAG.sub(keep_or_break, joined)


def _distinct(found: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(found))
