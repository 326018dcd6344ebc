"""The rule for texting a number whose owner has opted out (STOP, the gateway's blacklist, or a record)."""

from collections.abc import Mapping
from typing import Any, Final

from connector.domain.objects import STOP_PROPERTY
from connector.domain.vocabulary import AlertRule, PushType

# Values that mean yes: of the yes/no property, or of a list or text that version 3.0 or an admin made.
_YES: Final = frozenset({"true", "yes", "oui", "1"})


def blocks(push_type: PushType, is_opted_out: bool, alert_rule: AlertRule) -> bool:
    """Return True if a message may not go to a number: opted-out numbers get no marketing, alerts by the portal's rule.

    Whether the gateway itself lets an alert through to a blacklisted number is unconfirmed, so "allow" only means that
    we try. Everything except an allowed alert is blocked.
    """
    return is_opted_out and not (push_type == PushType.ALERT and alert_rule == AlertRule.ALLOW)


def blocked_push_types(alert_rule: AlertRule) -> list[PushType]:
    """The push types that are blocked for an opted-out number."""
    return [push_type for push_type in PushType if blocks(push_type, True, alert_rule)]


def is_opted_out(properties: Mapping[str, Any]) -> bool:
    """Whether HubSpot has a contact or company as opted out; the app may have written it."""
    return str(properties.get(STOP_PROPERTY)).strip().lower() in _YES


def is_stop_empty(properties: Mapping[str, Any]) -> bool:
    """Whether the opt-out property was read and has no value; without its name in the answer it was not read."""
    return STOP_PROPERTY in properties and not str(properties[STOP_PROPERTY] or "").strip()
