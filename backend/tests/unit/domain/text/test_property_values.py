"""Property values as an SMS shows them: as people write them in the portal's language (F2.5)."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.text.property_values import PropertyShape, Reader, fits, plain_text, shown
from connector.domain.vocabulary import Language, PropertyFormat

PARIS = ZoneInfo("Europe/Paris")
STAGE = PropertyShape("stage", "Étape", "enumeration", {"won": "Gagnée", "7": "En cours"})
DAY = PropertyShape("day", "Jour", "date")
INSTANT = PropertyShape("at", "Rendez-vous", "datetime")
NUMBER = PropertyShape("size", "Taille", "number")
OWNER = PropertyShape("owner", "Vendeur", "enumeration", {"41": "Inès Moreau"}, PropertyFormat.OWNER)
RICH = PropertyShape("note", "Note", "string", format=PropertyFormat.RICH_TEXT)
AMOUNT = PropertyShape("amount", "Montant", "number", format=PropertyFormat.AMOUNT)
BOOL = PropertyShape("vip", "VIP", "bool")


@pytest.mark.parametrize(
    ("value", "shape", "language", "expected"),
    [
        ("won", STAGE, "fr", "Gagnée"),
        ("won;7", STAGE, "fr", "Gagnée, En cours"),
        ("lost", STAGE, "fr", "lost"),
        ("won;new;", STAGE, "fr", "Gagnée, new"),
        ("true", PropertyShape("vip", "VIP", "bool", {"true": "Vrai", "false": "Faux"}), "fr", "Vrai"),
        ("true", BOOL, "fr", "Oui"),
        ("false", BOOL, "en", "No"),
        ("41", OWNER, "fr", "Inès Moreau"),
        ("42", OWNER, "fr", None),
        ("<p>Bonjour&nbsp;<b>vous</b></p>", RICH, "fr", "Bonjour vous"),
        ("2026-11-25", DAY, "fr", "25/11/2026"),
        ("2026-11-25", DAY, "en", "2026-11-25"),
        ("1795564800000", DAY, "fr", "25/11/2026"),
        ("2026-11-25T00:00:00Z", DAY, "fr", "25/11/2026"),
        ("2026-11-25T17:30:00Z", INSTANT, "fr", "25/11/2026 18:30"),
        ("2026-07-25T17:30:00.123Z", INSTANT, "en", "2026-07-25 19:30"),
        ("1795627800000", INSTANT, "fr", "25/11/2026 18:30"),
        ("tomorrow", INSTANT, "fr", "tomorrow"),
        ("9999-12-31T23:59:59Z", INSTANT, "fr", "9999-12-31T23:59:59Z"),
        ("1499.90", NUMBER, "fr", "1499,90"),
        ("1499.90", NUMBER, "en", "1499.90"),
        ("1499.00", NUMBER, "fr", "1499"),
        ("20261125", NUMBER, "fr", "20261125"),
        ("Inès", None, "fr", "Inès"),
        (None, STAGE, "fr", None),
        ("", DAY, "fr", ""),
    ],
)
def test_values_read_as_people_write_them(
    value: str | None, shape: PropertyShape | None, language: Language, expected: str | None
) -> None:
    assert shown(value, shape, Reader(language, PARIS)) == expected


@pytest.mark.parametrize(
    ("value", "currency", "french", "english"),
    [
        ("8400", "EUR", "8 400 €", "€8,400"),
        ("8400.5", "EUR", "8 400,50 €", "€8,400.50"),
        ("-12", "USD", "-12 $", "-$12"),
        ("1234567", "CHF", "1 234 567 CHF", "CHF 1,234,567"),
        ("99.9", "JPY", "100 ¥", "¥100"),
        ("8400", None, "8 400", "8,400"),
        ("beaucoup", "EUR", "beaucoup", "beaucoup"),
        ("NaN", "EUR", "NaN", "NaN"),
    ],
)
def test_amounts_have_their_currency(value: str, currency: str | None, french: str, english: str) -> None:
    assert shown(value, AMOUNT, Reader(Language.FR, PARIS), currency=currency) == french
    assert shown(value, AMOUNT, Reader(Language.EN, PARIS), currency=currency) == english


@pytest.mark.parametrize(
    ("rich", "plain"),
    [
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<ul><li>Un &amp; deux</li><li>trois</li></ul>", "Un & deux\ntrois"),
        ('<style>p{color:red}</style><p title="a">x  y\n z</p><!-- non -->', "x y z"),
        ("1 < 2 et 3 > 2", "1 < 2 et 3 > 2"),
        ("&lt;b&gt;", "<b>"),
    ],
)
def test_rich_text_is_plain(rich: str, plain: str) -> None:
    assert plain_text(rich) == plain


def test_a_choice_that_the_definition_lacks_does_not_fit() -> None:
    assert fits("won;7", STAGE)
    assert fits(None, STAGE)
    assert fits("anything", PropertyShape("name", "Nom"))
    assert not fits("won;new", STAGE)
    assert not fits("42", OWNER)


VALUES = st.one_of(st.text(), st.integers().map(str), st.datetimes().map(str), st.dates().map(str))


@given(
    VALUES,
    st.sampled_from([STAGE, DAY, INSTANT, NUMBER, RICH, AMOUNT, BOOL]),
    st.sampled_from(list(Language)),
)
def test_whatever_a_record_holds_can_be_shown(value: str, shape: PropertyShape, language: Language) -> None:
    assert isinstance(shown(value, shape, Reader(language, PARIS), currency="EUR"), str)
