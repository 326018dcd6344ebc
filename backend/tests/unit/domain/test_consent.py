"""Messages that an opt-out blocks."""

import pytest

from connector.domain.consent import blocks
from connector.domain.vocabulary import AlertRule, PushType


@pytest.mark.parametrize(
    ("push_type", "is_opted_out", "alert_rule", "expected"),
    [
        ("marketing", False, "block", False),
        ("marketing", False, "allow", False),
        ("marketing", True, "block", True),
        ("marketing", True, "allow", True),  # the portal's rule covers alerts only
        ("alert", False, "block", False),
        ("alert", False, "allow", False),
        ("alert", True, "block", True),
        ("alert", True, "allow", False),
        ("something new", True, "allow", True),
    ],
)
def test_blocks(push_type: PushType, is_opted_out: bool, alert_rule: AlertRule, expected: bool) -> None:
    assert blocks(push_type, is_opted_out, alert_rule) is expected
