"""Takes the pictures of the README: `.venv/bin/python -m pytest ui-tests/shots/take.py` writes docs/images/*.png.

Not part of the test run (its name is no test's). Look at every picture before you commit it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pages import Handsets, RecordPage, Words, WorkflowPage
from pages.press import press
from sandbox.driver.portal import Portal
from sandbox.driver.records import Contact
from sandbox.processes import ROOT
from sandbox.stack import Stack

IMAGES = ROOT / "docs" / "images"
LARGEST = 250_000  # bytes of one picture
SENDER = "LUMEN"
ACTION = "send_sms"


@dataclass(frozen=True)
class Scene:
    """The texts in the pictures of one language."""

    to_customer: tuple[str, ...]
    draft: str
    to_second: str
    to_third: str
    to_fourth: str
    workflow: str


SCENES = {
    "fr": Scene(
        to_customer=(
            "Rappel : votre rendez-vous avec Margaux est confirmé demain à 10h30.",
            "Bonjour Camille, votre commande 2418 est arrivée. Nous vous attendons jusqu'à 19h. L'Atelier Lumen",
        ),
        draft="Bonjour {{firstname}}, votre luminaire est réparé : vous pouvez passer le chercher dès demain. Margaux",
        to_second="Votre code de retrait est le 4815. Il est valable jusqu'à samedi.",
        to_third="Merci de votre visite, à bientôt !",
        to_fourth="Votre règlement de 129 € est bien arrivé. Merci !",
        workflow="Bonjour {{firstname}}, votre commande est arrivée : retirez-la quand vous voulez à l'atelier.",
    ),
    "en": Scene(
        to_customer=(
            "Reminder: your appointment with Margaux is confirmed for tomorrow at 10:30.",
            "Hello Emily, your order 2418 has arrived. The shop is open until 7 pm. Atelier Lumen",
        ),
        draft="Hello {{firstname}}, your lamp has been repaired: you can collect it from tomorrow. Margaux",
        to_second="Your collection code is 4815. It is valid until Saturday.",
        to_third="Thank you for your visit – see you soon!",
        to_fourth="We have received your payment of €129. Thank you!",
        workflow="Hello {{firstname}}, your order is ready: collect it from the shop whenever you like.",
    ),
}
ENGLISH_CUSTOMER = {
    "firstname": "Emily",
    "lastname": "Carter",
    "email": "emily.carter@mail.example",
    "jobtitle": "Shop manager",
    "company": "Boutique Lumière",
    "city": "Paris",
    "country": "France",
}


@pytest.mark.parametrize("language", SCENES)
def test_take(page: Page, make_stack: Callable[..., Stack], words: Words) -> None:
    stack = make_stack()
    try:
        portal = Portal(stack)
        portal.install()
        portal.link(stack.secrets.gateway_token)
        portal.speak(words.language)
        _take_all(page, portal, words, SCENES[words.language])
    finally:
        stack.stop()


def _take_all(page: Page, portal: Portal, words: Words, scene: Scene) -> None:
    _send(page, words, portal.find("Louise Guérin"), scene.to_fourth, sender=SENDER)
    _send(page, words, portal.find("Jade Robin"), scene.to_second, sender=SENDER)
    _send(page, words, portal.find("Sarah Benali"), scene.to_third, unicode=True)
    customer = _customer(portal, words.language)
    for text in scene.to_customer:
        record = _send(page, words, customer, text)
    expect(record.events("EVENT_RECEIPT_NAME")).to_have_count(len(scene.to_customer))
    _shoot(page, f"record-{words.language}")

    composer = record.card.open_composer().write(scene.draft)
    expect(composer.submit).to_be_enabled()
    composer.preview.scroll_into_view_if_needed()
    _shoot(page, f"composer-{words.language}")

    page.goto(f"{portal.stack.smsfactor_url}/handsets")
    expect(Handsets(page, words).message(customer.mobile, scene.to_customer[-1])).to_be_visible()
    _shoot(page, f"handsets-{words.language}")

    page.goto(f"{portal.url}/contacts/{portal.session()['portal']['id']}/workflows/new")
    workflow = WorkflowPage(page, words)
    workflow.field(ACTION, "recipient").select_option("mobilephone")
    workflow.field(ACTION, "push_type").select_option("alert")
    workflow.field(ACTION, "message").fill(scene.workflow)
    workflow.field(ACTION, "message").blur()
    _shoot(page, f"workflow-{words.language}")


def _customer(portal: Portal, language: str) -> Contact:
    if language == "fr":
        return portal.find("Camille Moreau")
    return portal.new_contact(mobile="+33612345661", **ENGLISH_CUSTOMER)


def _send(
    page: Page, words: Words, contact: Contact, text: str, *, sender: str = "", unicode: bool = False
) -> RecordPage:
    """Send an SMS and wait until it is delivered and the page is still."""
    page.goto(contact.url)
    record = RecordPage(page, words)
    composer = record.card.open_composer()
    if sender:
        composer.choose_sender(sender)
    if unicode:
        press(composer.unicode)
    composer.write(text).send()
    expect(record.card.text(text)).to_be_visible()
    expect(record.card.status("queued")).to_be_hidden()
    expect(record.card.status("accepted")).to_be_hidden()
    press(record.toasts.get_by_role("button", name=words.page("common.close")))
    expect(record.toasts).to_have_count(0)
    return record


def _shoot(page: Page, name: str) -> None:
    page.evaluate("Promise.allSettled(document.getAnimations().map(animation => animation.finished))")
    page.mouse.move(0, 0)
    IMAGES.mkdir(parents=True, exist_ok=True)
    picture = Path(IMAGES / f"{name}.png")
    page.screenshot(path=picture)
    assert picture.stat().st_size < LARGEST
