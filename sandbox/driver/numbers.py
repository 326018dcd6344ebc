"""Phone numbers for one test, and how people write them."""

import itertools

MOBILE = "+33612345601"  # a number that always receives
_numbers = itertools.count()


def new_number(ending: int | None = None) -> str:
    """A French mobile number that no other test has, E.164. The gateway delivers to endings below 90.

    `ending`: an ending from 90 on, for which the gateway's handsets behave differently.
    """
    number = next(_numbers)
    if ending is None:
        return f"+33612{number // 80:04d}{10 + number % 80:02d}"
    assert ending >= 90, "another test may have this number"
    return f"+33612{number:04d}{ending}"


def new_belgian_number() -> str:
    """A Belgian mobile number that no other test has. Our legal calendar does not delay marketing there."""
    return f"+32470{next(_numbers):04d}10"


def national(e164: str) -> str:
    """A French number as people type it into HubSpot: 06 12 34 56 78."""
    digits = "0" + e164.removeprefix("+33")
    return " ".join(digits[at : at + 2] for at in range(0, 10, 2))


def typed(number: str) -> str:
    """A number as people type it: French ones in the national form."""
    return national(number) if number.startswith("+33") else number


def e164(number: str | None) -> str:
    """A French number as typed, in E.164; "" for anything else."""
    digits = "".join(character for character in number or "" if character.isdigit())
    return f"+33{digits[1:]}" if digits.startswith("0") and len(digits) == 10 else ""
