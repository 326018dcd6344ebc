"""Accepted sends: counters and their types, filters, texts, prices, dates, moderation, cancellation."""

from typing import Any
from xml.etree import ElementTree

import pytest

from sandbox.tests.smsfactor_sim.support import TOKEN, Gateway, send_body

# A Monday morning in Paris.
START = "2026-11-23T10:00:00+01:00"
N, N2 = "33612345678", "33698765432"
COUNTERS = ("blacklisted", "duplicated", "npai", "invalid", "not_allowed", "flood", "country_limit")


def texts(gateway: Gateway) -> list[str]:
    handsets = gateway.control("/handsets")["handsets"]
    return [message["text"] for phone in handsets for message in phone["messages"]]


def test_the_answer_has_all_figures_in_their_types(gateway: Gateway) -> None:
    assert gateway.send("Salut", N, N2) == {
        "status": 1,
        "message": "OK",
        "ticket": "15948909",
        "cost": 2,
        "credits": 1248,
        "total": 2,
        "sent": 2,
        **dict.fromkeys(COUNTERS, 0),
    }
    # The same figure is a string there.
    assert gateway.get("/credits")["credits"] == "1248"
    assert gateway.get("/account")["account"]["credits"] == "1248"
    assert gateway.accepted() == [f"m-{N}", f"m-{N2}"]


@pytest.mark.parametrize("accept", [None, "*/*", "application/xml", "text/html"])
def test_without_accept_json_the_answer_is_xml(gateway: Gateway, accept: str | None) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept": accept}
    answer = gateway.anonymous.post(
        gateway.url + "/send", json=send_body("Salut", N), headers=headers, timeout=10
    )
    assert answer.headers["Content-Type"].startswith("application/xml")
    root = ElementTree.fromstring(answer.content)  # noqa: S314 - the simulator's own answer
    assert (root.tag, root.findtext("status"), root.findtext("sent")) == ("response", "1", "1")


def test_a_body_in_xml_is_read(gateway: Gateway) -> None:
    body = f"""<sms><message><text><![CDATA[Voir <-short-> et <-short->]]></text><pushtype>alert</pushtype>
      <unicode>0</unicode><links>https://a.example/1</links><links>https://a.example/2</links></message>
      <recipients><gsm gsmsmsid="100">{N}</gsm></recipients></sms>"""
    answer = gateway.session.post(gateway.url + "/send", data=body, timeout=10).json()
    assert (answer["status"], answer["sent"]) == (1, 1)
    assert gateway.accepted() == ["100"]


def test_get_send_and_the_forms_of_a_number(gateway: Gateway) -> None:
    for number in ("33612345678", "+33612345678", "0033612345678", "0612345678"):
        answer = gateway.get("/send", text="Salut", to=number, gsmsmsid=number)
        assert (answer["sent"], answer["invalid"]) == (1, 0)
    accepted = gateway.control("/accepted")["accepted"]
    assert {entry["number"] for entry in accepted} == {N}
    assert gateway.get("/send", text="Salut", to="06 12 34 56 78")["invalid"] == 1


def test_filters_are_counted_and_add_up(gateway: Gateway) -> None:
    gateway.set(not_allowed_countries=["BE"], country_limits={"CH": 1}, flood_limit=1)
    gateway.send("Encore", "33600000009")
    contacts = {"contacts": {"gsm": [{"value": "33600000001"}]}}
    gateway.call("POST", "/blacklist", {"blacklist": contacts})
    contacts = {"contacts": {"gsm": [{"value": "33600000002"}]}}
    gateway.call("POST", "/npai", {"npai": contacts})
    numbers = [
        "33600000000", "+33600000000", "33600000001", "33600000002", "33140000000", "abc", "32470123456",
        "41791234567", "41791234568", "33600000009",
    ]  # fmt: skip
    answer = gateway.send("Encore", *numbers)
    assert (answer["total"], answer["sent"], answer["cost"]) == (10, 2, 2)
    assert {name: answer[name] for name in COUNTERS} == {
        "blacklisted": 1, "duplicated": 1, "npai": 1, "invalid": 2, "not_allowed": 1, "flood": 1, "country_limit": 1,
    }  # fmt: skip
    assert answer["total"] == answer["sent"] + sum(answer[name] for name in COUNTERS)
    # The first of two equal numbers stays.
    assert gateway.accepted()[1:] == ["m-33600000000", "m-41791234567"]


def test_nobody_left_is_still_a_success_with_a_ticket(gateway: Gateway) -> None:
    answer = gateway.send("Salut", "33140000000")
    assert (answer["status"], answer["sent"], answer["cost"], answer["credits"]) == (1, 0, 0, 1250)
    assert gateway.get(f"/campaign/{answer['ticket']}")["campaign"][0]["total"] == "0"


def test_the_blacklist_may_spare_alerts(gateway: Gateway) -> None:
    gateway.call("POST", "/blacklist", {"blacklist": {"contacts": {"gsm": [{"value": N}]}}})
    gateway.set(blacklist_applies_to_alert=False)
    assert gateway.send("Salut", N)["sent"] == 1
    assert gateway.send("Salut", N, pushtype="marketing")["blacklisted"] == 1
    entry = gateway.get("/blacklist")["list"][0]
    assert gateway.call("DELETE", f"/blacklist/contact/{entry['id']}")["status"] == 1
    assert gateway.send("Salut", N, pushtype="marketing")["sent"] == 1


@pytest.mark.parametrize(
    ("text", "message", "shown"),
    [
        ("Promo  \n", {"pushtype": "marketing", "sender": "LUMEN"}, "Promo STOP 36035"),
        (
            "Voir http://a.example",
            {"pushtype": "marketing", "sender": "LUMEN"},
            "Voir http://a.example STOP 36035",
        ),
        ("Promo <-stop->!", {"pushtype": "marketing", "sender": "LUMEN"}, "Promo STOP 36035!"),
        ("Promo", {"pushtype": "marketing"}, "Promo"),
        ("Info\n<-stop->", {"pushtype": "alert"}, "Info\nSTOP 36035"),
        ("Info", {"pushtype": "alert", "sender": "LUMEN"}, "Info"),
        ("Noël, ça va", {}, "No?l, ?a va"),
        ("Noël 🎄", {"unicode": 1}, "Noël 🎄"),
    ],
)
def test_the_text_a_phone_gets(gateway: Gateway, text: str, message: dict[str, Any], shown: str) -> None:
    gateway.send(text, N, **message)
    gateway.settle()
    assert texts(gateway) == [shown]


def test_the_mention_counts_in_the_price(gateway: Gateway) -> None:
    order = {"pushtype": "marketing", "sender": "LUMEN"}
    assert gateway.send("a" * 149, N, **order)["cost"] == 1
    assert gateway.send("a" * 150, N, **order)["cost"] == 2
    gateway.set(stop_mention=" STOP au 36035.")
    assert gateway.send("a" * 149, N, **order)["cost"] == 2


def test_short_links_are_of_21_characters_and_own_to_each_recipient(gateway: Gateway) -> None:
    text = "a" * 139 + "<-short->"
    links = ["https://atelier-lumen.example/suivi?c=1042"]
    assert gateway.send(text, N, N2, pushtype="alert", links=links)["cost"] == 2
    assert gateway.send("a" + text, N, pushtype="alert", links=links)["cost"] == 2
    gateway.settle()
    phones = gateway.control("/handsets")["handsets"]
    codes = {link["code"] for phone in phones for message in phone["messages"] for link in message["links"]}
    assert len(codes) == 3


def test_country_costs(gateway: Gateway) -> None:
    gateway.set(country_costs={"CH": 3})
    assert gateway.send("a" * 161, N, "41791234567")["cost"] == 2 + 6


def test_simulating_stores_and_charges_nothing(gateway: Gateway) -> None:
    answer = gateway.call("POST", "/send/simulate", send_body("a" * 161, N, N2))
    assert (answer["cost"], answer["credits"], answer["sent"]) == (4, 1246, 2)
    gateway.settle()
    assert gateway.get("/campaigns")["campaigns"] == []
    assert gateway.get("/credits")["credits"] == "1250"
    assert gateway.accepted() == []
    gateway.set(simulate_returns_ticket=False)
    assert "ticket" not in gateway.get("/send/simulate", text="Salut", to=N)


def test_not_enough_credits_sends_nothing(gateway: Gateway) -> None:
    gateway.control("/accounts/204518", {"credits": 1})
    assert gateway.send("Salut", N, N2)["status"] == -3
    assert gateway.accepted() == []
    assert gateway.send("Salut", N)["credits"] == 0
    gateway.control("/accounts/204518", {"postpaid": True})
    answer = gateway.send("Salut", N, N2)
    assert (answer["status"], answer["credits"]) == (1, 2)
    read = gateway.get("/credits")
    assert (read["credits"], read["postpaid"], read["unlimited"]) == ("2", "1", False)


def test_an_unlimited_sub_account_draws_on_its_parent(gateway: Gateway) -> None:
    child = {"email": "c@example.org", "password": "password", "isChild": 1, "unlimited": 1}
    client_id = gateway.call("POST", "/account", {"account": child})["id"]
    token = gateway.call("POST", f"/token/account/{client_id}", {"token": {"name": "child"}})["token"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = gateway.call("POST", "/send", send_body("Salut", N), headers=headers)
    assert (answer["status"], answer["credits"]) == (1, 1249)
    assert gateway.get("/credits")["credits"] == "1249"
    # Its campaigns are its own.
    assert gateway.get(f"/campaign/{answer['ticket']}")["status"] == -5


def test_delay_is_paris_time_and_can_be_cancelled_until_it_leaves(gateway: Gateway) -> None:
    ticket = gateway.send("Plus tard", N, delay="2026-11-23 12:00:00")["ticket"]
    gateway.advance(2 * 3600 - 60)
    assert texts(gateway) == []
    gateway.advance(61)
    assert texts(gateway) == ["Plus tard"]
    assert gateway.call("DELETE", f"/send/{ticket}")["status"] == -5
    second = gateway.send("Jamais", N, delay="2026-11-24 12:00:00")
    assert second["credits"] == 1248
    cancelled = gateway.call("DELETE", f"/send/{second['ticket']}")
    assert (cancelled["credits"], type(cancelled["credits"])) == (1249, int)
    assert gateway.call("DELETE", f"/send/{second['ticket']}")["status"] == -5
    gateway.advance(2 * 86400)
    assert texts(gateway) == ["Plus tard"]
    assert gateway.get(f"/campaign/{second['ticket']}")["campaign"][0]["status"] == "Canceled"


def test_a_delay_just_past_counts_as_now(gateway: Gateway) -> None:
    gateway.send("Salut", N, delay="2026-11-23 09:55:30")
    gateway.settle()
    assert texts(gateway) == ["Salut"]


def test_marketing_waits_for_the_legal_hours(gateway: Gateway) -> None:
    gateway.at("2026-11-28T21:00:00+01:00")
    ticket = gateway.send("Promo", N, pushtype="marketing")["ticket"]
    gateway.send("Alerte", N2)
    gateway.settle()
    assert texts(gateway) == ["Alerte"]
    assert gateway.get(f"/campaign/{ticket}")["campaign"][0]["date"] == "2026-11-30 08:00:00"
    gateway.at("2026-11-30T08:00:01+01:00")
    assert sorted(texts(gateway)) == ["Alerte", "Promo"]


def test_marketing_outside_the_hours_may_be_refused_or_sent(gateway: Gateway) -> None:
    gateway.at("2026-11-29T12:00:00+01:00")
    gateway.set(marketing_window="reject")
    assert gateway.send("Promo", N, pushtype="marketing")["status"] == -4
    gateway.set(marketing_window="ignore")
    gateway.send("Promo", N, pushtype="marketing")
    gateway.settle()
    assert texts(gateway) == ["Promo"]


def test_moderation_holds_the_campaign_then_lets_it_go(gateway: Gateway) -> None:
    answer = gateway.send("Offre [[moderation]]", N)
    assert (answer["status"], answer["sent"], answer["credits"]) == (-8, 1, 1249)
    assert gateway.accepted() == [f"m-{N}"]
    gateway.advance(30)
    assert texts(gateway) == []
    assert gateway.get(f"/campaign/{answer['ticket']}")["campaign"][0]["status"] == "Moderation"
    gateway.advance(31)
    assert texts(gateway) == ["Offre [[moderation]]"]


def test_a_refused_campaign_gives_its_credits_back(gateway: Gateway) -> None:
    gateway.set(moderate_first=1, moderation_outcome="refuse")
    assert gateway.send("Premier", N)["status"] == -8
    assert gateway.send("Second", N)["status"] == 1
    gateway.advance(61)
    assert texts(gateway) == ["Second"]
    assert gateway.get("/credits")["credits"] == "1249"
    span = {"date_start": "2026-11-23 00:00:00", "date_end": "2026-11-24 00:00:00"}
    denied = gateway.get("/messages", status="denied", **span)["messages"]
    assert [row["message"] for row in denied] == ["Premier"]


def test_merge_fields_of_a_stored_list(gateway: Gateway) -> None:
    gsm = [{"value": N, "info1": "Ines"}, {"value": N2}]
    created = gateway.call("POST", "/list", {"list": {"name": "Clients", "contacts": {"gsm": gsm}}})
    order = {"sms": {"message": {"text": "Bonjour [info1]."}, "lists": [{"value": created["id"]}]}}
    assert gateway.call("POST", "/send/lists", order)["sent"] == 2
    gateway.settle()
    assert sorted(texts(gateway)) == ["Bonjour .", "Bonjour Ines."]


def test_legacy_login_and_token_limits(gateway: Gateway) -> None:
    login = {
        "sfusername": "ops@atelier-lumen.example",
        "sfpassword": "lumen-sandbox",
        "Accept": "application/json",
    }
    assert gateway.anonymous.get(gateway.url + "/account", headers=login, timeout=10).json()["status"] == 1
    token = {"name": "short", "ttl": 60, "allowed_ips": ["127.0.0.0/8"]}
    made = gateway.anonymous.post(
        gateway.url + "/token", json={"token": token}, headers=login, timeout=10
    ).json()
    bearer = {"Authorization": f"Bearer {made['token']}"}
    assert gateway.call("GET", "/credits", headers=bearer)["status"] == 1
    gateway.advance(61)
    assert gateway.call("GET", "/credits", headers=bearer)["status"] == -1
    elsewhere = gateway.call("POST", "/token", {"token": {"name": "far", "allowed_ips": ["203.0.113.7"]}})
    bearer = {"Authorization": f"Bearer {elsewhere['token']}"}
    assert gateway.call("GET", "/credits", headers=bearer)["status"] == -1
    gateway.set(legacy_login=False)
    assert gateway.anonymous.get(gateway.url + "/account", headers=login, timeout=10).json()["status"] == -1


def test_the_log_of_accepted_sms_in_parts_and_summed_up(gateway: Gateway) -> None:
    gateway.send("Un", "33612345678", "33612345679")
    gateway.send("Deux", "33612345678")
    summary = gateway.control("/accepted/summary")
    assert summary == {"accepted": 3, "ids": 2, "repeated": {"m-33612345678": 2}}
    page = gateway.control("/accepted?after=1&limit=1")
    assert ([entry["number"] for entry in page["accepted"]], page["after"]) == (["33612345679"], 2)
    assert len(gateway.control("/accepted?gsmsmsid=m-33612345678")["accepted"]) == 2
    assert len(gateway.control("/accepted?number=33612345679")["accepted"]) == 1
