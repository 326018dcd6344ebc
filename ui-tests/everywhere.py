"""Marks that run a journey in each language, and on each kind of record with the same number."""

import pytest

from pages import LANGUAGES

KINDS = ("contact", "company", "deal")

# A text property of each kind of record, empty in those of the tests.
TEXT_PROPERTY = {"contact": "city", "company": "city", "deal": "description"}

both_languages = pytest.mark.parametrize("language", LANGUAGES)
every_kind = pytest.mark.parametrize("kind", KINDS)
