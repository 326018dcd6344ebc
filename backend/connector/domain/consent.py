"""The rule for texting a number whose owner has opted out (STOP, the gateway's blacklist, or a record)."""

from connector.domain.vocabulary import AlertRule, PushType


def blocks(push_type: PushType, is_opted_out: bool, alert_rule: AlertRule) -> bool:
    """Return True if a message may not go to a number: opted-out numbers get no marketing, alerts by the portal's rule.

    Whether the gateway itself lets an alert through to a blacklisted number is unconfirmed, so "allow" only means that
    we try. Everything except an allowed alert is blocked.
    """
    return is_opted_out and not (push_type == PushType.ALERT and alert_rule == AlertRule.ALLOW)


def blocked_push_types(alert_rule: AlertRule) -> list[PushType]:
    """The push types that are blocked for an opted-out number."""
    return [push_type for push_type in PushType if blocks(push_type, True, alert_rule)]
