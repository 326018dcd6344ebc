"""Takes pictures of the composer in its states, both languages and the sizes that it is designed for.

`make pictures` writes them to .sandbox/pictures. Not part of the test run (its name is no test's). Look at every
picture after a change of the composer; `take.py` takes the pictures of the README.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from pages import Composer, RecordPage, Words
from pages.press import press
from sandbox.driver.gateway import Gateway
from sandbox.driver.numbers import new_number
from sandbox.driver.portal import Portal
from sandbox.driver.records import Contact, Record
from sandbox.driver.waiting import until
from sandbox.processes import ROOT

PICTURES = ROOT / ".sandbox" / "pictures"
# A screen of a laptop, the window of the journeys, a panel of 480 and of 360 pixels, the laptop at a zoom of 200 %.
SIZES = {
    "1366": (1366, 768),
    "1280": (1280, 900),
    "480": (480, 768),
    "360": (360, 768),
    "zoom": (683, 384),
}
STOP_ENDING = 95  # the handset answers STOP
LINK = "https://atelier-lumen.example/soldes"

TEXTS = {
    "fr": {
        "written": "Bonjour {{firstname}}, votre luminaire est réparé : vous pouvez passer le chercher. Margaux",
        "accents": "Bonjour {{firstname}}, votre luminaire est prêt. Vous pouvez passer le chercher dès demain. "
        "À bientôt à l’atelier, nous sommes ouverts jusqu’à 19 h ! Margaux",
        "marketing": "Dimanche à l’Atelier Lumen : 20 % sur toutes les suspensions",
        "deal": "Bonjour {{contact.firstname}}, votre devis est accepté.",
    },
    "en": {
        "written": "Hello {{firstname}}, your lamp has been repaired: you can collect it from tomorrow. Margaux",
        "accents": "Hello {{firstname}}, your “Forêt” lamp is ready. You can collect it from tomorrow. See you soon "
        "at the shop, which is open until 7 pm every day but Sunday – Margaux",
        "marketing": "On Sunday at Atelier Lumen: 20% off every pendant lamp",
        "deal": "Hello {{contact.firstname}}, your quote is accepted.",
    },
}


@pytest.fixture
def opened(page: Page, words: Words) -> Callable[[Contact | Record], Composer]:
    """Opens the composer of a record."""

    def open_(record: Contact | Record) -> Composer:
        page.set_viewport_size({"width": 1366, "height": 768})
        page.goto(record.url)
        return RecordPage(page, words).card.open_composer()

    return open_


@pytest.mark.parametrize("language", ["fr", "en"])
def test_take(
    page: Page, person: Portal, gateway: Gateway, opened: Callable[[Contact | Record], Composer], words: Words
) -> None:
    texts = TEXTS[words.language]
    name = {"firstname": "Camille", "lastname": "Moreau"}
    contact = person.new_contact(mobile=new_number(), **name)
    shoot = _Shots(page, words.language)

    composer = opened(contact)
    shoot("empty")
    composer.write(texts["written"])
    expect(composer.submit).to_have_text(composer.announces(1))
    shoot("written")

    composer = opened(contact).write(texts["accents"])
    expect(composer.submit).to_be_enabled()
    shoot("accents")

    composer = opened(contact).write(texts["marketing"])
    press(composer.push_type("marketing"))
    composer.open_tool("link").add_link(LINK)
    composer.choose_sender("LUMEN")
    expect(composer.submit).to_be_enabled()
    shoot("marketing")

    composer = opened(contact).write(texts["written"])
    composer.schedule(datetime.now(UTC).replace(hour=14, minute=0) + timedelta(days=2))
    expect(composer.submit).to_have_text(composer.announces(1, later=True))
    shoot("scheduled")

    deal = person.textable("deal", contact, dealname="Lustre du salon")
    composer = opened(deal).write(texts["deal"])
    expect(composer.submit).to_be_enabled()
    shoot("deal")

    stopped = person.new_contact(mobile=new_number(STOP_ENDING), **name)
    opened(stopped).write("Bonjour").send()
    until(lambda: gateway.has_told("STOP", stopped.mobile), "the STOP has been told")
    composer = opened(stopped).write(texts["written"])
    expect(composer.consent).to_be_visible()
    shoot("opted-out")


class _Shots:
    """Photographs the page in each size."""

    def __init__(self, page: Page, language: str) -> None:
        self._page, self._language = page, language

    def __call__(self, state: str) -> None:
        page = self._page
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.mouse.move(0, 0)
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate("Promise.allSettled(document.getAnimations().map(animation => animation.finished))")
            page.screenshot(path=PICTURES / f"{state}-{self._language}-{size}.png")
