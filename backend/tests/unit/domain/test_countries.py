"""Countries as people write them in a CRM, in French and in English."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.countries import country_of
from connector.domain.phone_numbers import COUNTRIES

KNOWN = [
    ("Suisse", "CH"),
    ("Switzerland", "CH"),
    ("  la SUISSE ", "CH"),
    ("ch", "CH"),
    ("Etats-Unis", "US"),
    ("États-Unis", "US"),
    ("U.S.A.", "US"),
    ("United Kingdom", "GB"),
    ("Royaume Uni", "GB"),
    ("UK", "GB"),
    ("Cote d'Ivoire", "CI"),
    ("Côte d’Ivoire", "CI"),
    ("Pays-Bas", "NL"),
    ("Réunion", "RE"),
    ("La Reunion", "RE"),
    ("Saint Pierre et Miquelon", "PM"),
    ("Polynésie française", "PF"),
    ("Corée du Sud", "KR"),
]


@pytest.mark.parametrize(("written", "code"), KNOWN)
def test_names_and_codes(written: str, code: str) -> None:
    assert country_of(written) == code


@pytest.mark.parametrize("written", ["", " ", "?", "Atlantis", "é", None, "x" * 10_000])
def test_unknown_ones(written: str | None) -> None:
    assert country_of(written) is None


def test_each_code_is_known() -> None:
    assert [code for code in COUNTRIES if country_of(code) != code] == []


@given(st.text(max_size=30))
def test_never_raises(written: str) -> None:
    assert country_of(written) is None or len(str(country_of(written))) == 2
