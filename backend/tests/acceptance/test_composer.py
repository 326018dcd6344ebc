"""The composer over real HTTP: each SMS leaves once, consent needs the gateway's agreement, rights are enforced."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from connector.store.database import connect
from sandbox.driver.numbers import MOBILE
from sandbox.driver.portal import Portal
from sandbox.driver.views import CARD, SETTINGS
from sandbox.driver.waiting import until
from sandbox.hubspot_sim.seed.people import OWNERS
from sandbox.stack import Stack

SUBMISSIONS = 10


def refusal(answer: dict[str, Any]) -> dict[str, Any]:
    assert not answer["ok"], answer
    error: dict[str, Any] = answer["error"]
    return error


def preferences(visitor: Portal, **changes: Any) -> dict[str, Any]:
    saved = visitor.fetch(SETTINGS, "/settings/preferences", {})["data"]["preferences"]
    return visitor.fetch(SETTINGS, "/settings/save-preferences", {**saved, **changes})


def rights(visitor: Portal, **changes: list[int] | None) -> dict[str, Any]:
    nobody_named = {"send": None, "templates": None, "consent": None, "settings": None}
    return visitor.fetch(SETTINGS, "/settings/save-rights", {**nobody_named, **changes})


def test_ten_submissions_at_once_are_one_sms_and_ten_equal_answers(visitor: Portal, record: str) -> None:
    before = len(visitor.gateway.accepted())
    body = visitor.send_body(record, MOBILE, text="Une seule fois")
    together = Barrier(SUBMISSIONS)

    def submit(_: int) -> dict[str, Any]:
        together.wait(timeout=30)
        return visitor.send(body)

    with ThreadPoolExecutor(SUBMISSIONS) as threads:
        answers = list(threads.map(submit, range(SUBMISSIONS)))
    assert all(answer["ok"] for answer in answers), answers
    messages = [answer["data"]["message"] for answer in answers]
    # The answers are equal except for the progress of the message when each was written.
    moving = ("status", "cost_credits", "report_url", "final", "reason")
    assert len({str({k: v for k, v in m.items() if k not in moving}) for m in messages}) == 1
    assert [answer["data"]["repeated"] for answer in answers].count(False) == 1
    visitor.wait_for_status(record, "delivered")
    assert [row["number"] for row in visitor.gateway.accepted()[before:]] == [MOBILE.lstrip("+")]
    assert refusal(visitor.send({**body, "text": "Autre chose"})) == {"code": "key_reused", "params": {}}
    assert len(visitor.gateway.accepted()) == before + 1


def test_repeated_submission_is_told_of_its_sms_whatever_the_record_has_become(
    visitor: Portal, record: str
) -> None:
    """The answer was lost, and the number was reformatted, then changed. "Not sent" would be false."""
    before = len(visitor.gateway.accepted())
    body = visitor.send_body(record, MOBILE, text="Réponse perdue")
    first = visitor.send(body)
    assert first["ok"], first
    for number in ("06 12 34 56 01", "+33612345602", ""):
        visitor.set_phone(record, number)
        again = visitor.send(body)
        assert again["ok"], again
        assert again["data"]["repeated"]
        assert again["data"]["message"]["id"] == first["data"]["message"]["id"]
    visitor.wait_for_status(record, "delivered")
    assert [row["number"] for row in visitor.gateway.accepted()[before:]] == [MOBILE.lstrip("+")]


def test_consent_counts_when_the_gateway_has_taken_the_number_off_its_list(
    visitor: Portal, record: str, own_stack: Stack
) -> None:
    visitor.gateway.list_numbers("blacklist", ["+33612345690", MOBILE])
    visitor.link()  # linking imports the list
    until(lambda: visitor.card(record)["numbers"][0]["is_opted_out"], "the list is taken over")
    assert refusal(visitor.send(visitor.send_body(record, MOBILE)))["code"] == "opted_out"
    wish = {
        "object_type_id": "0-1",
        "object_id": record,
        "recipient": MOBILE,
        "reason": "  demande par téléphone\n",
    }
    blank = refusal(visitor.fetch(CARD, "/card/record-consent", {**wish, "reason": "   \n "}))
    assert blank == {"code": "bad_request", "params": {"field": "reason"}}

    visitor.gateway.fault("status", "/blacklist/contact/*", "DELETE", status=503)
    assert refusal(visitor.fetch(CARD, "/card/record-consent", wish))["code"] == "consent_not_removed"
    assert visitor.card(record)["numbers"][0]["is_opted_out"], "the ledger stays as it was"

    for _ in range(2):  # the second time there is nothing left to do
        assert visitor.fetch(CARD, "/card/record-consent", wish) == {"ok": True, "data": {}}
    with connect(own_stack.database_url) as conn:
        kept = conn.execute(
            "SELECT text, user_email FROM consent_events WHERE event = 'consented'"
        ).fetchall()
    assert kept == [{"text": "demande par téléphone", "user_email": OWNERS[0][4]}]
    assert not visitor.card(record)["numbers"][0]["is_opted_out"]
    assert visitor.send(visitor.send_body(record, MOBILE))["ok"]
    visitor.wait_for_status(record, "delivered")


def test_right_that_names_people_is_theirs_alone(visitor: Portal, record: str) -> None:
    somebody_else = [999_999]
    content: dict[str, Any] = {
        "text": "Bonjour",
        "links": [],
        "push_type": "alert",
        "sender": None,
        "unicode": False,
    }
    consent = {"object_type_id": "0-1", "object_id": record, "recipient": MOBILE, "reason": "par téléphone"}
    try:
        assert rights(visitor, send=somebody_else, templates=somebody_else, consent=somebody_else)["ok"]
        card = visitor.card(record)
        allowed = {name: card[name] for name in ("may_send", "may_edit_templates", "may_record_consent")}
        assert set(allowed.values()) == {False}
        refused = [
            visitor.send(visitor.send_body(record, MOBILE)),
            visitor.fetch(CARD, "/card/preview", visitor.preview_body(record, MOBILE)),
            visitor.fetch(CARD, "/templates/save", {"name": "Interdit", **content}),
            visitor.fetch(CARD, "/card/record-consent", consent),
        ]
        assert {refusal(answer)["code"] for answer in refused} == {"forbidden"}
    finally:
        assert rights(visitor)["ok"]
    assert visitor.card(record)["may_send"]


def test_whoever_installed_the_app_cannot_lock_themselves_out(visitor: Portal) -> None:
    assert rights(visitor, settings=[999_999])["ok"], "the person of the sandbox has installed the app"
    assert visitor.fetch(SETTINGS, "/settings/open", {})["data"]["may_edit"]
    assert rights(visitor)["ok"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"calendar": {"start_hour": 7, "end_hour": 20, "alsace_moselle": False}}, "calendar"),
        ({"calendar": {"start_hour": 8, "end_hour": 23, "alsace_moselle": False}}, "calendar"),
        ({"calendar": {"start_hour": 12, "end_hour": 12, "alsace_moselle": False}}, "calendar"),
        ({"default_country": "XX"}, "default_country"),
        ({"allowed_countries": ["FR", "XX"]}, "allowed_countries"),
        ({"allowed_countries": []}, "allowed_countries"),
        ({"phone_properties": {"contacts": ["mobilphone"], "companies": ["phone"]}}, "phone_properties"),
        ({"alert_rule": "sometimes"}, "alert_rule"),
    ],
)
def test_preferences_that_make_no_sense_are_refused(
    visitor: Portal, changes: dict[str, Any], field: str
) -> None:
    before = visitor.fetch(SETTINGS, "/settings/preferences", {})
    assert refusal(preferences(visitor, **changes)) == {"code": "bad_request", "params": {"field": field}}
    assert visitor.fetch(SETTINGS, "/settings/preferences", {}) == before


def test_preferences_are_obeyed(visitor: Portal, record: str) -> None:
    changes = {
        "default_country": "BE",
        "default_sender": "LUMEN",
        "phone_properties": {"contacts": ["phone", "mobilephone", "phone"], "companies": ["phone"]},
        "calendar": {"start_hour": 9, "end_hour": 22, "alsace_moselle": True},
        "allowed_countries": ["BE"],
    }
    before = visitor.fetch(SETTINGS, "/settings/preferences", {})["data"]["preferences"]
    try:
        saved = preferences(visitor, **changes)["data"]["preferences"]
        assert saved == {
            **before,
            **changes,
            "phone_properties": {**before["phone_properties"], "contacts": ["phone", "mobilephone"]},
        }
        card = visitor.card(record)
        assert card["defaults"]["sender"] == "LUMEN"
        [mobile] = [number for number in card["numbers"] if number["property"] == "mobilephone"]
        assert mobile["is_foreign"]
        answer = visitor.send(visitor.send_body(record, MOBILE))
        assert refusal(answer) == {"code": "country_not_allowed", "params": {"country": "FR"}}
    finally:
        assert preferences(visitor, **before)["ok"]


def test_what_the_preview_shows_is_what_is_sent_and_charged(visitor: Portal, record: str) -> None:
    belgian = "+32470123456"
    visitor.set_phone(record, belgian)
    visitor.gateway.set(country_costs={"BE": 3})
    wish = {"text": "Bonjour {{firstname|vous}} 🎉 " + "x" * 60, "unicode": True, "sender": "LUMEN"}
    shown = visitor.fetch(CARD, "/card/preview", visitor.preview_body(record, belgian, **wish))["data"]
    assert (shown["encoding"], shown["parts"], shown["cost_credits"], shown["is_delayed"]) == (
        "ucs2",
        2,
        6,
        False,
    )
    codes = {warning["code"] for warning in shown["warnings"]}
    assert codes == {"foreign_number", "unicode_parts", "sender_no_reply", "multi_part"}
    sent = visitor.send(visitor.send_body(record, belgian, **wish))["data"]["message"]
    assert (sent["text"], sent["parts"]) == (shown["text"], shown["parts"])
    charged = visitor.wait_for_status(record, "accepted", "delivered")
    assert charged["cost_credits"] == shown["cost_credits"]
    assert visitor.gateway.messages_on(belgian)[-1]["text"] == shown["text"]


def test_short_links_reach_the_handset_and_their_clicks_come_back(
    visitor: Portal, own_stack: Stack, record: str
) -> None:
    targets = ["https://lumen.example/a?b=1", "https://lumen.example/c"]
    wish = {"text": "Voir <-short-> ou <-short->", "links": targets}
    shown = visitor.fetch(CARD, "/card/preview", visitor.preview_body(record, MOBILE, **wish))["data"]
    assert shown["units"] == len("Voir  ou ") + 2 * visitor.card(record)["short_url_units"]
    message = visitor.send(visitor.send_body(record, MOBILE, **wish))["data"]["message"]
    visitor.wait_for_status(record, "delivered")
    text = visitor.gateway.messages_on(MOBILE)[-1]["text"]
    codes = re.findall(r"https?://\S+/(\w+)", text)
    assert len(set(codes)) == 2, text
    for _ in range(2):
        visitor.gateway.control("click", {"code": codes[1]})

    def clicks() -> list[dict[str, Any]]:
        with connect(own_stack.database_url) as conn:
            return conn.execute(
                "SELECT url, clicks FROM link_clicks WHERE message_id = %s", (message["id"],)
            ).fetchall()

    until(lambda: clicks() == [{"url": targets[1], "clicks": 2}], "both clicks are counted")


def test_card_of_a_deal_asks_hubspot_for_all_its_people_at_once(visitor: Portal) -> None:
    def reads() -> int:
        """Calls of the kinds a card makes; the worker's own calls do not count."""
        families = visitor.call("GET", "/_control/api-calls")["families"]
        kinds = ("objects: read", "objects: batch read", "associations: read", "associations: batch read")
        return sum(families[kind]["calls"] for kind in kinds if kind in families)

    people = set()
    for deal in visitor.call("GET", "/sandbox-api/records/0-3?limit=100")["results"]:
        before = reads()
        answer = visitor.fetch(CARD, "/card/open", {"object_type_id": "0-3", "object_id": deal["id"]})
        assert answer["ok"], answer
        # Reads the deal, its contacts' ids and the contacts; if none is usable, also the companies' ids and companies.
        assert 2 <= reads() - before <= 5
        people.add(len({number["object_id"] for number in answer["data"]["numbers"]}))
    assert max(people) > 1, "a deal with several people was among them"


def test_token_of_a_choice_or_a_date_reads_as_a_person_would_write_it(visitor: Portal, record: str) -> None:
    visitor.call(
        "PATCH",
        f"/sandbox-api/records/0-1/{record}",
        {"properties": {"lifecyclestage": "salesqualifiedlead"}},
    )
    body = visitor.preview_body(record, MOBILE, text="{{lifecyclestage}} le {{createdate}}", unicode=True)
    shown = visitor.fetch(CARD, "/card/preview", body)["data"]["text"]
    assert "salesqualifiedlead" not in shown
    assert "T" not in shown.split(" le ")[1]
