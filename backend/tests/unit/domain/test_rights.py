"""Rights in a portal: unreserved rights belong to all users, and the installer always has access to the settings."""

import pytest

from connector.domain.rights import Right, has_right

INSTALLER, NAMED, OTHER = 77, 78, 79
RIGHTS = {"send": [NAMED], "settings": [NAMED], "templates": []}


@pytest.mark.parametrize(
    ("right", "holders"),
    [
        (Right.SEND, {NAMED}),
        (Right.SETTINGS, {NAMED, INSTALLER}),
        (Right.TEMPLATES, set()),
        (Right.CONSENT, {INSTALLER, NAMED, OTHER, None}),
    ],
)
def test_who_has_a_right(right: Right, holders: set[int | None]) -> None:
    users = (INSTALLER, NAMED, OTHER, None)
    assert {user for user in users if has_right(RIGHTS, right, user, installed_by=INSTALLER)} == holders


def test_call_without_a_user_is_not_the_unknown_installers() -> None:
    assert not has_right({"settings": []}, Right.SETTINGS, None, installed_by=None)
