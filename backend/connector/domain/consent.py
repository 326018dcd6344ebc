"""The rule for texting a number whose owner has opted out (STOP, the gateway's blacklist, or a record)."""

from connector.domain.vocabulary import AlertRule, PushType


def blocks(push_type: PushType, is_opted_out: bool, alert_rule: AlertRule) -> bool:
    """Tell whether a message may not go to a number: marketing never to an opted-out one, alerts by the portal's rule.

    Whether the gateway itself lets an alert through to a blacklisted number is unconfirmed, so "allow" only means
    that we try. What is not plainly an allowed alert is blocked.
    """
    return is_opted_out and not (push_type == PushType.ALERT and alert_rule == AlertRule.ALLOW)


def blocked_push_types(alert_rule: AlertRule) -> list[PushType]:
    """What may not go to an opted-out number."""
    return [push_type for push_type in PushType if blocks(push_type, True, alert_rule)]
