"""SMSFactor's dates: Europe/Paris wall-clock time, with an offset in some payloads and without in others."""

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

PARIS: Final = ZoneInfo("Europe/Paris")


def from_gateway(value: object) -> datetime | None:
    """Aware UTC of "2025-11-24 09:47:21" or "2025-11-24T09:30:07+01:00"; None if it is not a date.

    In the hour that autumn repeats, the first instant is taken.
    """
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value.strip())
        local = read if read.tzinfo else read.replace(tzinfo=PARIS)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def to_gateway(instant: datetime) -> str:
    """Paris wall-clock time of an aware instant, to the second: "2025-11-24 09:30:00"."""
    if instant.tzinfo is None:
        raise ValueError("an instant must be aware")
    return instant.astimezone(PARIS).strftime("%Y-%m-%d %H:%M:%S")
