"""Marks that run a journey in each language, and on each kind of record with the same number in it."""

import pytest

from pages import LANGUAGES

KINDS = ("contact", "company", "deal")

# A text property of each kind of record, empty in those of the tests.
TEXT_PROPERTY = {"contact": "city", "company": "city", "deal": "description"}

both_languages = pytest.mark.parametrize("language", LANGUAGES)
every_kind = pytest.mark.parametrize("kind", KINDS)
# For long journeys: every language and every kind of record, but not each with each.
languages_and_kinds = pytest.mark.parametrize(
    ("language", "kind"), [("fr", "contact"), ("en", "company"), ("fr", "deal")]
)
# Contacts and deals may offer several numbers of one person; a company has one phone property.
of_people = pytest.mark.parametrize("kind", ["contact", "deal"])
