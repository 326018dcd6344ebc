"""Dates in the product's format, by the browser's own tables, so that no month is typed twice."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Page

from pages.words import Words

LOCALES = {"fr": "fr-FR", "en": "en-GB"}  # of the person at the screen
_FORMAT = """([instant, locale]) => new Intl.DateTimeFormat(locale,
    {dateStyle: 'full', timeStyle: 'short', timeZone: 'Europe/Paris'}).format(new Date(instant))"""


def day_text(page: Page, words: Words, at: datetime) -> str:
    """An aware instant with its day of the week, in the portal's time zone: Sunday 28 March 2027 at 03:30."""
    text: str = page.evaluate(_FORMAT, [at.isoformat(), LOCALES[words.language]])
    return text


def tomorrow() -> datetime:
    """This time tomorrow, in the portal's time zone."""
    return datetime.now(ZoneInfo("Europe/Paris")) + timedelta(days=1)
