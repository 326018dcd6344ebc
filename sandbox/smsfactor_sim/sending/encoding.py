"""GSM-7 and UCS-2: the characters of each and the number of parts of a text.

GSM 03.38 table and the sizes 160/153 and 70/67: 3GPP 23.038 and 23.040; SMSFactor docs give 160/153 and 70.
A part never ends inside an escape pair or a surrogate pair.
"""

import unicodedata
from dataclasses import dataclass

from sandbox.smsfactor_sim.fields import wrong

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = "\f^{}\\[~]|€"
_SEPTETS = {**dict.fromkeys(_BASIC, 1), **dict.fromkeys(_EXTENSION, 2)}

_SIMPLER = str.maketrans(
    {
        "’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "œ": "oe", "Œ": "OE", "…": "...", "–": "-",
        "—": "-", "\u00a0": " ", "\u202f": " ",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Encoded:
    """A text ready to leave: the text on the phone, its encoding, its length in units, its billable parts."""

    text: str
    encoding: str
    units: int
    parts: int


def encode(text: str, *, unicode_on: bool, policy: str, part_size: int) -> Encoded:
    """Count a text. With `unicode_on` it is UCS-2 even when GSM-7 would do (unconfirmed, as is the price).

    `policy` (replace, transliterate, reject) is for non-GSM characters with unicode off; reject raises -7.
    """
    if unicode_on:
        sizes = [2 if ord(character) > 0xFFFF else 1 for character in text]
        return Encoded(text, "UCS-2", sum(sizes), _parts(sizes, 70, part_size))
    foreign = sorted({character for character in text if character not in _SEPTETS})
    if foreign:
        if policy == "reject":
            raise wrong(f"The text has characters outside GSM-7: {' '.join(foreign)}")
        if policy == "transliterate":
            text = "".join(_plain(character) for character in text.translate(_SIMPLER))
        text = "".join(character if character in _SEPTETS else "?" for character in text)
    sizes = [_SEPTETS[character] for character in text]
    return Encoded(text, "GSM-7", sum(sizes), _parts(sizes, 160, 153))


def _plain(character: str) -> str:
    """A letter without its accent, when GSM-7 lacks the accented one; any other character unchanged."""
    return character if character in _SEPTETS else unicodedata.normalize("NFD", character)[0]


def _parts(sizes: list[int], single: int, multiple: int) -> int:
    """The number of parts for characters of these sizes: one of up to `single` units, else several of `multiple`."""
    if sum(sizes) <= single:
        return 1
    parts, used = 1, 0
    for size in sizes:
        if used + size > multiple:
            parts, used = parts + 1, 0
        used += size
    return parts
