"""Reads telephone numbers as people write them in a CRM, and converts to and from the gateway's form.

Offline, with Google's numbering data (`phonenumbers`), corrected for France in two ways:
- an overseas mobile is often stored in the national form (0690 12 34 56) or under +33, where none exists;
  it is read with its territory's code;
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

# Characters allowed in a number besides digits: blanks, brackets, dots, slashes, dashes, a plus. Letters are refused:
# reading "0800FLOWER" or an extension as digits would text a stranger. So would the second half of "…45/46".
_WRITTEN_NUMBER: Final = re.compile(r"(?:tel:)?[\d\s()./+‐-―−-]+", re.IGNORECASE)
_ALTERNATIVE_ENDING: Final = re.compile(r".*/\s*\d{1,2}\s*")
# A property may hold 65,536 characters, and reading them takes 40 ms. No number is written with more than this.
_MAX_WRITTEN: Final = 250


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
    """The reason that no SMS can go to a number: `number_missing`, `number_invalid` or `number_not_mobile`."""

    code: Code
    #: The number as stored in the record; empty if it has none.
    raw: str

    def refusal(self) -> Refusal:
        """The refusal for the user."""
        return Refusal(self.code) if self.code is Code.NUMBER_MISSING else Refusal(self.code, raw=self.raw)


def parse(raw: str | None, default_country: str) -> PhoneNumber | NumberRefused:
    """Read a number from a record; `default_country` (ISO code) applies to numbers without a calling code.

    A French landline is refused (`number_not_mobile`). Elsewhere the kind is only returned: plans differ, and the
    gateway decides (its handling of landlines is unconfirmed). Never raises.
    """
    raw = raw or ""
    if _FRENCH_MOBILE.fullmatch(raw):
        return PhoneNumber(raw, "FR", NumberKind.MOBILE)  # a hundred times faster
    refused = NumberRefused(Code.NUMBER_INVALID, raw)
    if len(raw.strip()) > _MAX_WRITTEN:
        return refused
    written = _visible(raw)
    if not written:
        return NumberRefused(Code.NUMBER_MISSING, raw)
    if not _WRITTEN_NUMBER.fullmatch(written) or _ALTERNATIVE_ENDING.fullmatch(written):
        return refused
    try:
        number = phonenumbers.parse(written, default_country.upper())
    except phonenumbers.NumberParseException:
        return refused
    number = _read_as_french(number, is_international=written.startswith(("+", "00")))
    found = _describe(number)
    if found is None:
        return refused
    if number.country_code in _FRENCH_CODES and found.kind != NumberKind.MOBILE:
        return NumberRefused(Code.NUMBER_NOT_MOBILE, raw)
    return found


def from_gateway(digits: object) -> str | None:
    """E.164 of a number in the gateway's form, or None if it is not a telephone number.

    The gateway sends "33612345678", in one list as a JSON number, and never a national form. The number is not
    validated: the number of a reply exists, even if our numbering data lacks it.
    """
    match = _GATEWAY_DIGITS.fullmatch(str(digits).strip()) if isinstance(digits, str | int) else None
    return f"+{match.group(1)}" if match else None


def _visible(raw: str) -> str:
    """Trimmed, with plain blanks only, and without the invisible marks that copying a number adds."""
    blanks = "".join(" " if c.isspace() else c for c in raw)
    return "".join(c for c in blanks if unicodedata.category(c) not in ("Cf", "Cc")).strip()


def _read_as_french(number: phonenumbers.PhoneNumber, is_international: bool) -> phonenumbers.PhoneNumber:
    """The same number under the calling code where it exists, if France's plan determines that code.

    A number written with +590 or the like is unchanged: only +33 is used for the whole plan by mistake.
    """
    code = number.country_code
    if code not in _FRENCH_CODES or (is_international and code != _FRANCE) or _exists(number):
        return number
    if len(str(number.national_number)) != _NATIONAL_DIGITS:
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
