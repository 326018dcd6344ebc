"""The pages: the handsets, the platform, the report, in both languages, and the data their scripts poll."""

import json
import re
from html import unescape
from string import Formatter

import pytest

from sandbox.smsfactor_sim.pages.routes import DEVICES
from sandbox.smsfactor_sim.pages.texts import TEXTS, spaced_count, spaced_number
from sandbox.tests.smsfactor_sim.support import TOKEN, Gateway

START = "2026-11-23T14:32:00+01:00"
N = "33612345678"


@pytest.fixture(name="gateway")
def _gateway(simulator: Gateway) -> Gateway:
    simulator.reset(START)
    return simulator


def page(gateway: Gateway, path: str, status: int = 200) -> str:
    answer = gateway.anonymous.get(gateway.url + path, timeout=10)
    assert answer.status_code == status
    return answer.text


def test_both_languages_have_the_same_words_with_the_same_blanks() -> None:
    def blanks(text: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}

    assert set(TEXTS["fr"]) == set(TEXTS["en"])
    for key, text in TEXTS["fr"].items():
        assert blanks(text) == blanks(TEXTS["en"][key]), key
        assert text.strip()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/?lang=fr", ["Jeton API", "crédits restants", "Aucune campagne"]),
        ("/?lang=en", ["API token", "credits left", "No campaign yet"]),
        ("/handsets?lang=fr", ["Téléphones", "Aucun téléphone"]),
        ("/handsets?lang=en", ["Handsets", "No handset"]),
    ],
)
def test_empty_pages(gateway: Gateway, path: str, words: list[str]) -> None:
    html = page(gateway, path)
    for word in words:
        assert word in html
    assert f'<html lang="{path[-2:]}">' in html


def test_the_language_follows_the_browser_when_not_asked(gateway: Gateway) -> None:
    english = gateway.anonymous.get(
        gateway.url + "/", headers={"Accept-Language": "en-GB,en"}, timeout=10
    ).text
    assert '<html lang="en">' in english
    assert '<html lang="fr">' in page(gateway, "/")


def test_a_handset_shows_what_it_got(gateway: Gateway) -> None:
    text = "Bonjour <b>Léa</b> & co : <-short-> ou http://a.example."
    gateway.send(text, N, sender="LUMEN", pushtype="alert", links=["https://a.example/1"])
    gateway.advance(5)
    html = page(gateway, "/handsets?lang=en")
    assert "+33 6 12 34 56 78" in html
    assert "Bonjour &lt;b&gt;Léa&lt;/b&gt; &amp; co : " in html
    assert "<u>http://a.example</u>." in html
    assert "LUMEN" in html
    assert "14:32" in html
    assert "Delivered" in html
    link = re.search(r'<a href="(/s/\w{5})" target="_blank" rel="noopener">https://smsf\.st/\w{5}</a>', html)
    assert link
    answer = gateway.anonymous.get(gateway.url + link[1], allow_redirects=False, timeout=10)
    assert answer.headers["Location"] == "https://a.example/1"
    assert gateway.control("/handsets")["handsets"][0]["messages"][0]["links"][0]["clicks"] == 1
    assert page(gateway, "/s/nope", 404)


def test_a_phone_shows_its_reply_and_says_what_never_reached_it(gateway: Gateway) -> None:
    gateway.send("Salut", "33612345694", "33612345690")
    gateway.advance(5)
    gateway.advance(5)
    html = page(gateway, "/handsets?lang=fr")
    assert '<div class="bubble sent"><p>Oui</p></div>' in html
    assert "1 SMS non remis à ce numéro" in html


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("fr", ["Répondre par SMS", "Ouvrir les liens avec", "Robot d’aperçu", "0 clics"]),
        ("en", ["Answer by SMS", "Open links with", "Preview robot", "0 clicks"]),
    ],
)
def test_every_phone_has_its_gestures(gateway: Gateway, lang: str, words: list[str]) -> None:
    gateway.send("Voir <-short->", N, pushtype="alert", links=["https://a.example/1"])
    gateway.send("Salut", "33600000000")
    gateway.advance(5)
    html = page(gateway, f"/handsets?lang={lang}")
    for word in words:
        assert word in html
    assert html.count('data-say="STOP"') == html.count('data-say="ARRET"') == 2
    code = gateway.control("/handsets")["handsets"][1]["messages"][0]["links"][0]["code"]
    assert re.findall(r'data-tap="(\w+)" data-code="(\w+)"', html) == [("person", code), ("robot", code)]
    # The device is asked for on the one phone that has a link.
    devices = [json.loads(unescape(value)) for value in re.findall(r'<option value="([^"]+)"', html)]
    assert devices == list(DEVICES)
    assert all(set(device) == {"brand", "model", "os"} and all(device.values()) for device in devices)


@pytest.mark.parametrize(
    ("lang", "words"), [("fr", "« LUMEN » ne reçoit pas de réponse"), ("en", "“LUMEN” receives no")]
)
def test_a_custom_sender_gets_no_text_but_a_stop(gateway: Gateway, lang: str, words: str) -> None:
    def phone() -> str:
        return page(gateway, f"/handsets?lang={lang}")

    gateway.send("Salut", N, sender="LUMEN")
    gateway.advance(5)
    html = phone()
    assert words in html
    assert re.search(r'<input name="text"[^>]+ disabled ', html)
    assert re.search(r'<button type="submit"[^>]+ disabled>', html)
    assert re.search(r'<button type="button" data-say="STOP" data-key="STOP">', html)
    gateway.control("/mo", {"number": N, "text": "ARRET"})
    assert words in phone()  # an own SMS of the phone changes nothing
    gateway.send("Salut", N)
    gateway.advance(5)
    assert words not in phone()
    assert "disabled" not in phone()


def test_only_what_changed_gets_a_new_version(gateway: Gateway) -> None:
    def versions() -> dict[str, str]:
        answer = gateway.anonymous.get(gateway.url + "/pages/handsets.json?lang=en", timeout=10).json()
        return {phone["number"]: phone["version"] for phone in answer["phones"]}

    gateway.send("Salut", N)
    gateway.advance(5)
    first = versions()
    gateway.send("Salut", "33600000000")
    gateway.advance(5)
    second = versions()
    assert list(second) == ["33600000000", N]
    assert second[N] == first[N]
    gateway.control("/mo", {"number": N, "text": "Oui"})
    assert list(versions()) == [N, "33600000000"]
    assert versions()[N] != first[N]


@pytest.mark.parametrize(("lang", "words"), [("fr", ["Envoyée", "par défaut"]), ("en", ["Sent", "default"])])
def test_the_platform_lists_campaigns(gateway: Gateway, lang: str, words: list[str]) -> None:
    ticket = gateway.send("Votre commande est prête", N)["ticket"]
    gateway.advance(5)
    html = page(gateway, f"/?lang={lang}")
    assert TOKEN in html
    assert f'href="/report/{ticket}?lang={lang}"' in html
    for word in words:
        assert word in html


def test_the_report(gateway: Gateway) -> None:
    ticket = gateway.send("Bonjour", N, "33612345690", "33612345695")["ticket"]
    gateway.advance(5)
    gateway.advance(5)
    html = page(gateway, f"/report/{ticket}?lang=en")
    tiles = dict(re.findall(r'<div class="tile (\w+)"><strong>(\d+)</strong>', html))
    assert tiles == {
        "total": "3", "delivered": "2", "pending": "0", "failed": "1", "clicks": "0", "replies": "0", "stops": "1",
    }  # fmt: skip
    assert "NOT_DELIVERED" in html
    assert "Campaign report" in html
    assert "There is no such campaign" in page(gateway, "/report/1?lang=en", 404)


def test_the_version_moves_with_the_figures(gateway: Gateway) -> None:
    def version() -> str:
        return str(gateway.anonymous.get(gateway.url + "/pages/version.json", timeout=10).json()["version"])

    first = version()
    assert version() == first
    gateway.send("Salut", N)
    assert version() != first


def test_numbers_are_written_for_people() -> None:
    assert spaced_number("33612345678") == "+33 6 12 34 56 78"
    assert spaced_number("41791234567") == "+41 791 234 567"
    assert spaced_count(12345, "en") == "12,345"
    assert spaced_count(12345, "fr") == "12\u202f345"
