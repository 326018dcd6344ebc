"""The rule for texting a number whose owner has opted out (STOP, the gateway's blacklist, or a record)."""

from typing import Literal

#: What a portal does with alerts to an opted-out number; "block" is the default.
AlertRule = Literal["block", "allow"]


def blocks(push_type: str, is_opted_out: bool, alert_rule: AlertRule) -> bool:
    """Tell whether a message may not go to a number: marketing never to an opted-out one, alerts by the portal's rule.

    Whether the gateway itself lets an alert through to a blacklisted number is unconfirmed, so "allow" only means
    that we try. What is not plainly an allowed alert is blocked.
    """
    return is_opted_out and not (push_type == "alert" and alert_rule == "allow")


def blocked_push_types(alert_rule: AlertRule) -> list[str]:
    """What may not go to an opted-out number."""
    return [push_type for push_type in ("alert", "marketing") if blocks(push_type, True, alert_rule)]
