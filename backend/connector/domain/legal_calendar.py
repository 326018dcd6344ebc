"""Legal times for marketing SMS: hours, Sundays and public holidays of the territory of the recipient's number.

The rules and their sources are data, in `legal_calendar.json`; only France has rules. The rules of other countries are
not confirmed, so messages there are not moved, and no legal cover is claimed. Alerts are exempt: do not call this for
them.
"""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from holidays import country_holidays

# Far more than any run of closed days (four around Easter in the Antilles); beyond it the data file must be wrong.
_LONGEST_SEARCH_DAYS: Final = 60


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of a day, local to the recipient: [start, end), in whole hours from midnight."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class CalendarSettings:
    """A portal's choices. Raises ValueError unless 0 <= start_hour < end_hour <= 24.

    Hours outside a country's outer bound (see `outer_hours`) have no effect, so a stricter law never turns stored
    settings into an error. The form for these settings refuses hours outside the bound.
    """

    start_hour: int = 8
    end_hour: int = 20
    #: Also close on Good Friday and 26 December in metropolitan France: mobile numbers do not show the region.
    alsace_moselle: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.start_hour < self.end_hour <= 24:
            raise ValueError("start_hour must be before end_hour, both within a day")


@dataclass(frozen=True, slots=True)
class Window:
    """The legal hours of one day as instants (aware UTC): start belongs to it, end does not."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Slot:
    """The time at which a message may leave (aware UTC)."""

    #: At or after the requested instant.
    at: datetime
    #: End of that day's window; after it, the slot must be computed again. None where there is no rule.
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Rule:
    valid_from: date
    weekdays: frozenset[int]
    may_use_holidays: bool
    default: Hours
    outer: Hours


@dataclass(frozen=True, slots=True)
class _Territory:
    zone: ZoneInfo
    #: Oldest first.
    rules: tuple[_Rule, ...]
    #: Subdivisions of `holidays`; none for the national days alone.
    subdivisions: tuple[str, ...]
    with_alsace_moselle: tuple[str, ...]


def _load(path: Path) -> dict[str, _Territory]:
    """Read the data file: country code -> territory. Missing or misspelt entries raise at import."""
    data = json.loads(path.read_text("utf-8"))
    groups: dict[str, list[_Rule]] = {}
    for rule in sorted(data["rules"], key=lambda rule: str(rule["valid_from"])):
        groups.setdefault(rule["group"], []).append(
            _Rule(
                valid_from=date.fromisoformat(rule["valid_from"]),
                weekdays=frozenset(rule["weekdays"]),
                may_use_holidays=rule["public_holidays"],
                default=_hours(rule["default_window"]),
                outer=_hours(rule["outer_window"]),
            )
        )
    territories = {}
    for code, entry in data["territories"].items():
        subdivisions = tuple(entry["holidays"])
        more = entry.get("optional_holidays", {}).get("alsace_moselle", [])
        territories[code] = _Territory(
            ZoneInfo(entry["zone"]), tuple(groups[entry["group"]]), subdivisions, (*subdivisions, *more)
        )
    return territories


def _hours(entry: dict[str, int]) -> Hours:
    return Hours(entry["start_hour"], entry["end_hour"])


_TERRITORIES: Final = _load(Path(__file__).with_name("legal_calendar.json"))
#: Countries and territories (ISO 3166 codes, as `PhoneNumber.country`) that have a rule.
COUNTRIES: Final = frozenset(_TERRITORIES)


def zone_of(country: str) -> ZoneInfo:
    """The time zone of a territory in COUNTRIES. Raises KeyError for others: many have several zones."""
    return _TERRITORIES[country].zone


def outer_hours(country: str, day: date) -> Hours | None:
    """The widest hours that a portal may choose for a day; None where there is no rule."""
    territory = _TERRITORIES.get(country)
    return _rule_of(territory, day).outer if territory else None


def next_slot(asked: datetime, country: str, settings: CalendarSettings) -> Slot:
    """The first legal instant at or after `asked` for a number of this territory ("FR", "RE", "BE", "001").

    Without a rule, the slot is at `asked` itself. To leave room for a call, pass now plus its deadline: the message
    may leave now if the instant is returned unchanged. Raises ValueError when `asked` has no time zone, or lies beyond
    the years whose holidays are known (2100).
    """
    if asked.utcoffset() is None:
        raise ValueError("the instant asked for needs a time zone")
    # In UTC, because Python compares two instants of one zone by their wall-clock time, even when clocks go back.
    at = asked.astimezone(UTC)
    territory = _TERRITORIES.get(country)
    if territory is None:
        return Slot(at, None)
    today = at.astimezone(territory.zone).date()
    for days in range(_LONGEST_SEARCH_DAYS):
        window = window_on(today + timedelta(days=days), country, settings)
        if window and at < window.end:
            return Slot(max(at, window.start), window.end)
    raise RuntimeError(f"the legal calendar of {country} leaves no open day after {today}")


def closed_countries(now: datetime, settings: CalendarSettings, *, call_s: float) -> list[str]:
    """Territories where marketing whose call begins now and lasts up to `call_s` seconds would leave their hours."""
    instants = (now, now + timedelta(seconds=call_s))
    return [
        country
        for country in sorted(COUNTRIES)
        if any(next_slot(at, country, settings).at != at for at in instants)
    ]


def window_on(day: date, country: str, settings: CalendarSettings) -> Window | None:
    """The legal window of a local day; None on a closed day. Raises KeyError for a territory not in COUNTRIES."""
    territory = _TERRITORIES[country]
    rule = _rule_of(territory, day)
    if day.isoweekday() not in rule.weekdays:
        return None
    subdivisions = territory.with_alsace_moselle if settings.alsace_moselle else territory.subdivisions
    if not rule.may_use_holidays and day in _public_holidays(day.year, subdivisions):
        return None
    hours = _within(rule, settings)
    # Hours are added to the wall-clock time, so 8 is eight o'clock on a day of 23 or 25 hours too.
    midnight = datetime.combine(day, time(), territory.zone)
    start, end = (midnight + timedelta(hours=hour) for hour in (hours.start, hours.end))
    return Window(start.astimezone(UTC), end.astimezone(UTC))


def _rule_of(territory: _Territory, day: date) -> _Rule:
    """The rule in force on a day; days before the first rule get the first rule, as no message leaves in the past."""
    in_force = [rule for rule in territory.rules if rule.valid_from <= day]
    return in_force[-1] if in_force else territory.rules[0]


def _within(rule: _Rule, settings: CalendarSettings) -> Hours:
    """The portal's hours inside the outer bound; the rule's default if none of them lie inside."""
    start = max(settings.start_hour, rule.outer.start)
    end = min(settings.end_hour, rule.outer.end)
    return Hours(start, end) if start < end else rule.default


@cache
def _public_holidays(year: int, subdivisions: tuple[str, ...]) -> frozenset[date]:
    """National and local public holidays of a year; cached, because the library is slow."""
    found = set(country_holidays("FR", years=year))
    for subdivision in subdivisions:
        found.update(country_holidays("FR", subdiv=subdivision, years=year))
    if not found:
        # The library ends with the year 2100; later holidays would look like open days.
        raise ValueError(f"no public holidays are known for the year {year}")
    return frozenset(found)
