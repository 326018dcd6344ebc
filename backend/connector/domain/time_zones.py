"""Time zones by the name that HubSpot gives: UTC stands in for a name that our data does not know, as in the views."""

from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=256)
def zone_named(name: str) -> ZoneInfo:
    """The zone of this name; UTC if there is none."""
    return _known(name) or ZoneInfo("UTC")


def is_known(name: str) -> bool:
    return _known(name) is not None


def _known(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, no name at all, or the name of a folder
        return None
