"""Phone numbers as the gateway reads them: digits without +, the country, and whether it is a mobile.

SMSFactor docs show international digits without `+`; `+33...` works too (other clients send it). Recordings count
national digits as invalid. The `00` form and the handling of fixed lines are unconfirmed: here the form is accepted,
and any number that is not a mobile is `invalid`.
"""

import re
from dataclasses import dataclass

# Country, calling code, and the digits that follow it on a mobile. Overseas territories come before 33: they have
# codes of their own.
_MOBILES = (
    ("GP", r"590(690|691)\d{6}"),
    ("GF", r"594694\d{6}"),
    ("MQ", r"596(696|697)\d{6}"),
    ("RE", r"262(692|693)\d{6}"),
    ("YT", r"262639\d{6}"),
    ("FR", r"33[67]\d{8}"),
    ("BE", r"324\d{8}"),
    ("CH", r"417[5-9]\d{7}"),
    ("LU", r"3526\d{8}"),
    ("MC", r"3776\d{8}"),
    ("DE", r"491[567]\d{8,9}"),
    ("IT", r"393\d{8,9}"),
    ("ES", r"34[67]\d{8}"),
    ("PT", r"3519\d{8}"),
    ("GB", r"447\d{9}"),
    ("IE", r"3538\d{8}"),
    ("NL", r"316\d{8}"),
    ("AT", r"436\d{8,11}"),
    ("US", r"1[2-9]\d{9}"),
)
_COMPILED = tuple((country, re.compile(pattern)) for country, pattern in _MOBILES)


@dataclass(frozen=True)
class Mobile:
    """A mobile number: digits with country calling code, and the country's two letters."""

    number: str
    country: str


def read_mobile(raw: str, *, national: bool = False) -> Mobile | None:
    """The mobile number in `raw`, or None when it is not one (the gateway counts it as invalid).

    national: 0 and nine digits are French, the account's country. Spaces and dots are not accepted.
    """
    digits = raw.removeprefix("+")
    if not digits.isascii() or not digits.isdigit():
        return None
    if digits.startswith("00"):
        digits = digits[2:]
    elif national and re.fullmatch(r"0\d{9}", digits):
        digits = "33" + digits[1:]
    for country, pattern in _COMPILED:
        if pattern.fullmatch(digits):
            return Mobile(digits, country)
    return None
