"""Installing the app: consent page, code, tokens, their expiry, and every refusal on the way."""

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import pytest

from sandbox.hubspot_sim.testing import (
    CLIENT_SECRET,
    OPTIONAL_SCOPES,
    REDIRECT_URI,
    SCOPES,
    HubSpot,
)

CONTACT = "/crm/objects/2026-09/contacts/501"


def test_the_consent_page_names_app_account_and_scopes_in_french(hubspot: HubSpot) -> None:
    page = hubspot.call("GET", "/oauth/authorize", params=hubspot.install_url())
    assert page.status_code == 200
    assert "Connecter Exemple SMS à HubSpot" in page.text
    assert "145000001" in page.text
    for scope in (*SCOPES, *OPTIONAL_SCOPES):
        assert f"<code>{scope}</code>" in page.text


def test_the_consent_page_speaks_english_when_the_session_does(hubspot: HubSpot) -> None:
    hubspot.call("POST", "/sandbox-api/session", json={"language": "en"})
    page = hubspot.call("GET", "/oauth/145000001/authorize", params=hubspot.install_url())
    assert "Connect Exemple SMS to HubSpot" in page.text
    assert "Edit and delete contacts" in page.text


def test_approval_leads_to_the_redirect_url_on_loopback(hubspot: HubSpot) -> None:
    answer = hubspot.authorize(state="a b&c")
    target = urlsplit(answer.headers["Location"])
    assert answer.status_code == 302
    assert f"{target.scheme}://{target.netloc}{target.path}" == "http://127.0.0.1:4802/oauth/hubspot/callback"
    assert parse_qs(target.query)["state"] == ["a b&c"]
    assert list(parse_qs(target.query)) == ["code", "state"]


def test_refusal_by_the_person_leads_back_with_an_error(hubspot: HubSpot) -> None:
    query = parse_qs(urlsplit(hubspot.authorize(decision="deny").headers["Location"]).query)
    assert query["error"] == ["access_denied"]
    assert query["state"] == ["s-1"]
    assert "code" not in query


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"client_id": "someone-else"}, "client_unknown"),
        ({"redirect_uri": REDIRECT_URI + "/"}, "redirect_mismatch"),
        ({"redirect_uri": "https://evil.example/cb"}, "redirect_mismatch"),
        ({"redirect_uri": None}, "redirect_mismatch"),
        ({"scope": "oauth"}, "scope_mismatch"),
        ({"scope": " ".join((*SCOPES, "tickets"))}, "scope_mismatch"),
        ({"scope": " ".join((*SCOPES, OPTIONAL_SCOPES[0]))}, "scope_mismatch"),
        ({"optional_scope": "tickets"}, "scope_mismatch"),
        ({"scopes": "oauth"}, "bad_parameter"),
        ({"response_type": "token"}, "bad_parameter"),
        ({"code_challenge": "x", "code_challenge_method": "plain"}, "bad_parameter"),
    ],
)
def test_a_wrong_authorize_url_is_stopped_without_a_redirect(
    hubspot: HubSpot, changes: dict[str, str | None], reason: str
) -> None:
    shown = hubspot.call("GET", "/oauth/authorize", params=hubspot.install_url(**changes))
    decided = hubspot.authorize(**changes)
    for page in (shown, decided):
        assert page.status_code == 400
        assert f'data-refusal="{reason}"' in page.text
        assert "Location" not in page.headers


def test_another_account_is_refused(hubspot: HubSpot) -> None:
    page = hubspot.call("GET", "/oauth/999/authorize", params=hubspot.install_url())
    assert page.status_code == 400
    assert "wrong_portal" in page.text


def test_conditionally_required_scopes_may_be_in_the_url(hubspot: HubSpot) -> None:
    answer = hubspot.install(scope=" ".join((*SCOPES, "crm.objects.deals.write")))
    assert "crm.objects.deals.write" in answer["scopes"]


def test_the_code_buys_tokens_once(hubspot: HubSpot) -> None:
    code = hubspot.code()
    fields = {"grant_type": "authorization_code", "redirect_uri": REDIRECT_URI, "code": code}
    answer = hubspot.token(**fields).json()
    assert answer["expires_in"] == 1800
    assert answer["hub_id"] == 145000001
    assert answer["user_id"] == 77
    assert answer["scopes"] == [*SCOPES, *OPTIONAL_SCOPES]
    assert answer["token_type"] == "bearer"
    assert len(answer["access_token"]) > 255
    second = hubspot.token(**fields)
    assert (second.status_code, second.json()["status"]) == (400, "BAD_AUTH_CODE")


def test_an_optional_scope_the_account_lacks_is_dropped_silently(hubspot: HubSpot) -> None:
    hubspot.settings(withheld_scopes=["automation"])
    assert "automation" not in hubspot.install()["scopes"]


def test_a_required_scope_the_account_lacks_stops_the_install_without_a_name(hubspot: HubSpot) -> None:
    hubspot.settings(withheld_scopes=["timeline"])
    page = hubspot.authorize()
    assert page.status_code == 400
    assert "feature_missing" in page.text
    assert "timeline" not in page.text


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_id": "x"}, "BAD_CLIENT_ID", "invalid_client"),
        ({"client_id": None}, "BAD_CLIENT_ID", "invalid_client"),
        ({"client_secret": "x"}, "BAD_CLIENT_SECRET", "invalid_client"),
        ({"code": "eu1-unknown"}, "BAD_AUTH_CODE", "invalid_grant"),
        ({"code": None}, "BAD_AUTH_CODE", "invalid_grant"),
        ({"redirect_uri": REDIRECT_URI + "?x=1"}, "BAD_REDIRECT_URI", "invalid_grant"),
        ({"redirect_uri": None}, "BAD_REDIRECT_URI", "invalid_grant"),
        ({"code_verifier": "surprise"}, "BAD_AUTH_CODE", "invalid_grant"),
        ({"grant_type": "password"}, "BAD_GRANT_TYPE", "unsupported_grant_type"),
        ({"grant_type": None}, "BAD_GRANT_TYPE", "unsupported_grant_type"),
        ({"audience": "x"}, "BAD_REQUEST", "invalid_request"),
    ],
)
def test_a_wrong_exchange_is_refused_in_hubspots_words(
    hubspot: HubSpot, changes: dict[str, str | None], status: str, error: str
) -> None:
    fields = {"grant_type": "authorization_code", "redirect_uri": REDIRECT_URI, "code": hubspot.code()}
    answer = hubspot.token(**{**fields, **changes})
    body = answer.json()
    assert (answer.status_code, body["status"], body["error"]) == (400, status, error)
    assert body["message"] == body["error_description"]
    # The refusal has not used up the code.
    assert hubspot.token(**fields).status_code == 200


def test_a_code_expires(hubspot: HubSpot) -> None:
    code = hubspot.code()
    hubspot.control("POST", "clock", {"advance_s": 61})
    answer = hubspot.token(grant_type="authorization_code", redirect_uri=REDIRECT_URI, code=code)
    assert (answer.status_code, answer.json()["status"]) == (400, "EXPIRED_AUTH_CODE")


def test_proof_key_for_code_exchange(hubspot: HubSpot) -> None:
    verifier = "v" * 64
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    code = hubspot.code(code_challenge=challenge, code_challenge_method="S256")
    fields = {"grant_type": "authorization_code", "redirect_uri": REDIRECT_URI, "code": code}
    assert hubspot.token(**fields).json()["status"] == "BAD_AUTH_CODE"
    assert hubspot.token(**fields, code_verifier="w" * 64).json()["status"] == "BAD_AUTH_CODE"
    assert hubspot.token(**fields, code_verifier=verifier).status_code == 200


def test_credentials_in_the_query_or_as_json_are_refused(hubspot: HubSpot) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    in_query = hubspot.call("POST", "/oauth/2026-09/token?client_secret=x", data=form)
    as_json = hubspot.call("POST", "/oauth/2026-09/token", json=form)
    assert (in_query.status_code, in_query.json()["status"]) == (400, "BAD_REQUEST")
    assert as_json.status_code == 415


def test_refreshing_gives_new_access_and_keeps_the_refresh_token(hubspot: HubSpot) -> None:
    first = hubspot.install()
    again = hubspot.token(grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    assert again["refresh_token"] == first["refresh_token"]
    assert again["access_token"] != first["access_token"]
    assert hubspot.api("GET", CONTACT).status_code == 200


def test_refresh_tokens_can_be_made_to_rotate(hubspot: HubSpot) -> None:
    first = hubspot.install()["refresh_token"]
    hubspot.settings(rotate_refresh_tokens=True)
    second = hubspot.token(grant_type="refresh_token", refresh_token=first).json()["refresh_token"]
    assert second != first
    refused = hubspot.token(grant_type="refresh_token", refresh_token=first)
    assert refused.json()["status"] == "BAD_REFRESH_TOKEN"


def test_an_access_token_ends_after_half_an_hour_of_the_simulators_clock(hubspot: HubSpot) -> None:
    hubspot.install()
    hubspot.control("POST", "clock", {"advance_s": 1790})
    assert hubspot.api("GET", CONTACT).status_code == 200
    hubspot.control("POST", "clock", {"advance_s": 10})
    answer = hubspot.api("GET", CONTACT)
    assert (answer.status_code, answer.json()["category"]) == (401, "EXPIRED_AUTHENTICATION")
    assert "expire time" in answer.json()["context"]


def test_revoking_ends_refreshing_but_not_the_access_token(hubspot: HubSpot) -> None:
    refresh_token = hubspot.install()["refresh_token"]
    client = {"client_id": hubspot.install_url()["client_id"], "client_secret": CLIENT_SECRET}
    revoked = hubspot.call("POST", "/oauth/2026-09/token/revoke", data={**client, "token": refresh_token})
    assert revoked.status_code == 204
    refused = hubspot.token(grant_type="refresh_token", refresh_token=refresh_token)
    assert (refused.status_code, refused.json()["status"]) == (400, "BAD_REFRESH_TOKEN")
    assert refused.json()["error"] == "invalid_grant"
    assert hubspot.api("GET", CONTACT).status_code == 200


def test_a_portal_that_is_gone_says_so(hubspot: HubSpot) -> None:
    refresh_token = hubspot.install()["refresh_token"]
    hubspot.settings(portal_gone=True)
    refused = hubspot.token(grant_type="refresh_token", refresh_token=refresh_token)
    assert (refused.status_code, refused.json()["status"]) == (400, "BAD_HUB")
    assert refused.json()["error"] == "access_denied"


def test_introspection(hubspot: HubSpot) -> None:
    tokens = hubspot.install()
    client = {"client_id": hubspot.install_url()["client_id"], "client_secret": CLIENT_SECRET}

    def facts(token: str) -> dict[str, object]:
        form = {**client, "token": token, "token_type_hint": "access_token"}
        answer: dict[str, object] = hubspot.call("POST", "/oauth/2026-09/token/introspect", data=form).json()
        return answer

    access = facts(tokens["access_token"])
    assert access["active"] is True
    assert access["app_id"] == 1234567
    assert access["hub_id"] == 145000001
    assert access["scopes"] == tokens["scopes"]
    assert facts(tokens["refresh_token"])["token_use"] == "refresh_token"
    assert facts("unknown") == {"active": False}
    hubspot.control("POST", "uninstall")
    assert facts(tokens["access_token"]) == {"active": False}


def test_the_app_can_uninstall_itself(hubspot: HubSpot) -> None:
    hubspot.install()
    assert hubspot.call("GET", "/sandbox-api/session").json()["app"]["installed"] is True
    assert hubspot.api("DELETE", "/appinstalls/2026-09/external-install").status_code == 204
    assert hubspot.call("GET", "/sandbox-api/session").json()["app"]["installed"] is False
    refused = hubspot.token(grant_type="refresh_token", refresh_token=hubspot.refresh_token)
    assert refused.json()["status"] == "BAD_REFRESH_TOKEN"
    answer = hubspot.api("GET", CONTACT)
    assert (answer.status_code, answer.json()["category"]) == (401, "INVALID_AUTHENTICATION")


def test_no_secret_is_kept_in_the_call_log(hubspot: HubSpot) -> None:
    tokens = hubspot.install()
    hubspot.api("GET", CONTACT)
    calls = str(hubspot.control("GET", "calls"))
    assert CLIENT_SECRET not in calls
    assert tokens["access_token"] not in calls
    assert tokens["refresh_token"] not in calls
    assert hubspot.control("GET", f"calls?path={CONTACT}")["calls"][0]["portal_id"] == 145000001


def test_account_details(hubspot: HubSpot) -> None:
    hubspot.install()
    details = hubspot.api("GET", "/account-info/2026-09/details").json()
    assert details["portalId"] == 145000001
    assert details["timeZone"] == "Europe/Paris"
    assert details["utcOffset"] in ("+01:00", "+02:00")
    assert details["uiDomain"].endswith(".hubspot.com")
