"""The rate limit slides over the simulator's clock, so a test moves the clock instead of waiting."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.hubspot_sim.limits.api_calls import family_of
from sandbox.hubspot_sim.limits.rate_limits import SlidingWindow
from sandbox.hubspot_sim.testing import HubSpot

CONTACT = "/crm/objects/2026-09/contacts/501"


@pytest.fixture(name="hubspot")
def _hubspot(installed: HubSpot) -> HubSpot:
    return installed


def test_the_window_slides() -> None:
    window, start = SlidingWindow(), datetime(2026, 11, 23, 9, tzinfo=UTC)

    def take(second: float) -> int | None:
        return window.take(start + timedelta(seconds=second), 3, 10)

    assert [take(0), take(4), take(9)] == [2, 1, 0]
    assert take(9.9) is None
    assert take(10) == 0  # the call of second 0 has left, those of 4 and 9 have not
    assert take(13.9) is None
    assert take(14) == 0
    assert take(5) == 2  # after the clock is set back, later calls no longer count


def test_every_counted_answer_says_what_is_left(hubspot: HubSpot) -> None:
    first = hubspot.api("GET", CONTACT).headers
    missing = hubspot.api("GET", "/crm/objects/2026-09/contacts/999999").headers
    assert first["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
    assert first["X-HubSpot-RateLimit-Max"] == "110"
    assert (first["X-HubSpot-RateLimit-Remaining"], missing["X-HubSpot-RateLimit-Remaining"]) == (
        "109",
        "108",
    )
    assert not any("daily" in name.lower() for name in first)


def test_too_many_calls_are_refused_in_hubspots_words_and_the_clock_helps(hubspot: HubSpot) -> None:
    hubspot.settings(rate_limit_max=3)
    assert [hubspot.api("GET", CONTACT).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = hubspot.api("GET", CONTACT)
    body = refused.json()
    assert body.pop("correlationId")
    assert body == {
        "status": "error",
        "message": "You have reached your ten_secondly_rolling limit.",
        "errorType": "RATE_LIMIT",
        "policyName": "TEN_SECONDLY_ROLLING",
    }
    assert refused.headers["X-HubSpot-RateLimit-Remaining"] == "0"
    hubspot.control("POST", "clock", {"advance_s": 10})
    assert hubspot.api("GET", CONTACT).status_code == 200


def test_the_limit_counts_all_apis_together_and_ends_before_scopes(hubspot: HubSpot) -> None:
    hubspot.settings(rate_limit_max=2)
    hubspot.api("GET", "/account-info/2026-09/details")
    hubspot.api("GET", "/crm/properties/2026-09/contacts")
    assert hubspot.api("PATCH", "/crm/objects/2026-09/deals/1301", {"properties": {}}).status_code == 429


def test_associations_have_a_limit_of_their_own_beside_the_common_one(hubspot: HubSpot) -> None:
    hubspot.settings(association_limit_max=1)
    path, body = "/crm/associations/2026-09/contacts/companies/batch/read", {"inputs": [{"id": "501"}]}
    assert [hubspot.api("POST", path, body).status_code for _ in range(2)] == [200, 429]
    left = hubspot.api("GET", CONTACT).headers["X-HubSpot-RateLimit-Remaining"]
    assert left == "108"  # one association, one read; a refused call is not counted


def test_calls_are_counted_by_family_with_every_429(hubspot: HubSpot) -> None:
    hubspot.control("POST", "api-calls/reset")
    update = {"inputs": [{"id": "501", "properties": {"city": "Lyon"}}]}
    hubspot.api("POST", "/crm/objects/2026-09/contacts/batch/update", update)
    hubspot.settings(answer_429_percent=100)
    hubspot.api("POST", "/crm/objects/2026-09/contacts/batch/update", update)
    hubspot.settings(answer_429_percent=0, rate_limit_max=1)
    hubspot.api("GET", CONTACT)
    hubspot.control("POST", "faults", {"kind": "status", "path": "/crm/*", "status": 429})
    hubspot.api("GET", CONTACT)
    counted = hubspot.control("GET", "api-calls")
    assert {**counted, "gateway": None} == hubspot.call("GET", "/sandbox-api/api-calls").json()
    assert counted["total"] == 4
    assert counted["families"]["objects: batch update"] == {"calls": 2, "statuses": {"200": 1, "429": 1}}
    assert counted["families"]["objects: read"] == {"calls": 2, "statuses": {"429": 2}}
    too_many = counted["too_many"]
    assert (too_many["total"], too_many["ordered"], too_many["limit"], too_many["fault"]) == (3, 1, 1, 1)
    assert len(too_many["at_s"]) == 3


@pytest.mark.parametrize(
    ("method", "path", "family"),
    [
        ("POST", "/oauth/2026-09/token", "oauth"),
        ("POST", "/crm/objects/2026-09/contacts/search", "search"),
        ("POST", "/crm/objects/2026-09/contacts/batch/read", "objects: batch read"),
        ("GET", "/crm/objects/2026-09/deals/1/associations/contacts", "associations: read"),
        ("POST", "/crm/associations/2026-09/deals/contacts/batch/read", "associations: batch read"),
        ("POST", "/crm/objects/2026-09/communications", "communications: create"),
        ("POST", "/integrators/timeline/2026-03/events/batch", "events: batch"),
        ("POST", "/automation/actions/callbacks/2026-09/complete", "callbacks: batch"),
        ("POST", "/automation/actions/callbacks/2026-09/ap-1-2-1-0/complete", "callbacks: single"),
        ("GET", "/sandbox-api/session", None),
        ("GET", "/contacts/145000001/workflows", None),
    ],
)
def test_families(method: str, path: str, family: str | None) -> None:
    assert family_of(method, path) == family


def test_tokens_and_unknown_callers_are_not_counted(hubspot: HubSpot) -> None:
    hubspot.settings(rate_limit_max=1)
    for _ in range(3):
        assert hubspot.call("GET", CONTACT).status_code == 401
        hubspot.token(grant_type="refresh_token", refresh_token=hubspot.refresh_token)
    assert hubspot.api("GET", CONTACT).status_code == 200
