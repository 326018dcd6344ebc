"""Telephone numbers in the forms that users store, French and overseas forms first."""

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain import phone_numbers
from connector.domain.phone_numbers import NumberRefused, PhoneNumber, parse
from connector.domain.refusals import Code, Refusal

ACCEPTED = [
    # written, default country, E.164, territory, kind
    ("0612345678", "FR", "+33612345678", "FR", "mobile"),
    ("06 12 34 56 78", "fr", "+33612345678", "FR", "mobile"),
    ("06.12.34.56.78", "FR", "+33612345678", "FR", "mobile"),
    ("06-12-34-56-78", "FR", "+33612345678", "FR", "mobile"),
    ("06–12–34–56–78", "FR", "+33612345678", "FR", "mobile"),
    ("0750123456", "FR", "+33750123456", "FR", "mobile"),
    ("0033612345678", "FR", "+33612345678", "FR", "mobile"),
    ("33612345678", "FR", "+33612345678", "FR", "mobile"),
    ("+33612345678", "FR", "+33612345678", "FR", "mobile"),
    ("+33 (0)6 12 34 56 78", "FR", "+33612345678", "FR", "mobile"),
    ("+33612345678", "US", "+33612345678", "FR", "mobile"),
    ("tel:+33612345678", "FR", "+33612345678", "FR", "mobile"),
    ("06\u00a012\u202f34 56 78", "FR", "+33612345678", "FR", "mobile"),
    ("\u202a+33 6 12 34 56 78\u202c", "FR", "+33612345678", "FR", "mobile"),
    ("  0612345678\n", "FR", "+33612345678", "FR", "mobile"),
    # overseas: in national form, under +33, and from a portal in the territory
    ("0690123456", "FR", "+590690123456", "GP", "mobile"),
    ("+33690123456", "FR", "+590690123456", "GP", "mobile"),
    ("+590690123456", "FR", "+590690123456", "GP", "mobile"),
    ("0694201234", "FR", "+594694201234", "GF", "mobile"),
    ("0696201234", "FR", "+596696201234", "MQ", "mobile"),
    ("0692123456", "FR", "+262692123456", "RE", "mobile"),
    ("0639223456", "FR", "+262639223456", "YT", "mobile"),
    ("0612345678", "GP", "+33612345678", "FR", "mobile"),
    ("0692123456", "MQ", "+262692123456", "RE", "mobile"),
    # the blocks of 2024 in 0709, shared by the territories
    ("0709001234", "FR", "+590709001234", "GP", "mobile"),
    ("+33709001234", "FR", "+590709001234", "GP", "mobile"),
    ("0709101234", "FR", "+596709101234", "MQ", "mobile"),
    ("0709201234", "FR", "+262709201234", "RE", "mobile"),
    ("0709301234", "FR", "+594709301234", "GF", "mobile"),
    ("0709351234", "FR", "+262709351234", "YT", "mobile"),
    ("0709101234", "GP", "+596709101234", "MQ", "mobile"),
    # the range for fiction, which is not part of Mayotte's 0639
    ("0639981234", "FR", "+33639981234", "FR", "mobile"),
    ("+33 6 39 98 12 34", "FR", "+33639981234", "FR", "mobile"),
    ("33639981234", "FR", "+33639981234", "FR", "mobile"),
    ("0639981234", "YT", "+33639981234", "FR", "mobile"),
    # abroad
    ("0791234567", "CH", "+41791234567", "CH", "mobile"),
    ("0470 12 34 56", "BE", "+32470123456", "BE", "mobile"),
    ("(202) 555-0123", "US", "+12025550123", "US", "other"),
    ("030/12345678", "DE", "+493012345678", "DE", "fixed"),
    ("+352621123456", "FR", "+352621123456", "LU", "mobile"),
]


@pytest.mark.parametrize(("raw", "country", "e164", "territory", "kind"), ACCEPTED)
def test_reads(raw: str, country: str, e164: str, territory: str, kind: str) -> None:
    assert parse(raw, country) == PhoneNumber(e164, territory, kind)  # type: ignore[arg-type]


REFUSED = [
    (None, Code.NUMBER_MISSING),
    ("", Code.NUMBER_MISSING),
    (" \u200b\n", Code.NUMBER_MISSING),
    ("0140201234", Code.NUMBER_NOT_MOBILE),
    ("+33140201234", Code.NUMBER_NOT_MOBILE),
    ("0972345678", Code.NUMBER_NOT_MOBILE),
    ("0800123456", Code.NUMBER_NOT_MOBILE),
    ("0590201234", Code.NUMBER_NOT_MOBILE),
    ("0262201234", Code.NUMBER_NOT_MOBILE),
    ("061234567", Code.NUMBER_INVALID),
    ("06123456789", Code.NUMBER_INVALID),
    ("36035", Code.NUMBER_INVALID),
    ("+33", Code.NUMBER_INVALID),
    ("+590612345678", Code.NUMBER_INVALID),
    ("+999123456789", Code.NUMBER_INVALID),
    ("0800FLOWER", Code.NUMBER_INVALID),
    ("0612345678 ext 5", Code.NUMBER_INVALID),
    ("0612345678;ext=5", Code.NUMBER_INVALID),
    ("0612345678#5", Code.NUMBER_INVALID),
    ("0612345678 (maison)", Code.NUMBER_INVALID),
    ("0612345678 / 0698765432", Code.NUMBER_INVALID),
    ("0612345678 ou 0698765432", Code.NUMBER_INVALID),
    ("+49 151 1234567/8", Code.NUMBER_INVALID),
    ("not a number", Code.NUMBER_INVALID),
    ("1" * 300, Code.NUMBER_INVALID),
]


@pytest.mark.parametrize(("raw", "code"), REFUSED)
def test_refuses(raw: str | None, code: Code) -> None:
    assert parse(raw, "FR") == NumberRefused(code, raw or "")


def test_blanks_around_a_number_may_be_many_and_characters_within_it_may_not() -> None:
    around = " " * 300
    assert parse(f"{around}06 12 34 56 78{around}", "FR") == parse("0612345678", "FR")
    assert parse(around, "FR") == NumberRefused(Code.NUMBER_MISSING, around)
    within = f"06{around}12345678"
    assert parse(within, "FR") == NumberRefused(Code.NUMBER_INVALID, within)


def test_a_number_without_calling_code_needs_a_known_country() -> None:
    assert parse("0612345678", "XX") == NumberRefused(Code.NUMBER_INVALID, "0612345678")
    assert isinstance(parse("+33612345678", "XX"), PhoneNumber)


def test_a_refused_number_is_an_answer_to_the_user() -> None:
    refused = parse("0140201234", "FR")
    assert isinstance(refused, NumberRefused)
    assert refused.refusal() == Refusal(Code.NUMBER_NOT_MOBILE, raw="0140201234")
    assert NumberRefused(Code.NUMBER_MISSING, "").refusal().params == {}


@given(st.one_of(st.text(max_size=40), st.text("0123456789+ ()-./x;#,٠١٢", max_size=20)), st.text(max_size=3))
def test_never_raises_and_accepts_only_what_the_gateway_takes(raw: str, country: str) -> None:
    found = parse(raw, country)
    if isinstance(found, PhoneNumber):
        assert phone_numbers.from_gateway(found.gateway_digits) == found.e164
        assert parse(found.e164, "FR") == found


@given(st.one_of(st.integers(100_000_000, 999_999_999), st.integers(600_000_000, 799_999_999)))
def test_national_number_belongs_to_one_territory_at_most(national: int) -> None:
    """France's own plan takes precedence; every number outside it belongs to at most one territory."""
    under = {
        code: phonenumbers.is_valid_number(
            phonenumbers.PhoneNumber(country_code=code, national_number=national)
        )
        for code in (33, 590, 594, 596, 262)
    }
    overseas = [code for code in (590, 594, 596, 262) if under[code]]
    assert under[33] or len(overseas) <= 1
    found = parse(f"0{national}", "FR")
    if isinstance(found, PhoneNumber) and not str(national).startswith("63998"):
        assert found.e164 == f"+{33 if under[33] else overseas[0]}{national}"


def test_each_territorys_mobiles_are_its_own() -> None:
    """Covers all blocks of mobiles: overseas numbers are assigned to their territory in every form."""
    for block in range(600_000, 800_000, 5):
        national = block * 1000 + 234
        numbers = [
            phonenumbers.PhoneNumber(country_code=code, national_number=national)
            for code in (590, 594, 596, 262)
        ]
        existing = [number for number in numbers if phonenumbers.is_valid_number(number)]
        if not existing:
            continue
        [only] = existing
        e164 = f"+{only.country_code}{national}"
        for written in (f"0{national}", f"+33{national}", e164):
            found = parse(written, "FR")
            assert isinstance(found, PhoneNumber), written
            assert (found.e164, found.kind) == (e164, "mobile")


@pytest.mark.parametrize(
    ("digits", "e164"),
    [
        ("33612345678", "+33612345678"),
        (33612345678, "+33612345678"),
        ("+33612345678", "+33612345678"),
        (" 33612345678 ", "+33612345678"),
        ("0612345678", None),
        ("LUMEN", None),
        ("", None),
        ("1234", None),
        ("1" * 16, None),
        ("٣٣٦١٢٣٤٥٦٧٨", None),
        (None, None),
        (33612345678.5, None),
        (True, None),
    ],
)
def test_numbers_from_the_gateway(digits: object, e164: str | None) -> None:
    assert phone_numbers.from_gateway(digits) == e164


def test_the_short_way_for_french_mobiles_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Covers every prefix of four digits, overseas and fictitious ones included."""
    numbers = [f"+33{start}{end}" for start in range(6000, 8000) for end in ("00000", "98765")]
    short = [parse(number, "FR") for number in numbers]
    monkeypatch.setattr(phone_numbers, "_FRENCH_MOBILE", re.compile(r"(?!)"))
    assert [parse(number, "FR") for number in numbers] == short
