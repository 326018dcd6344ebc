"""Counts the units and billable parts of an SMS text, and names the characters that GSM-7 lacks.

Sources: 3GPP 23.038 (the GSM 7-bit alphabet and its extension table) and 23.040 (a concatenated part carries 153
septets or 67 UCS-2 units). SMSFactor's docs give 160 and 153 for GSM-7; they say "70" for unicode, which may be a
simplification. Whether SMSFactor bills 67 or 70 units per unicode part is unconfirmed, so this file estimates the
larger number of parts; the `cost` in the gateway's answer is final.

`contracts/segments.json` has the vectors that this file and the card's TypeScript counter must both satisfy.
"""

from dataclasses import dataclass
from typing import Final

from connector.domain.vocabulary import Encoding, PushType

# The basic table in code order, without its escape code: ESC only introduces a pair and is not a character of a text.
_GSM7_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each of these is an escape pair: two septets that must stay in one part.
_GSM7_EXTENSION: Final = frozenset("\f^{}\\[~]|€")
_GSM7: Final = _GSM7_BASIC | _GSM7_EXTENSION

# Units of a text that fits one part, and of each part of a longer text (a header takes the difference).
_SINGLE_PART_UNITS: Final[dict[Encoding, int]] = {Encoding.GSM7: 160, Encoding.UCS2: 70}
_MULTI_PART_UNITS: Final[dict[Encoding, int]] = {Encoding.GSM7: 153, Encoding.UCS2: 67}

# GSM-7 characters that the gateway adds to a marketing text with a custom sender. SMSFactor's FAQ says 16; the only
# form seen in production, " STOP 36035", has 11. The larger form is counted (the current form is unconfirmed).
STOP_MENTION_UNITS: Final = 16
# Characters of a short link such as https://smsf.st/Ab3xZ, as seen in production; SMSFactor's docs give no
# figure.
SHORT_URL_UNITS: Final = 21
# Our limit: the gateway documents none.
MAX_PARTS: Final = 10

# Placeholders that the gateway replaces in a text (SMSFactor docs; "<-stop->" works in alerts too).
STOP_TAG: Final = "<-stop->"
SHORT_URL_TAG: Final = "<-short->"


@dataclass(frozen=True, slots=True)
class Segments:
    """The encoding and the billed parts of a text."""

    #: GSM7 when every character is in the GSM 7-bit alphabet, else UCS2 for the whole text.
    encoding: Encoding
    #: Septets (an extension character is two) or UTF-16 units (an emoji is two or more) of the text.
    units: int
    #: Billable SMS; 0 for an empty text, because nothing would be sent.
    parts: int
    #: Room of one part at this length: 160 or 153 septets, 70 or 67 UTF-16 units.
    units_per_part: int
    #: Units that still fit before one more part is needed; at a boundary a two-unit character may not fit.
    remaining: int


def count(text: str) -> Segments:
    """Count `text` unchanged: no tag is replaced and no mention added (see `counted_text` for those).

    Never raises, even on a lone surrogate, which counts as one UCS-2 unit.
    """
    encoding = Encoding.GSM7 if is_gsm7(text) else Encoding.UCS2
    single = _SINGLE_PART_UNITS[encoding]
    if len(text) <= single and encoding == Encoding.GSM7 and _GSM7_EXTENSION.isdisjoint(text):
        # A short cut for most texts of a burst: no loop over the characters.
        return Segments(encoding, len(text), min(len(text), 1), single, single - len(text))
    widths = [_width(character, encoding) for character in text]
    units = sum(widths)
    if units <= single:
        return Segments(encoding, units, min(units, 1), single, single - units)
    per_part = _MULTI_PART_UNITS[encoding]
    parts, used = _fill_parts(widths, per_part)
    return Segments(encoding, units, parts, per_part, per_part - used)


def split(text: str) -> list[str]:
    """Cut `text` into the parts that `count` counts, in order; an empty text has none."""
    segments = count(text)
    if segments.parts <= 1:
        return [text] if text else []
    parts = [""]
    used = 0
    for character in text:
        width = _width(character, segments.encoding)
        if used + width > segments.units_per_part:
            parts.append("")
            used = 0
        parts[-1] += character
        used += width
    return parts


def is_gsm7(text: str) -> bool:
    """Return True if the GSM 7-bit alphabet has every character of `text`."""
    return _GSM7.issuperset(text)


def not_gsm7(text: str) -> list[str]:
    """List the distinct characters of `text` outside GSM-7, in order of first appearance.

    One entry is one code point: a family emoji gives its members and their joiners, as each must be removed.
    """
    return list(dict.fromkeys(c for c in text if c not in _GSM7))


def adds_stop_mention(push_type: PushType, sender: str | None) -> bool:
    """Return True if the gateway adds its STOP mention: marketing with a custom sender (SMSFactor FAQ)."""
    return push_type == PushType.MARKETING and bool(sender)


def counted_text(text: str, push_type: PushType, sender: str | None) -> str:
    """Return a text as long as the gateway will bill for `text`, for counting only: never send it.

    The gateway's tags are replaced by stand-ins of their expected length. The STOP mention is added when the
    gateway adds one, unless the text places it with a tag (whether only one mention is then sent is unconfirmed).
    """
    longer = text.replace(SHORT_URL_TAG, "u" * SHORT_URL_UNITS).replace(STOP_TAG, "s" * STOP_MENTION_UNITS)
    if adds_stop_mention(push_type, sender) and STOP_TAG not in text:
        longer += "s" * STOP_MENTION_UNITS
    return longer


def _width(character: str, encoding: Encoding) -> int:
    """Units of one code point: an escape pair and a surrogate pair are two."""
    if encoding == Encoding.GSM7:
        return 2 if character in _GSM7_EXTENSION else 1
    return 2 if ord(character) > 0xFFFF else 1


def _fill_parts(widths: list[int], per_part: int) -> tuple[int, int]:
    """Lay characters into parts without cutting a pair; return the parts and the units used in the last."""
    parts, used = 1, 0
    for width in widths:
        if used + width > per_part:
            parts, used = parts + 1, 0
        used += width
    return parts, used
