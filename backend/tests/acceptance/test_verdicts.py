"""The preview shows SMSFactor's decision about an SMS, and the SMS then meets that decision."""

from typing import Any

import pytest

from sandbox.driver.numbers import MOBILE
from sandbox.driver.portal import Portal
from sandbox.driver.views import CARD


def verdict(shown: dict[str, Any]) -> list[dict[str, Any]]:
    """The preview's warnings that come from the gateway."""
    return [w for w in shown["warnings"] if w["code"] in ("gateway_would_refuse", "credits_short")]


@pytest.mark.parametrize(
    ("number", "settings", "reason"),
    [
        ("+33612345681", {}, "npai"),
        ("+33612345682", {}, "blacklisted"),
        ("+48512345683", {}, "invalid_number"),
        ("+33612345684", {"not_allowed_countries": ["FR"]}, "not_allowed"),
        ("+33612345685", {"country_limits": {"FR": 0}}, "country_limit"),
        ("+33612345686", {"flood_limit": 1}, "flood"),
    ],
)
def test_preview_says_beforehand_whom_the_gateway_leaves_out(
    visitor: Portal, record: str, number: str, settings: dict[str, Any], reason: str
) -> None:
    """The gateway's lists may hold more than ours, and its answer holds for an SMS that is sent nevertheless."""
    gateway = visitor.gateway
    visitor.set_phone(record, number)
    if reason in ("npai", "blacklisted"):
        gateway.list_numbers({"npai": "npai", "blacklisted": "blacklist"}[reason], [number])
    if reason == "flood":
        assert visitor.send(visitor.send_body(record, number))["ok"]
        visitor.wait_for_status(record, "delivered")
    gateway.set(**settings)
    try:
        shown = visitor.fetch(CARD, "/card/preview", visitor.preview_body(record, number))["data"]
        assert verdict(shown) == [{"code": "gateway_would_refuse", "params": {"reason": reason}}]
        assert shown["cost_credits"] == 0
        assert visitor.send(visitor.send_body(record, number))["ok"]
        refused = visitor.wait_for_status(record, "refused")
        assert (refused["reason"], refused["cost_credits"] or 0) == (reason, 0)
    finally:
        gateway.set(not_allowed_countries=[], country_limits={}, flood_limit=0)


def test_preview_says_that_credits_do_not_suffice_where_they_can_be_short(
    visitor: Portal, record: str
) -> None:
    poor = visitor.preview_body(record, MOBILE, text="Bonjour [[nocredit]]")
    shown = visitor.fetch(CARD, "/card/preview", poor)["data"]
    assert verdict(shown) == [{"code": "credits_short", "params": {"hours": 24}}]
    assert shown["cost_credits"] is None
    visitor.gateway.set_account(postpaid=True)
    try:
        visitor.link()  # reads the kind of the account
        shown = visitor.fetch(CARD, "/card/preview", poor)["data"]
        assert (verdict(shown), shown["cost_credits"]) == ([], None)
    finally:
        visitor.gateway.set_account(postpaid=False)
        visitor.link()


def test_preview_without_the_gateway_claims_nothing(visitor: Portal, record: str) -> None:
    visitor.gateway.fault("status", path="/send/simulate", status=500)
    shown = visitor.fetch(CARD, "/card/preview", visitor.preview_body(record, MOBILE))["data"]
    assert (verdict(shown), shown["cost_credits"]) == ([], None)
