"""Marks that run a journey in each language, and on each kind of record with the same number in it."""

import pytest

from pages import LANGUAGES

KINDS = ("contact", "company", "deal")

both_languages = pytest.mark.parametrize("language", LANGUAGES)
every_kind = pytest.mark.parametrize("kind", KINDS)
