"""Property values as an SMS shows them: labels of choices, dates as people write them."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.text.property_values import PropertyShape, shown

PARIS = ZoneInfo("Europe/Paris")
STAGE = PropertyShape("stage", "Étape", "enumeration", {"won": "Gagnée", "7": "En cours"})
DAY = PropertyShape("day", "Jour", "date")
INSTANT = PropertyShape("at", "Rendez-vous", "datetime")


@pytest.mark.parametrize(
    ("value", "shape", "language", "expected"),
    [
        ("won", STAGE, "fr", "Gagnée"),
        ("won;7", STAGE, "fr", "Gagnée, En cours"),
        ("lost", STAGE, "fr", "lost"),
        ("won;new;", STAGE, "fr", "Gagnée, new"),
        ("true", PropertyShape("vip", "VIP", "bool", {"true": "Oui", "false": "Non"}), "fr", "Oui"),
        ("2026-11-25", DAY, "fr", "25/11/2026"),
        ("2026-11-25", DAY, "en", "2026-11-25"),
        ("1795564800000", DAY, "fr", "25/11/2026"),
        ("2026-11-25T00:00:00Z", DAY, "fr", "25/11/2026"),
        ("2026-11-25T17:30:00Z", INSTANT, "fr", "25/11/2026 18:30"),
        ("2026-07-25T17:30:00.123Z", INSTANT, "en", "2026-07-25 19:30"),
        ("1795627800000", INSTANT, "fr", "25/11/2026 18:30"),
        ("tomorrow", INSTANT, "fr", "tomorrow"),
        ("9999-12-31T23:59:59Z", INSTANT, "fr", "9999-12-31T23:59:59Z"),
        ("1499.90", PropertyShape("amount", "Montant", "number"), "fr", "1499.90"),
        ("Inès", None, "fr", "Inès"),
        (None, STAGE, "fr", None),
        ("", DAY, "fr", ""),
    ],
)
def test_values_read_as_people_write_them(
    value: str | None, shape: PropertyShape | None, language: str, expected: str | None
) -> None:
    assert shown(value, shape, language=language, zone=PARIS) == expected


VALUES = st.one_of(st.text(), st.integers().map(str), st.datetimes().map(str), st.dates().map(str))


@given(VALUES, st.sampled_from([STAGE, DAY, INSTANT]), st.sampled_from(["fr", "en", "de"]))
def test_whatever_a_record_holds_can_be_shown(value: str, shape: PropertyShape, language: str) -> None:
    assert isinstance(shown(value, shape, language=language, zone=PARIS), str)
