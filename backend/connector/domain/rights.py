"""Rights of a portal's users.

HubSpot proves the caller's identity (the user id in the signed URL), but not what its settings permit that user. So a
portal lists users here; rights without a list are granted to everyone.
"""

from collections.abc import Mapping
from enum import StrEnum


class Right(StrEnum):
    """Actions that can be reserved to some users."""

    SEND = "send"  # send, schedule and cancel messages
    TEMPLATES = "templates"  # save, change and delete templates
    CONSENT = "consent"  # record that an opted-out person consents again
    SETTINGS = "settings"  # link an account, change preferences and rights


#: Right (by name) -> HubSpot user ids that have it.
Rights = Mapping[str, list[int]]


def has_right(rights: Rights, right: Right, user_id: int | None, *, installed_by: int | None) -> bool:
    """Return True if a user has a right. The installer can always change the settings, so a lock-out is impossible."""
    holders = rights.get(right.value)
    if holders is None:
        return True
    if user_id is None:
        return False
    return user_id in holders or (right is Right.SETTINGS and user_id == installed_by)
