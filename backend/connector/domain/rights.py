"""Who in a portal may do what. HubSpot proves who calls (the user id in the signed URL), not what its own settings
permit that person: so a portal names people here, and a right that it does not name is everybody's.
"""

from collections.abc import Mapping
from enum import StrEnum


class Right(StrEnum):
    """What can be reserved to some users."""

    SEND = "send"  # send, schedule and cancel messages
    TEMPLATES = "templates"  # save, change and delete templates
    CONSENT = "consent"  # record that an opted-out person consents again
    SETTINGS = "settings"  # link an account, change preferences and rights


#: Right (by name) -> HubSpot user ids that have it.
Rights = Mapping[str, list[int]]


def has_right(rights: Rights, right: Right, user_id: int | None, *, installed_by: int | None) -> bool:
    """Tell whether a user has a right. Who installed the app can always change the settings: nobody is locked out."""
    holders = rights.get(right.value)
    if holders is None:
        return True
    if user_id is None:
        return False
    return user_id in holders or (right is Right.SETTINGS and user_id == installed_by)
