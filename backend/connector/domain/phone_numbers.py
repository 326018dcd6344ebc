"""Reads telephone numbers as people write them in a CRM, and converts to and from the gateway's form.

A number is read when it has one reading only, else it is refused with the reason. Offline, with Google's numbering
data (`phonenumbers`), corrected for France in three ways:
- an overseas mobile is often stored in the national form (0690 12 34 56) or under +33, where none exists;
  it is read with its territory's code, and so is the gateway's 33690123456;
- 0508 is Saint-Pierre-et-Miquelon (ARCEP's numbering plan), although the data takes it for a landline of France;
- 06 39 98 xx xx is reserved for fiction and unknown to the numbering data. It is accepted, before Mayotte's 0639 is
  considered, so that demonstrations and tests can use unassigned numbers.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberFormat, PhoneNumberType

from connector.domain.countries import country_of
from connector.domain.refusals import Code, Refusal
from connector.domain.vocabulary import NumberKind

#: Countries and territories (ISO 3166 codes) that numbers belong to; a number without a territory has "001".
COUNTRIES: Final = frozenset(phonenumbers.SUPPORTED_REGIONS)

_FRANCE: Final = 33
# Calling codes of France's plan, where the first digits show whether a number is a mobile or a landline. A number that
# does not exist under the first code exists under at most one of the others (a test), so their order does not matter:
# Guadeloupe with Saint-Barthélemy and Saint-Martin, Guyane, Martinique, La Réunion with Mayotte.
_FRENCH_CODES: Final = (_FRANCE, 590, 594, 596, 262)
_NATIONAL_DIGITS: Final = 9
_FICTION: Final = re.compile(r"63998\d{4}")

_SAINT_PIERRE: Final = 508
# A number of Saint-Pierre-et-Miquelon in the form of France: 0508 before six digits, 0708 as a part of nine.
_SAINT_PIERRE_NATIONAL: Final = re.compile(r"508(\d{6})|(708\d{6})")

# Characters allowed in a number besides digits: blanks, brackets, dots, slashes, dashes, a plus. Letters are refused:
# reading "0800FLOWER" as digits would text a stranger. So would the second half of "…45/46".
_WRITTEN_NUMBER: Final = re.compile(r"(?:tel:)?[\d\s()./+‐-―−-]+", re.IGNORECASE)
_ALTERNATIVE_ENDING: Final = re.compile(r"(.*)/\s*\d{1,2}\s*")
# A property may hold 65,536 characters, and reading them takes 40 ms. No number is written with more than this.
_MAX_WRITTEN: Final = 250
_EXTENSION: Final = re.compile(
    r"(.*\d[\s)]*)(?:;ext=|[;,]?\s*(?:extension|ext\.?|poste|x|#)\s*:?)\s*\d{1,7}", re.IGNORECASE
)
# Spreadsheets mark a number as text with an apostrophe, or as a formula.
_SPREADSHEET: Final = re.compile(r"""['’`]\s*(.+)|="(.+)\"""")
# The full-width forms of ASCII, as Asian keyboards write them.
_HALF_WIDTH: Final = {0xFF01 + place: 0x21 + place for place in range(94)}


def _french_mobile() -> re.Pattern[str]:
    """The nine digits of a mobile of metropolitan France, from the same data that checks every other number."""
    metadata = PhoneMetadata.metadata_for_region("FR")
    assert metadata is not None, "the numbering data has France"
    assert metadata.mobile is not None, "and its mobiles"
    return re.compile(rf"\+33((?:{metadata.mobile.national_number_pattern}))")


_FRENCH_MOBILE: Final = _french_mobile()
_KINDS: Final[Mapping[int, NumberKind]] = {
    PhoneNumberType.MOBILE: NumberKind.MOBILE,
    PhoneNumberType.FIXED_LINE: NumberKind.FIXED,
}
# Numbers that cost their caller or their owner extra, which no SMS reaches.
_SPECIAL: Final = frozenset(
    {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.TOLL_FREE, PhoneNumberType.SHARED_COST}
)
_GATEWAY_DIGITS: Final = re.compile(r"\+?([1-9][0-9]{4,14})")


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A number that can exist, normalised."""

    #: "+33612345678".
    e164: str
    #: ISO 3166 code of the number's territory ("FR", "GP"), or "001" for a number of no territory.
    country: str
    #: "other" where the plan does not distinguish (North America) or it is neither (voice over IP, toll-free).
    kind: NumberKind

    @property
    def gateway_digits(self) -> str:
        """The form the gateway documents: international digits without plus."""
        return self.e164[1:]


@dataclass(frozen=True, slots=True)
class NumberRefused:
    """The reason that no SMS can go to a number: one of the codes `number_...`."""

    code: Code
    #: The number as stored in the record; empty if it has none.
    raw: str
    #: The possible numbers of `number_ambiguous`: in the record's country, then in the portal's.
    readings: tuple[PhoneNumber, ...] = ()

    def refusal(self) -> Refusal:
        """The refusal for the user."""
        if self.code is Code.NUMBER_MISSING:
            return Refusal(self.code)
        if self.code is Code.NUMBER_AMBIGUOUS:
            return Refusal(self.code, raw=self.raw, numbers=[reading.e164 for reading in self.readings])
        return Refusal(self.code, raw=self.raw)


def parse(
    raw: str | None, default_country: str, record_country: str | None = None
) -> PhoneNumber | NumberRefused:
    """Read a number from a record; `default_country` (ISO code) applies to numbers without a calling code.

    `record_country`: the country that the record names, in any form; an unknown one counts as the default. A number
    without a calling code is read there if it does not exist in the default country, or only as a landline. If it may
    be a handset in both, it is `number_ambiguous`. A French landline is refused (`number_not_mobile`). Elsewhere the
    kind is only returned: plans differ, and the gateway decides (its handling of landlines is unconfirmed). Never
    raises.
    """
    raw = raw or ""
    if _FRENCH_MOBILE.fullmatch(raw):
        return PhoneNumber(raw, "FR", NumberKind.MOBILE)  # a hundred times faster
    if len(raw.strip()) > _MAX_WRITTEN:
        return NumberRefused(Code.NUMBER_INVALID, raw)
    written = _visible(raw)
    if not written:
        return NumberRefused(Code.NUMBER_MISSING, raw)
    at_home = _read(written, raw, default_country.upper())
    country = None if written.startswith(("+", "tel:")) else country_of(record_country)
    if country is None or country == default_country.upper():
        return at_home
    there = _read(written, raw, country)
    if isinstance(there, NumberRefused) or there == at_home:
        return at_home
    if isinstance(at_home, NumberRefused):
        return there
    if (at_home.kind, there.kind) == (NumberKind.FIXED, NumberKind.MOBILE):
        return there
    return NumberRefused(Code.NUMBER_AMBIGUOUS, raw, (there, at_home))


def _read(written: str, raw: str, country: str) -> PhoneNumber | NumberRefused:
    """Read a number without extension in one country."""
    with_extension = _EXTENSION.fullmatch(written)
    if with_extension:
        whole = _read(with_extension[1].strip(), raw, country)
        # A mobile has one owner; a switchboard takes no SMS for one of its extensions.
        is_mobile = isinstance(whole, PhoneNumber) and whole.kind == NumberKind.MOBILE
        return whole if is_mobile else NumberRefused(Code.NUMBER_EXTENSION, raw)
    refused = NumberRefused(Code.NUMBER_INVALID, raw)
    if not _WRITTEN_NUMBER.fullmatch(written) or _may_be_two(written, country):
        return refused
    number = _parsed(written, country)
    if number is None:
        return refused
    if phonenumbers.number_type(number) in _SPECIAL:
        return NumberRefused(Code.NUMBER_SPECIAL_RATE, raw)
    number = _read_as_french(number, is_international=written.startswith(("+", "00")))
    found = _describe(number)
    if found is None:
        return refused
    if number.country_code in _FRENCH_CODES and found.kind != NumberKind.MOBILE:
        return NumberRefused(Code.NUMBER_NOT_MOBILE, raw)
    return found


def _parsed(written: str, country: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(written, country)
    except phonenumbers.NumberParseException:
        return None


def _may_be_two(written: str, country: str) -> bool:
    """Whether the text before a last slash is a number already: "45 67 89/90" then stands for two."""
    alternative = _ALTERNATIVE_ENDING.fullmatch(written)
    first = _parsed(alternative[1], country) if alternative else None
    return first is not None and phonenumbers.is_possible_number(first)


def from_gateway(digits: object) -> str | None:
    """E.164 of a number in the gateway's form, or None if it is not a telephone number.

    The gateway sends "33612345678", in one list as a JSON number, and never a national form. An overseas number under
    33 is read as on every other path ("33690555512" is +590690555512). The number is not validated: the number of a
    reply exists, even if our numbering data lacks it.
    """
    match = _GATEWAY_DIGITS.fullmatch(str(digits).strip()) if isinstance(digits, str | int) else None
    if match is None:
        return None
    e164 = f"+{match.group(1)}"
    if not e164.startswith("+33") or _FRENCH_MOBILE.fullmatch(e164):
        return e164
    number = phonenumbers.PhoneNumber(country_code=_FRANCE, national_number=int(e164[3:] or 0))
    french = _read_as_french(number, is_international=True)
    return e164 if french == number else phonenumbers.format_number(french, PhoneNumberFormat.E164)


def written_forms(e164: str) -> re.Pattern[bytes]:
    """Finds a number in bytes of an unknown encoding: its national digits, with or without signs between them.

    Between two digits may stand what people and encodings write there: blanks, dots, the zeros of UTF-16, `%20`, an
    escape of JSON or HTML.
    """
    digits = str(phonenumbers.parse(e164).national_number).encode()
    between = rb"(?:%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|&#?\w{1,6};|[^0-9A-Za-z%\\&]){0,4}"
    return re.compile(between.join(digits[place : place + 1] for place in range(len(digits))) + rb"(?!\d)")


def _visible(raw: str) -> str:
    """Trimmed, with plain blanks only, half-width, and without the marks that copying a number adds."""
    blanks = "".join(" " if c.isspace() else c for c in raw.translate(_HALF_WIDTH))
    visible = "".join(c for c in blanks if unicodedata.category(c) not in ("Cf", "Cc")).strip()
    from_cell = _SPREADSHEET.fullmatch(visible)
    return (from_cell[1] or from_cell[2]).strip() if from_cell else visible


def _read_as_french(number: phonenumbers.PhoneNumber, is_international: bool) -> phonenumbers.PhoneNumber:
    """The same number under the calling code where it exists, if France's plan determines that code.

    A number written with +590 or the like is unchanged: only +33 is used for the whole plan by mistake.
    """
    code = number.country_code
    if code not in _FRENCH_CODES or (is_international and code != _FRANCE):
        return number
    saint_pierre = _SAINT_PIERRE_NATIONAL.fullmatch(str(number.national_number))
    if saint_pierre:
        there = phonenumbers.PhoneNumber(
            country_code=_SAINT_PIERRE, national_number=int(saint_pierre[1] or saint_pierre[2])
        )
        if phonenumbers.is_valid_number(there) and not (saint_pierre[2] and _exists(number)):
            return there
    if _exists(number) or len(str(number.national_number)) != _NATIONAL_DIGITS:
        return number
    moved = (
        phonenumbers.PhoneNumber(country_code=code, national_number=number.national_number)
        for code in _FRENCH_CODES
    )
    return next(filter(_exists, moved), number)


def _exists(number: phonenumbers.PhoneNumber) -> bool:
    return _is_fiction(number) or phonenumbers.is_valid_number(number)


def _is_fiction(number: phonenumbers.PhoneNumber) -> bool:
    return number.country_code == _FRANCE and bool(_FICTION.fullmatch(str(number.national_number)))


def _describe(number: phonenumbers.PhoneNumber) -> PhoneNumber | None:
    """E.164, territory and kind of a number; None if it does not exist."""
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if _is_fiction(number):
        return PhoneNumber(e164, "FR", NumberKind.MOBILE)
    if not phonenumbers.is_valid_number(number):
        return None
    kind = _KINDS.get(phonenumbers.number_type(number), NumberKind.OTHER)
    return PhoneNumber(e164, phonenumbers.region_code_for_number(number) or "001", kind)
