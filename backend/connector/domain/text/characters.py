"""The characters of an SMS: cleaned on every path, and written in GSM-7 where a special one would cost more (F2.4).

The card counts by the same rules (packages/sms-ui/characters.ts, gsm7-rewrite.ts): contracts/characters.json has the
vectors that both must satisfy, and backend/tests/contract compares both on generated texts.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from connector.domain.text.segments import SHORT_URL_TAG, STOP_TAG, is_gsm7

_ZWJ: Final = "\u200d"
_JOINERS: Final = "\u200c\u200d"
_KEYCAP: Final = "\u20e3"
_LINE_BREAK: Final = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# Everything that a cleaned text may not contain unless its neighbours need it; most texts have none of it.
_SUSPECT: Final = re.compile(
    "[^\n -~\u00a0-\u00ac\u00ae-\u02ff\u0388-\u0482\u2010-\u2015\u2018-\u201f\u2026\u202f\u20ac\u4e00-\u9fff]"
)
# Show nothing, in any place: soft hyphen, zero-width space, word joiner, byte order mark and their kind.
_INVISIBLE: Final = frozenset(
    "\u00ad\u034f\u180e\u200b\ufeff" + "".join(map(chr, [*range(0x2060, 0x2065), *range(0x206A, 0x2070)]))
)
# Show nothing, except in a text with letters that are written from right to left.
_DIRECTIONS: Final = frozenset(
    "\u061c\u200e\u200f" + "".join(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))
)
_RIGHT_TO_LEFT: Final = re.compile("[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")

# Wider than the tags in the docs: whether the gateway also accepts blanks or other case in them is unconfirmed.
GATEWAY_TAG: Final = re.compile(r"<\s*-[^<>]*-\s*>")
_TAG_DASHES: Final = re.compile(r"(?<=<)[\s-]+|[\s-]+(?=>)")
_OWN_TAG: Final = re.compile(f"({STOP_TAG}|{SHORT_URL_TAG})")


def clean_text(text: str) -> str:
    """The text with composed letters (NFC), line feeds as its only control characters, and nothing invisible.

    A tab becomes a blank. Joiners and variation selectors stay beside a character outside GSM-7, because they belong
    to its shape (an emoji, Persian); marks of direction stay in a text that is written from right to left.
    """
    if not _SUSPECT.search(text):
        return text
    text = _LINE_BREAK.sub("\n", text).replace("\t", " ")
    text = "".join(c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs"))
    text = unicodedata.normalize("NFC", text)
    has_directions = _RIGHT_TO_LEFT.search(text) is not None
    cleaned: list[str] = []
    for index, character in enumerate(text):
        if character in _INVISIBLE or (character in _DIRECTIONS and not has_directions):
            continue
        if (character in _JOINERS or _is_selector(character)) and not _is_needed(cleaned, text, index):
            continue
        cleaned.append(character)
    # The dropped characters may have stood between a letter and its accent.
    return unicodedata.normalize("NFC", "".join(cleaned))


def _is_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f"


def _is_needed(before: list[str], text: str, index: int) -> bool:
    """Whether the joiner or selector at `index` shapes a character: one before it outside GSM-7, or a keycap."""
    if text[index + 1 : index + 2] == _KEYCAP:
        return True
    return bool(before) and not is_gsm7(before[-1])


@dataclass(frozen=True, slots=True)
class Replacement:
    """A special character, its equivalent ("": removed), and the number of its places in the text."""

    before: str
    after: str
    count: int


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A text in which GSM-7 equivalents replace special characters."""

    text: str
    replacements: tuple[Replacement, ...]
    left: tuple[str, ...]  # characters without an equivalent, once each; removed if that was requested
    places: tuple[tuple[int, int], ...] = ()  # start and end of each equivalent in the text


@dataclass(frozen=True, slots=True)
class Fitted:
    """A text whose special characters were replaced, because they would have made it dearer."""

    text: str
    replacements: tuple[Replacement, ...]
    unchanged_parts: int  # the price of the text as written, in parts
    places: tuple[tuple[int, int], ...] = ()  # start and end of each equivalent in the text


class Dearer(Exception):
    """Characters without an equivalent make the text dearer, and nobody has decided yet."""

    def __init__(self, characters: tuple[str, ...], parts: int, parts_without: int) -> None:
        super().__init__("dearer")
        self.characters, self.parts, self.parts_without = characters, parts, parts_without


def fit(text: str, parts_of: Callable[[str], int], *, removes: bool = False) -> Fitted | None:
    """The clean `text` as it leaves while special characters are not allowed; None: unchanged (F2.4).

    It is unchanged where its special characters cost nothing. Otherwise their equivalents replace them. `removes`:
    characters without an equivalent are removed then. Raises Dearer if they were not.
    """
    if is_gsm7(text):
        return None
    unchanged_parts = parts_of(text)
    bare = rewrite(text, removes=True)
    bare_parts = max(1, parts_of(bare.text))
    if unchanged_parts <= bare_parts:
        return None
    if bare.left and not removes:
        raise Dearer(bare.left, unchanged_parts, bare_parts)
    return Fitted(bare.text, bare.replacements, unchanged_parts, bare.places)


def rewrite(text: str, *, removes: bool = False) -> Rewritten:
    """The text with GSM-7 equivalents. Its gateway tags stay, and no equivalent completes another tag."""
    counts: dict[str, Replacement] = {}
    left: dict[str, None] = {}
    pieces: list[str] = []
    places: list[tuple[int, int]] = []
    start = 0
    for index, piece in enumerate(_OWN_TAG.split(text)):
        written = piece if index % 2 else _rewritten(piece, counts, left, removes=removes)
        whole = "".join(written)
        pieces.append(whole if index % 2 else GATEWAY_TAG.sub(broken_tag, whole))
        if pieces[-1] == whole:  # else the places have moved: nothing is marked in such a text
            places += _places(written, start)
        start += len(pieces[-1])
    return Rewritten("".join(pieces), tuple(counts.values()), tuple(left), tuple(places))


class _Equivalent(str):
    """A written unit that stands in for another one."""

    __slots__ = ()


def _places(written: Sequence[str], start: int) -> Iterator[tuple[int, int]]:
    """Start and end of the equivalents among written units that begin at `start`."""
    for unit in written:
        if isinstance(unit, _Equivalent):
            yield start, start + len(unit)
        start += len(unit)


def broken_tag(tag: re.Match[str]) -> str:
    """A gateway tag as plain text: "<stop>"."""
    return _TAG_DASHES.sub("", tag.group())


def without_tags(text: str) -> str:
    """The text with every gateway tag broken, for texts that mix the author's words with values."""
    return GATEWAY_TAG.sub(broken_tag, text)


def _rewritten(
    text: str, counts: dict[str, Replacement], left: dict[str, None], *, removes: bool
) -> Sequence[str]:
    """The units of the text as they leave."""
    if is_gsm7(text):
        return text
    written: list[str] = []
    skips_blank = False  # after a removed character, so that no two blanks meet
    for unit in _units(text):
        if skips_blank and unit == " ":
            skips_blank = False
            continue
        skips_blank = False
        after = unit if is_gsm7(unit) else _equivalent_of(unit)
        if after is None:
            left[unit] = None
            after = "" if removes else unit
            skips_blank = removes and (not written or written[-1][-1:] in (" ", "\n"))
        if after != unit:
            count = counts[unit].count if unit in counts else 0
            counts[unit] = Replacement(unit, after, count + 1)
        if after:
            written.append(after if after == unit else _Equivalent(after))
    return written


def _units(text: str) -> Iterator[str]:
    """Characters as a reader sees them: with their accents, several joined (a family), a quote with its blank."""
    start, length = 0, len(text)
    while start < length:
        end = start + 1
        if text[start : start + 2] in _QUOTES_WITH_BLANK:
            end = start + 2
        else:
            is_base = not _is_mark(text[start])
            while end < length:
                if _is_mark(text[end]):
                    end += 1
                elif is_base and text[end] == _ZWJ and end + 1 < length and not _is_mark(text[end + 1]):
                    end += 2
                else:
                    break
        yield text[start:end]
        start = end


def _is_mark(character: str) -> bool:
    return character > "\u02ff" and unicodedata.category(character)[0] == "M"


def _equivalent_of(unit: str) -> str | None:
    """The GSM-7 equivalent of a unit; None: there is none."""
    for candidate in (_EQUIVALENTS.get(unit), _plain(unit)):
        if candidate is not None and is_gsm7(candidate):
            return candidate
    return None


def _plain(unit: str) -> str | None:
    """Letters and digits without accents, and compatibility forms (ligatures, full-width, ¹, ½) in plain characters."""
    decomposed = "".join(_EQUIVALENTS.get(c, c) for c in unicodedata.normalize("NFKD", unit))
    bare = "".join(c for c in decomposed if c != _ZWJ and not _is_mark(c))
    # A sign without its stroke means the opposite (≮), and a full-width brace must not become half of a merge field.
    return bare if all(c in _PLAIN_SIGNS or c.isalpha() or c.isnumeric() for c in bare) else None


def _same(equivalent: str, characters: str) -> dict[str, str]:
    return dict.fromkeys(characters, equivalent)


# Equivalents that Unicode's own decompositions lack.
_EQUIVALENTS: Final[dict[str, str]] = {
    **_same("'", "‘’‚‛′ʼ`´‹›"),
    **_same('"', "“”„‟«»″"),
    # French quotes are replaced together with the blank inside them.
    **dict.fromkeys(("« ", "«\u00a0", "«\u202f", " »", "\u00a0»", "\u202f»"), '"'),
    **_same("-", "‐‑‒–—―−•‣·"),
    **_same("", "\u200c\u200d\u200e\u200f\u061c"),
    **{"œ": "oe", "Œ": "OE", "ĳ": "ij", "Ĳ": "IJ", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"},
    **{"ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ħ": "h", "Ħ": "H", "ŧ": "t", "Ŧ": "T"},
    **{"ı": "i", "ŋ": "n", "Ŋ": "N", "ẞ": "SS", "ſ": "s"},
    # Greek capitals that look like Latin ones: GSM-7 lacks them.
    **{"Α": "A", "Β": "B", "Ε": "E", "Ζ": "Z", "Η": "H", "Ι": "I", "Κ": "K", "Μ": "M", "Ν": "N"},
    **{"Ο": "O", "Ρ": "P", "Τ": "T", "Υ": "Y", "Χ": "X"},
    **{"°": "o", "×": "x", "÷": "/", "⁄": "/", "±": "+/-", "…": "...", "→": "=>", "✓": "v", "✔": "v"},
    **{"©": "(c)", "®": "(r)"},
}
_QUOTES_WITH_BLANK: Final = frozenset(key for key in _EQUIVALENTS if len(key) == 2)
_PLAIN_SIGNS: Final = frozenset(" .,:;!?%&()*+/@#$\"'-")
