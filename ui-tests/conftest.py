"""Fixtures of the journeys: a portal with the app installed and linked, a person, contacts for one test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from hurry import hurry
from pages import Handsets, RecordPage, Words, WorkflowPage
from sandbox.driver.gateway import Gateway
from sandbox.driver.numbers import new_number
from sandbox.driver.portal import Portal
from sandbox.driver.records import Contact, Record
from sandbox.stack import Stack

PATIENCE_MS = 30_000  # the longest time of a step on a machine under load
PACE = 4  # factor by which pages and extensions poll and preview faster than in HubSpot
VIEWPORT = {"width": 1280, "height": 900}
expect.set_options(timeout=PATIENCE_MS)


def linked_portal(stack: Stack) -> Portal:
    """The stack's portal, with the app installed and the gateway's account linked by an administrator."""
    portal = Portal(stack)
    hurry(portal)
    portal.install()
    portal.link(stack.secrets.gateway_token)
    return portal


@pytest.fixture(scope="session")
def portal(stack: Stack) -> Portal:
    """The portal that most tests share, with the app installed and linked once."""
    return linked_portal(stack)


@pytest.fixture
def language() -> str:
    """The language of the person and of the browser; `both_languages` runs a test in each."""
    return "fr"


@pytest.fixture
def words(language: str) -> Words:
    return Words(language)


@pytest.fixture(scope="session")
def base_url() -> None:
    """Tests use absolute addresses. pytest-playwright's own fixture is written in a way that pytest 9 deprecates."""


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any], language: str) -> dict[str, Any]:
    locale = {"fr": "fr-FR", "en": "en-GB"}[language]
    return {**browser_context_args, "locale": locale, "timezone_id": "Europe/Paris", "viewport": VIEWPORT}


@pytest.fixture
def page_errors() -> list[str]:
    """Errors of the page's scripts. The list must end empty, so a test removes the errors that it has provoked."""
    return []


@pytest.fixture
def page(page: Page, page_errors: list[str]) -> Iterator[Page]:
    """A page where no script may fail and where the sandbox may report no problem of our extensions."""
    page.on("pageerror", lambda error: page_errors.append(str(error)))
    page.set_default_timeout(PATIENCE_MS)
    page.add_init_script(f"window.sandboxPace = {PACE}")
    yield page
    assert page_errors == []
    assert page.evaluate("window.__hostProblems ?? []") == []


@pytest.fixture
def gateway(stack: Stack) -> Iterator[Gateway]:
    """The SMSFactor side of `portal`; its faults and settings are reset at the end of the test."""
    gateway = Gateway(stack.smsfactor_url, stack.secrets.gateway_token)
    settings = gateway.settings()
    yield gateway
    gateway.clear_faults()
    gateway.set(**settings)


@pytest.fixture
def person(portal: Portal, gateway: Gateway, language: str) -> Iterator[Portal]:
    """The portal, with a user of the test's language."""
    portal.speak(language)
    preferences = portal.preferences()
    yield portal
    portal.clear_faults()
    portal.prefer(**preferences)


@pytest.fixture
def contact(person: Portal) -> Contact:
    """A contact for this test alone, with a mobile number that receives SMS."""
    return person.new_contact(mobile=new_number())


@pytest.fixture
def open_record(page: Page, person: Portal, words: Words) -> Callable[[Contact | Record], RecordPage]:
    """Opens a record."""

    def open_(record: Contact | Record) -> RecordPage:
        page.goto(record.url)
        return RecordPage(page, words)

    return open_


@pytest.fixture
def kind() -> str:
    """The kind of record that `record` opens; `every_kind` runs a test with each."""
    return "contact"


@pytest.fixture
def subject(person: Portal, contact: Contact, kind: str) -> Contact | Record:
    """A record of that kind, from which the number of `contact` is texted."""
    return person.textable(kind, contact)


@pytest.fixture
def record(open_record: Callable[[Contact | Record], RecordPage], subject: Contact | Record) -> RecordPage:
    """The record of `subject`, opened."""
    return open_record(subject)


@pytest.fixture
def workflow(page: Page, person: Portal, words: Words) -> WorkflowPage:
    """The editor of a new workflow."""
    page.goto(f"{person.url}/contacts/{person.session()['portal']['id']}/workflows/new")
    return WorkflowPage(page, words)


@pytest.fixture
def handsets(page: Page, stack: Stack, words: Words) -> Callable[[], Handsets]:
    """Opens the handset page in a tab of its own."""

    def open_() -> Handsets:
        tab = page.context.new_page()
        tab.goto(f"{stack.smsfactor_url}/handsets")
        return Handsets(tab, words)

    return open_
