"""The departure of an SMS: at a date in the portal's time zone, within the legal hours, and never after cancelling."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from connector.domain.legal_calendar import CalendarSettings, next_slot
from pages import RecordPage, Words
from pages.dates import day_text
from pages.press import press
from sandbox.driver.gateway import Gateway
from sandbox.driver.portal import Portal
from sandbox.driver.records import Contact
from sandbox.driver.waiting import until

PARIS = ZoneInfo("Europe/Paris")


def sunday(after: date) -> date:
    """The first Sunday at or after a day."""
    return after + timedelta(days=6 - after.weekday())


def next_summer_time() -> date:
    """The next day on which Paris skips the hour from two to three: the last Sunday of March."""
    today = datetime.now(PARIS).date()
    days = (sunday(date(year, 3, 25)) for year in (today.year, today.year + 1))
    return next(day for day in days if day > today)


def test_in_an_hour_that_the_clock_change_skips_then_cancelled(
    page: Page, record: RecordPage, contact: Contact, gateway: Gateway, words: Words
) -> None:
    day = next_summer_time()
    leaves = day_text(page, words, datetime.combine(day, time(1, 30), UTC))
    assert "3:30" in leaves
    composer = record.card.open_composer().write("Plus tard")
    composer.schedule(datetime.combine(day, time(2, 30)))
    expect(composer.root.get_by_text("Europe/Paris")).to_be_visible()
    expect(composer.submit).to_have_text(composer.announces(1, later=True))
    number = words.phone(contact.mobile)
    expect(composer.says("compose.schedule_skipped")).to_be_visible()
    expect(composer.departure).to_contain_text(leaves)
    expect(composer.says("compose.ready_chosen")).to_be_visible()
    composer.send()
    composer.confirm()
    done = words.app("compose.done_later", number=number, date=leaves)
    expect(record.toasts.filter(has_text=done)).to_be_visible()

    card = record.card
    expect(card.text(words.app("card.scheduled_at", date=leaves))).to_be_visible()
    press(card.root.get_by_role("button", name=words.app("card.cancel")))
    press(card.root.get_by_role("button", name=words.app("card.cancel_confirm")))
    expect(card.status("cancelled")).to_be_visible()
    expect(record.toasts.filter(has_text=words.app("card.cancelled", number=number))).to_be_visible()
    expect(card.text(words.app("card.scheduled_at", date=leaves))).to_be_hidden()
    page.reload()
    expect(card.status("cancelled")).to_be_visible()
    assert gateway.messages_on(contact.mobile) == []


@pytest.mark.long
def test_leaves_by_itself_at_its_time(record: RecordPage, contact: Contact, gateway: Gateway) -> None:
    at = datetime.now(PARIS).replace(second=0, microsecond=0) + timedelta(minutes=1)
    if at - datetime.now(PARIS) < timedelta(seconds=10):
        at += timedelta(minutes=1)
    composer = record.card.open_composer().write("A l'heure").schedule(at)
    expect(composer.submit).to_have_text(composer.announces(1, later=True))
    composer.send()
    until(lambda: gateway.messages_on(contact.mobile), "the scheduled SMS has left", patience_s=90)
    assert datetime.fromisoformat(gateway.messages_on(contact.mobile)[0]["at"]) >= at
    expect(record.card.status("delivered")).to_be_visible()


def test_stop_while_it_waits_stops_it(
    page: Page, record: RecordPage, contact: Contact, gateway: Gateway, words: Words
) -> None:
    composer = record.card.open_composer().write("Demain")
    composer.schedule(datetime.now(PARIS) + timedelta(days=1))
    expect(composer.submit).to_have_text(composer.announces(1, later=True))
    composer.send()
    heading = record.card.root.get_by_role("heading", name=words.app("card.scheduled", count=1))
    expect(heading).to_be_visible()
    gateway.control("mo", {"number": contact.mobile.lstrip("+"), "text": "STOP"})
    until(lambda: gateway.has_told("STOP", contact.mobile), "the STOP has been told")
    page.reload()
    why = f"{words.app('reason.opted_out')} {words.app('status_help.blocked')}"
    expect(record.card.text(why)).to_be_visible()
    expect(record.card.status("blocked")).to_be_visible()
    expect(heading).to_be_hidden()
    assert gateway.texts_on(contact.mobile) == []


def test_marketing_now_waits_for_the_hours_that_the_settings_give(
    page: Page, record: RecordPage, contact: Contact, person: Portal, gateway: Gateway, words: Words
) -> None:
    """The settings close the present hours, whenever this runs. An alert leaves at once all the same."""
    closed = (20, 22) if datetime.now(PARIS).hour < 20 else (8, 9)
    person.prefer(calendar={"start_hour": closed[0], "end_hour": closed[1], "alsace_moselle": False})
    slot = next_slot(datetime.now(UTC), "FR", CalendarSettings(*closed))
    leaves = day_text(page, words, slot.at)
    composer = record.card.open_composer().write("Soldes")
    press(composer.push_type("marketing"))
    expect(composer.says("compose.ready_later", date=leaves)).to_be_visible()
    expect(composer.submit).to_have_text(composer.announces(1, later=True))
    composer.send()
    expect(record.card.text(words.app("card.scheduled_at", date=leaves))).to_be_visible()
    record.card.open_composer().write("Rappel").send()
    expect(record.card.status("delivered")).to_be_visible()
    assert gateway.texts_on(contact.mobile) == ["Rappel"]
