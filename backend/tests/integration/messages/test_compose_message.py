"""Composing on real rows: tokens, links, schedule, legal hours, consent, templates, replies and clicks."""

import json
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from backend.tests.factories import RECIPIENT, a_command, a_consent, a_portal, a_request
from backend.tests.integration.conftest import drain
from connector.crm.records import TextableRecord
from connector.domain.refusals import Code, Refusal
from connector.domain.vocabulary import ConsentSource, LaneKind, PushType
from connector.inbound.card.card import render_card
from connector.inbound.http.callers import Caller
from connector.inbound.http.rendering import render_instant
from connector.settings import Settings
from connector.store import inbox, lanes
from connector.store.consent import opt_outs
from connector.store.database import Conn, connect
from connector.store.messages import by_record, messages, templates
from connector.store.messages import queue as message_queue
from connector.store.messages.messages import Message
from connector.store.messages.templates import Author, Template, TemplateContent
from connector.store.portals import portals
from connector.store.portals.portals import Portal
from connector.store.vault import Vault
from connector.use_cases.consent.record_consent import record_consent
from connector.use_cases.delivery.apply_reply import ApplyReply, apply_reply
from connector.use_cases.delivery.receive_event import (
    ReceivedReply,
    ReceivedStop,
    receive_reply,
    receive_stop,
)
from connector.use_cases.messages import edit_templates
from connector.use_cases.messages.cancel_message import cancel_message
from connector.use_cases.messages.compose_message import compose_message
from connector.use_cases.messages.open_card import open_card
from connector.use_cases.messages.queue_message import queue_message
from connector.wiring import Wiring

PARIS = ZoneInfo("Europe/Paris")
MONDAY_NOON = datetime(2026, 11, 23, 12, 0, tzinfo=PARIS)
SATURDAY_NIGHT = datetime(2027, 5, 15, 21, 0, tzinfo=PARIS)  # before Whit Monday
SCHEDULE_TIMES = json.loads(
    (Path(__file__).parents[4] / "contracts" / "schedule_times.json").read_text(encoding="utf-8")
)["vectors"]
CONTENT = TemplateContent("Bonjour {{firstname|à vous}}", [], PushType.ALERT, None, False)


@pytest.fixture
def portal(conn: Conn, vault: Vault) -> Portal:
    return a_portal(conn, vault)


def queue(conn: Conn, vault: Vault, portal: Portal, **changes: object) -> Message:
    queued = queue_message(conn, portal, a_command(**changes), deployment_prefix="tst")
    conn.commit()
    return queued.message


def in_a_day() -> str:
    return (datetime.now(PARIS) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")


# --- composing


def test_tokens_are_filled_in_and_a_missing_one_is_named(portal: Portal) -> None:
    request = a_request(text="Bonjour {{firstname}} {{lastname|}}", values={"firstname": "Zoé"})
    assert compose_message(portal, request, MONDAY_NOON).text == "Bonjour Zoé "
    nothing = replace(request, text="{{firstname}} {{no_such}}", values={}, labels={"firstname": "Prénom"})
    with pytest.raises(Refusal) as refusal:
        compose_message(portal, nothing, MONDAY_NOON)
    assert refusal.value.code == Code.PROPERTY_MISSING
    names, labels = ["firstname", "no_such"], ["Prénom", "no_such"]
    assert refusal.value.params == {"names": names, "labels": labels}


def test_character_that_a_property_brings_is_replaced_or_named(portal: Portal) -> None:
    text = "Bonjour {{firstname}} " + "a" * 70
    loic = compose_message(portal, a_request(text=text, values={"firstname": "Loïc ê"}), MONDAY_NOON)
    assert loic.text == "Bonjour Loic e " + "a" * 70
    with pytest.raises(Refusal) as refusal:
        compose_message(portal, a_request(text=text, values={"firstname": "Loïc 🌸"}), MONDAY_NOON)
    assert refusal.value.params == {"characters": ["🌸"], "parts": 2, "parts_without": 1}


def test_links_are_counted_and_never_glued_to_the_stop_mention(portal: Portal) -> None:
    request = a_request(
        text="Voir <-short->",
        links=["https://lumen.example/a"],
        push_type="marketing",
        sender="LUMEN",
    )
    composed = compose_message(portal, request, MONDAY_NOON)
    assert composed.text == "Voir <-short->\n<-stop->"
    assert composed.segments.units == len("Voir ") + 21 + 1 + 16
    with pytest.raises(Refusal) as refusal:
        compose_message(portal, replace(request, links=[]), MONDAY_NOON)
    assert refusal.value.code == Code.LINK_COUNT_WRONG


def test_marketing_waits_for_the_legal_hours_and_an_alert_does_not(portal: Portal) -> None:
    marketing = compose_message(portal, a_request(push_type="marketing"), SATURDAY_NIGHT)
    assert marketing.slot.at.astimezone(PARIS) == datetime(2027, 5, 18, 8, 0, tzinfo=PARIS), (
        "after Whit Monday"
    )
    assert marketing.is_delayed
    alert = compose_message(portal, a_request(), SATURDAY_NIGHT)
    assert (alert.slot.at, alert.is_delayed) == (SATURDAY_NIGHT, False)


@pytest.mark.parametrize(("now", "send_at", "expected"), SCHEDULE_TIMES)
def test_times_around_a_change_of_clocks_are_those_of_the_card(
    portal: Portal, now: str, send_at: str, expected: str | None
) -> None:
    request, at = a_request(send_at=send_at), datetime.fromisoformat(now).replace(tzinfo=UTC)
    if expected is None:
        with pytest.raises(Refusal) as refusal:
            compose_message(portal, request, at)
        assert refusal.value.code == Code.SCHEDULE_IN_PAST
    else:
        composed = compose_message(portal, request, at)
        assert composed.asked_at == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_time_that_has_passed_is_refused(portal: Portal) -> None:
    with pytest.raises(Refusal) as refusal:
        compose_message(portal, a_request(send_at="2026-11-23T11:50"), MONDAY_NOON)
    assert refusal.value.code == Code.SCHEDULE_IN_PAST
    just_now = compose_message(portal, a_request(send_at="2026-11-23T11:58"), MONDAY_NOON)
    assert just_now.asked_at == MONDAY_NOON


@pytest.mark.parametrize(
    ("send_at", "refusal"),
    [
        ("0001-01-01T00:00", Refusal(Code.SCHEDULE_IN_PAST)),
        ("2100-03-01T10:00", Refusal(Code.SCHEDULE_TOO_FAR, year=2099)),
        ("9999-12-31T23:59", Refusal(Code.SCHEDULE_TOO_FAR, year=2099)),
        ("demain", Refusal(Code.BAD_REQUEST, field="send_at")),
    ],
)
@pytest.mark.parametrize("push_type", ["alert", "marketing"])
def test_year_that_nobody_means_is_refused(
    portal: Portal, send_at: str, refusal: Refusal, push_type: str
) -> None:
    with pytest.raises(Refusal) as raised:
        compose_message(portal, a_request(send_at=send_at, push_type=push_type), MONDAY_NOON)
    assert raised.value == refusal


def test_country_that_is_not_allowed_is_refused(portal: Portal) -> None:
    strict = replace(portal, allowed_countries=["BE"])
    with pytest.raises(Refusal) as refusal:
        compose_message(strict, a_request(), MONDAY_NOON)
    assert refusal.value.params == {"country": "FR"}


# --- scheduled messages


def test_scheduled_message_waits_is_listed_and_can_be_cancelled_once(
    conn: Conn, vault: Vault, portal: Portal
) -> None:
    message = queue(conn, vault, portal, send_at=in_a_day())
    assert message.state == "scheduled"
    listed = by_record.scheduled(
        conn, portal.portal_id, object_type_id="0-1", object_id="501", recipients=[RECIPIENT.e164], limit=20
    )
    assert [m.message_id for m in listed] == [message.message_id]
    for _ in range(2):
        cancelled = cancel_message(conn, portal.portal_id, message.message_id, user_id=77)
        assert cancelled.state == "cancelled"
    conn.commit()


def test_message_of_another_portal_cannot_be_cancelled(conn: Conn, vault: Vault, portal: Portal) -> None:
    message = queue(conn, vault, portal, send_at=in_a_day())
    stranger = a_portal(conn, vault)
    with pytest.raises(Refusal) as refusal:
        cancel_message(conn, stranger.portal_id, message.message_id, user_id=1)
    conn.rollback()
    assert refusal.value.code == Code.MESSAGE_NOT_CANCELLABLE


def test_scheduled_message_is_queued_when_its_time_has_come(conn: Conn, vault: Vault, portal: Portal) -> None:
    message = queue(conn, vault, portal, send_at=in_a_day())
    assert message_queue.come_due(conn, portal.portal_id, [0]) == []
    conn.execute(
        "UPDATE messages SET due_at = now(), checked_at = now() WHERE message_id = %s", (message.message_id,)
    )
    assert message_queue.come_due(conn, portal.portal_id, [0]) == [message.message_id]
    conn.commit()


def test_message_whose_window_has_closed_waits_for_the_next(alone: Wiring, own: Conn) -> None:
    portal = a_portal(own, alone.vault)
    message = queue(own, alone.vault, portal, text="Bonjour")
    own.execute(
        "UPDATE messages SET push_type = 'marketing', slot_ends_at = now() + interval '1 s', priority = 2"
    )
    own.commit()
    drain(alone)  # closed gateway port: a claim would have failed
    after = messages.get(own, portal.portal_id, message.message_id)
    # While the hours are open, the next slot begins in seconds: then it stays queued, and needs no new reading.
    assert after.state in ("queued", "scheduled")
    assert after.attempt_id is None
    assert after.reason == "legal_hours"
    assert after.slot_ends_at is not None
    assert after.slot_ends_at > datetime.now(UTC) + timedelta(minutes=1)
    assert after.expires_at - after.due_at == timedelta(hours=24)
    assert_listed_as_scheduled(own, alone, portal, after)
    assert cancel_message(own, portal.portal_id, after.message_id, user_id=77).state == "cancelled"
    own.commit()


@pytest.mark.parametrize("change", ["hours", "countries"])
@pytest.mark.parametrize("state", ["scheduled", "queued"])
def test_what_waits_obeys_preferences_that_became_stricter(
    alone: Wiring, own: Conn, change: str, state: str
) -> None:
    """Hours and countries are also checked when a message is about to leave, not only when it is written (P11)."""
    portal = a_portal(own, alone.vault)
    message = queue(own, alone.vault, portal)
    own.execute(
        "UPDATE messages SET push_type = 'marketing', slot_ends_at = now() + interval '1 h', priority = 2,"
        " state = %s, due_at = now(), checked_at = now()",
        (state,),
    )
    if change == "hours":
        # The portal's hours lie in the other half of the day, so they are closed at any time of the test.
        hour = datetime.now(PARIS).hour
        hours = (8, 9) if hour >= 12 else (19, 20)
        stricter: dict[str, Any] = {"calendar_start_hour": hours[0], "calendar_end_hour": hours[1]}
    else:
        stricter = {"allowed_countries": ["BE"]}
    portals.save_preferences(own, portal.portal_id, stricter)
    own.commit()
    drain(alone)  # closed gateway port: a claim would have failed
    after = messages.get(own, portal.portal_id, message.message_id)
    own.commit()
    assert after.attempt_id is None
    if change == "hours":
        assert (after.state, after.reason) == ("scheduled", "legal_hours")
        assert after.due_at.astimezone(PARIS).hour == hours[0]
        assert after.due_at > datetime.now(UTC)
    else:
        assert (after.state, after.reason) == ("blocked", "country_not_allowed")


def test_time_that_is_told_leaves_room_for_the_call(portal: Portal) -> None:
    """Ten seconds before closing time, no claim would begin a call of 15 s, so the answer is not "now"."""
    late = MONDAY_NOON.replace(hour=19, minute=59, second=50)
    marketing = compose_message(portal, a_request(push_type="marketing"), late, call_s=15.0)
    assert marketing.is_delayed
    assert marketing.slot.at.astimezone(PARIS) == datetime(2026, 11, 24, 8, 0, tzinfo=PARIS)
    early = late - timedelta(seconds=10)
    assert not compose_message(portal, a_request(push_type="marketing"), early, call_s=15.0).is_delayed


def assert_listed_as_scheduled(conn: Conn, wiring: Wiring, portal: Portal, message: Message) -> None:
    """The card shows its time and offers to cancel it."""
    card = open_card(
        conn, wiring.vault, portal, object_type_id="0-1", object_id="501", recipients=[message.recipient]
    )
    shown = render_card(
        Caller(portal, 77, "ines@lumen.example"), card, TextableRecord("0-1", "501", [], {}), wiring.settings
    )
    listed = [(one["id"], one["due_at"]) for one in shown["scheduled"]]
    assert listed == [(str(message.message_id), render_instant(message.due_at))]
    assert (shown["messages"], shown["scheduled_count"]) == ([], 1)


def test_scheduled_messages_do_not_hide_what_was_sent(conn: Conn, vault: Vault, portal: Portal) -> None:
    sent = queue(conn, vault, portal)
    for _ in range(12):
        queue(conn, vault, portal, send_at=in_a_day())
    card = open_card(conn, vault, portal, object_type_id="0-1", object_id="501", recipients=[RECIPIENT.e164])
    conn.commit()
    assert [message.message_id for message in card.messages] == [sent.message_id]
    assert (len(card.scheduled), card.scheduled_count) == (10, 12)


# --- consent


def test_stop_blocks_what_waits_and_consent_lets_text_again(conn: Conn, vault: Vault, portal: Portal) -> None:
    message = queue(conn, vault, portal, send_at=in_a_day())
    stop = ReceivedStop(
        str(portal.portal_id), RECIPIENT.e164, "STOP", datetime.now(UTC), uuid.uuid4().hex, payload={}
    )
    assert receive_stop(conn, stop) == "stored"
    conn.commit()
    assert messages.get(conn, portal.portal_id, message.message_id).state == "blocked"
    with pytest.raises(Refusal):
        queue(conn, vault, portal)
    conn.rollback()
    record_consent(conn, a_consent(conn, portal.portal_id))
    conn.commit()
    assert queue(conn, vault, portal).state == "queued"
    history = conn.execute(
        "SELECT event, source, user_id, user_email, text FROM consent_events WHERE portal_id = %s ORDER BY event_id",
        (portal.portal_id,),
    ).fetchall()
    assert history == [
        {"event": "opted_out", "source": "stop", "user_id": None, "user_email": None, "text": "STOP"},
        {
            "event": "consented",
            "source": "card",
            "user_id": 77,
            "user_email": "ines.moreau@atelier-lumen.example",
            "text": "a rappelé",
        },
    ]


def test_stop_that_the_gateway_tells_again_does_not_undo_consent(
    conn: Conn, vault: Vault, portal: Portal
) -> None:
    """Webhooks are repeated; a new STOP is another event."""
    at = datetime.now(UTC)
    first = ReceivedStop(str(portal.portal_id), RECIPIENT.e164, "STOP", at, "first", payload={})
    assert receive_stop(conn, first) == "stored"
    record_consent(conn, a_consent(conn, portal.portal_id))
    conn.commit()
    assert receive_stop(conn, first) == "repeated"
    conn.commit()
    assert opt_outs.opted_out(conn, portal.portal_id, [RECIPIENT.e164]) == set()
    assert receive_stop(conn, replace(first, when="second")) == "stored"
    assert opt_outs.opted_out(conn, portal.portal_id, [RECIPIENT.e164]) == {RECIPIENT.e164}
    conn.commit()


def test_portal_may_let_alerts_through_and_never_marketing(conn: Conn, vault: Vault, portal: Portal) -> None:
    portals.save_preferences(conn, portal.portal_id, {"alert_rule": "allow"})
    opt_outs.add(
        conn, portal.portal_id, RECIPIENT.e164, source=ConsentSource.STOP, text="", at=datetime.now(UTC)
    )
    conn.commit()
    lenient = portals.find_installed(conn, portal.portal_id)
    assert lenient is not None
    assert queue(conn, vault, lenient).state == "queued"
    with pytest.raises(Refusal) as refusal:
        queue(conn, vault, lenient, push_type="marketing")
    conn.rollback()
    assert refusal.value.code == Code.OPTED_OUT


# --- templates


def listed_templates(conn: Conn, portal: Portal) -> list[Template]:
    return templates.listed(conn, portal.portal_id, after_name="", after_id=uuid.UUID(int=0), limit=1000)


def test_template_keeps_every_version(conn: Conn, portal: Portal) -> None:
    template = edit_templates.save(conn, portal.portal_id, "Accueil", CONTENT, author=Author(77, None))
    changed = replace(CONTENT, text="Rebonjour", links=[])
    edit_templates.update(
        conn, portal.portal_id, template.template_id, changed, author=Author(78, None), seen_version=None
    )
    renamed = edit_templates.rename(
        conn, portal.portal_id, template.template_id, "Bienvenue", author=Author(79, None)
    )
    assert (renamed.version, renamed.name, renamed.content.text, renamed.updated_by.user_id) == (
        3,
        "Bienvenue",
        "Rebonjour",
        79,
    )
    texts = conn.execute(
        "SELECT text, user_id FROM template_versions WHERE template_id = %s ORDER BY version",
        (template.template_id,),
    ).fetchall()
    assert [row["text"] for row in texts] == [CONTENT.text, "Rebonjour", "Rebonjour"]
    conn.commit()


def test_template_changed_by_somebody_else_meanwhile_is_not_overwritten(conn: Conn, portal: Portal) -> None:
    template = edit_templates.save(conn, portal.portal_id, "Relance", CONTENT, author=Author(77, None))
    theirs, mine = (replace(CONTENT, text=text) for text in ("Le leur", "Le mien"))

    def update(content: TemplateContent, seen_version: int) -> Template:
        author = Author(78, "ines@lumen.example")
        template_id = template.template_id
        return edit_templates.update(
            conn, portal.portal_id, template_id, content, author=author, seen_version=seen_version
        )

    assert update(theirs, 1).updated_by == Author(78, "ines@lumen.example")
    with pytest.raises(Refusal) as refusal:
        update(mine, 1)
    assert refusal.value.code == Code.TEMPLATE_CHANGED
    [listed] = listed_templates(conn, portal)
    assert (listed.version, listed.content.text) == (2, "Le leur")
    assert update(mine, 2).version == 3
    conn.rollback()


def test_template_needs_a_name_that_can_be_read(conn: Conn, portal: Portal) -> None:
    template = edit_templates.save(conn, portal.portal_id, " Merci ", CONTENT, author=Author(77, None))
    assert template.name == "Merci"
    attempts: tuple[Callable[[], object], ...] = (
        lambda: edit_templates.save(conn, portal.portal_id, " \n", CONTENT, author=Author(77, None)),
        lambda: edit_templates.rename(
            conn, portal.portal_id, template.template_id, "\u00a0", author=Author(77, None)
        ),
    )
    for attempt in attempts:
        with pytest.raises(Refusal) as refusal:
            attempt()
        assert refusal.value == Refusal(Code.BAD_REQUEST, field="name")
    conn.rollback()


def test_every_template_is_listed(conn: Conn, portal: Portal) -> None:
    for number in range(501):
        templates.add(conn, portal.portal_id, uuid.uuid4(), f"Modèle {number:03}", CONTENT, Author(77, None))
    listed = listed_templates(conn, portal)
    assert [template.name for template in listed] == [f"Modèle {number:03}" for number in range(501)]
    conn.rollback()


def test_template_names_are_unique_in_a_portal_until_deleted(
    conn: Conn, vault: Vault, portal: Portal
) -> None:
    first = edit_templates.save(conn, portal.portal_id, "Rappel", CONTENT, author=Author(77, None))
    conn.commit()
    with pytest.raises(Refusal) as refusal:
        edit_templates.save(conn, portal.portal_id, "rappel", CONTENT, author=Author(77, None))
    conn.rollback()
    assert refusal.value.code == Code.TEMPLATE_NAME_TAKEN
    edit_templates.save(conn, a_portal(conn, vault).portal_id, "Rappel", CONTENT, author=Author(77, None))
    edit_templates.delete(conn, portal.portal_id, first.template_id, user_id=78)
    edit_templates.save(conn, portal.portal_id, "Rappel", CONTENT, author=Author(77, None))
    conn.commit()
    assert [t.name for t in listed_templates(conn, portal)] == ["Rappel"]


def test_template_of_another_portal_is_not_found(conn: Conn, vault: Vault, portal: Portal) -> None:
    template = edit_templates.save(conn, portal.portal_id, "Privé", CONTENT, author=Author(77, None))
    conn.commit()
    stranger = a_portal(conn, vault).portal_id
    for change in (
        lambda: edit_templates.update(
            conn, stranger, template.template_id, CONTENT, author=Author(1, None), seen_version=None
        ),
        lambda: edit_templates.rename(conn, stranger, template.template_id, "x", author=Author(1, None)),
        lambda: edit_templates.delete(conn, stranger, template.template_id, user_id=1),
    ):
        with pytest.raises(Refusal) as refusal:
            change()
        conn.rollback()
        assert refusal.value.code == Code.TEMPLATE_NOT_FOUND


def test_renaming_two_templates_to_one_name_at_once_is_one_refusal(
    settings: Settings, conn: Conn, portal: Portal
) -> None:
    found = [
        edit_templates.save(conn, portal.portal_id, name, CONTENT, author=Author(77, None))
        for name in ("Un", "Deux")
    ]
    conn.commit()
    together = Barrier(2)

    def rename(template: Template) -> str:
        with connect(settings.database_url) as own:
            together.wait(timeout=30)
            try:
                edit_templates.rename(
                    own, portal.portal_id, template.template_id, "Trois", author=Author(77, None)
                )
            except Refusal as refusal:
                return refusal.code
            own.commit()
            return "renamed"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(rename, found)) == ["renamed", "template_name_taken"]


def test_changes_of_one_template_at_once_are_all_kept(settings: Settings, conn: Conn, portal: Portal) -> None:
    template = edit_templates.save(conn, portal.portal_id, "Partagé", CONTENT, author=Author(77, None))
    conn.commit()
    together = Barrier(5)

    def update(n: int) -> int:
        with connect(settings.database_url) as own:
            together.wait(timeout=30)
            changed = edit_templates.update(
                own,
                portal.portal_id,
                template.template_id,
                replace(CONTENT, text=f"Texte {n}"),
                author=Author(n, None),
                seen_version=None,
            )
            own.commit()
            return changed.version

    with ThreadPoolExecutor(5) as threads:
        assert sorted(threads.map(update, range(5))) == [2, 3, 4, 5, 6]


# --- replies


def test_reply_is_kept_beside_the_message_it_answers_unread_and_once(
    conn: Conn, vault: Vault, portal: Portal
) -> None:
    message = queue(conn, vault, portal, object_id="777")
    reply = ReceivedReply(
        str(portal.portal_id), message.gateway_id, RECIPIENT.e164, "Oui", "now", payload={"message": "Oui"}
    )
    assert [receive_reply(conn, reply) for _ in range(2)] == ["stored", "repeated"]
    [event] = inbox.to_apply(conn, portal.portal_id, 10)
    command = ApplyReply(
        portal.portal_id, event.event_key, message.gateway_id, RECIPIENT.e164, "Oui 🎉", datetime.now(UTC)
    )
    assert apply_reply(conn, command)
    conn.commit()
    newest = by_record.latest(
        conn, portal.portal_id, object_type_id="0-1", object_id="777", recipients=[RECIPIENT.e164], limit=1
    )
    assert (newest[0].direction, newest[0].text, newest[0].object_id) == ("inbound", "Oui 🎉", "777")
    assert by_record.unread_count(conn, portal.portal_id, [RECIPIENT.e164]) == 1
    by_record.mark_read(conn, portal.portal_id, [RECIPIENT.e164])
    conn.commit()
    assert by_record.unread_count(conn, portal.portal_id, [RECIPIENT.e164]) == 0


def test_reply_without_id_belongs_to_the_one_portal_that_texted_the_number(conn: Conn, vault: Vault) -> None:
    """P13: two portals share an account; a reply that fits both is shown to neither."""
    client_id = uuid.uuid4().hex
    first = a_portal(conn, vault, client_id=client_id)
    second = a_portal(conn, vault, client_id=client_id)
    queue(conn, vault, first)
    one = ReceivedReply(client_id, None, RECIPIENT.e164, "Oui", "first", payload={})
    assert receive_reply(conn, one) == "stored"
    conn.commit()
    queue(conn, vault, second)
    other = ReceivedReply(client_id, None, RECIPIENT.e164, "Oui", "second", payload={})
    assert receive_reply(conn, other) == "unassigned"
    conn.commit()
    for portal, count in ((first, 1), (second, 0)):
        assert len(inbox.to_apply(conn, portal.portal_id, 10)) == count
    conn.commit()
    lanes.enter(conn, first.portal_id, LaneKind.EVENTS)
    conn.rollback()
