"""The legal calendar: named holidays, and slots that are legal and as early as an independent oracle allows."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import settings as run_with
from hypothesis import strategies as st

from connector.domain import legal_calendar
from connector.domain.legal_calendar import (
    COUNTRIES,
    CalendarSettings,
    Hours,
    next_slot,
    outer_hours,
    window_on,
    zone_of,
)

STRICT = CalendarSettings()
PARIS = ZoneInfo("Europe/Paris")
MIQUELON = ZoneInfo("America/Miquelon")
# Other overseas clocks never change, so plain offsets check the names of their zones.
OFFSETS = {"GP": -4, "BL": -4, "MF": -4, "MQ": -4, "GF": -3, "RE": 4, "YT": 3, "NC": 11, "PF": -10, "WF": 12}
ZONES = {"FR": PARIS, "PM": MIQUELON} | {code: timezone(timedelta(hours=h)) for code, h in OFFSETS.items()}
# (month, day) of the abolition of slavery. Saint-Barthélemy's and Saint-Martin's close Guadeloupe too (shared +590).
ABOLITION = {
    "GP": [(5, 27), (5, 28), (10, 9)],
    "BL": [(10, 9)],
    "MF": [(5, 28)],
    "MQ": [(5, 22)],
    "GF": [(6, 10)],
    "RE": [(12, 20)],
    "YT": [(4, 27)],
}
# Territories for which the library lists more local days than the law names.
EXTRA_LOCAL_DAYS = {"GP", "BL", "MF", "MQ", "NC", "PF", "WF"}
NATIONAL = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)]


def easter(year: int) -> date:
    """Meeus's formula for the Gregorian calendar."""
    a, (b, c) = year % 19, divmod(year, 100)
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    month, day = divmod(h + weekday - 7 * ((a + 11 * h + 22 * weekday) // 451) + 114, 31)
    return date(year, month, day + 1)


def is_holiday(day: date, country: str, settings: CalendarSettings) -> bool:
    """Whether the law names the day as a holiday; the library may list more local ones."""
    since_easter = (day - easter(day.year)).days
    monthday = (day.month, day.day)
    if settings.alsace_moselle and country == "FR" and (since_easter == -2 or monthday == (12, 26)):
        return True
    return since_easter in (1, 39, 50) or monthday in NATIONAL or monthday in ABOLITION.get(country, [])


def hours_of(settings: CalendarSettings) -> tuple[int, int]:
    start, end = max(settings.start_hour, 8), min(settings.end_hour, 22)
    return (start, end) if start < end else (8, 20)


def is_legal(at: datetime, country: str, settings: CalendarSettings) -> bool:
    local = at.astimezone(ZONES[country])
    start, end = hours_of(settings)
    return (
        local.isoweekday() != 7
        and start <= local.hour < end
        and not is_holiday(local.date(), country, settings)
    )


def around(days: list[date]) -> st.SearchStrategy[datetime]:
    """Instants from the day before to the day after."""
    hours = st.floats(-24, 48, allow_nan=False)
    return st.builds(
        lambda day, hour: datetime.combine(day, time(), UTC) + timedelta(hours=hour),
        st.sampled_from(days),
        hours,
    )


def clock_changes(zone: ZoneInfo) -> list[date]:
    noons = [datetime(2025, 1, 1, 12, tzinfo=UTC) + timedelta(days=n) for n in range(365 * 11)]
    return [after.date() for before, after in pairwise(noons) if offset(before, zone) != offset(after, zone)]


def offset(at: datetime, zone: ZoneInfo) -> timedelta | None:
    return at.astimezone(zone).utcoffset()


CHANGES = sorted({*clock_changes(PARIS), *clock_changes(MIQUELON)})
LONG_WEEKENDS = [
    easter(year) + timedelta(days=n) for year in range(2025, 2036) for n in (-2, 0, 1, 39, 49, 50)
]
YEAR_ENDS = [date(year, 12, day) for year in range(2025, 2036) for day in (20, 24, 25, 26, 31)]
NAIVE = st.datetimes(datetime(2025, 1, 1), datetime(2035, 12, 31, 23))  # noqa: DTZ001 - the zone comes next
ANY_INSTANT = st.builds(
    lambda at, zone: at.replace(tzinfo=zone), NAIVE, st.sampled_from([UTC, PARIS, MIQUELON])
)
ASKED = st.one_of(ANY_INSTANT, around(CHANGES), around(LONG_WEEKENDS), around(YEAR_ENDS))
SETTINGS = st.builds(
    lambda hours, alsace_moselle: CalendarSettings(min(hours), max(hours), alsace_moselle),
    st.sets(st.integers(0, 24), min_size=2, max_size=2),
    st.booleans(),
)
TERRITORIES = st.sampled_from(sorted(ZONES))
# The first call for a year waits for the library, later calls do not.
UNTIMED = run_with(deadline=None)


@UNTIMED
@given(ASKED, TERRITORIES, SETTINGS)
def test_the_slot_is_legal_until_its_end_and_never_early(
    asked: datetime, country: str, settings: CalendarSettings
) -> None:
    slot = next_slot(asked, country, settings)
    assert slot.at >= asked
    assert slot.at.tzinfo is UTC
    assert slot.ends_at is not None
    assert slot.ends_at > slot.at
    assert is_legal(slot.at, country, settings)
    assert is_legal(slot.ends_at - timedelta(microseconds=1), country, settings)
    ends = slot.ends_at.astimezone(ZONES[country])
    assert ends.date() == slot.at.astimezone(ZONES[country]).date()
    assert ends.timetz().replace(tzinfo=None) == time(hours_of(settings)[1])
    assert next_slot(slot.at, country, settings) == slot


@UNTIMED
@given(ASKED, TERRITORIES, SETTINGS)
def test_no_legal_instant_is_passed_over(asked: datetime, country: str, settings: CalendarSettings) -> None:
    slot = next_slot(asked, country, settings)
    if slot.at == asked:
        return
    # A slot at another instant than the requested one is the start of the first window after it.
    assert slot.at.astimezone(ZONES[country]).timetz().replace(tzinfo=None) == time(hours_of(settings)[0])
    local = asked.astimezone(ZONES[country])
    first, last = local.date(), slot.at.astimezone(ZONES[country]).date()
    if first < last and local.hour < hours_of(settings)[1]:
        assert window_on(first, country, settings) is None
    for day in (first + timedelta(days=n) for n in range(1, (last - first).days)):
        assert window_on(day, country, settings) is None
        assert day.isoweekday() == 7 or is_holiday(day, country, settings) or country in EXTRA_LOCAL_DAYS


@UNTIMED
@given(ASKED, st.timedeltas(timedelta(0), timedelta(days=9)), TERRITORIES, SETTINGS)
def test_asking_later_never_gives_an_earlier_slot(
    asked: datetime, later: timedelta, country: str, settings: CalendarSettings
) -> None:
    first = next_slot(asked, country, settings)
    assert next_slot(asked.astimezone(UTC) + later, country, settings).at >= first.at


@UNTIMED
@given(ASKED, st.sampled_from(["BE", "CH", "US", "001", "", "fr"]), SETTINGS)
def test_without_a_rule_nothing_is_moved(asked: datetime, country: str, settings: CalendarSettings) -> None:
    slot = next_slot(asked, country, settings)
    assert (slot.at, slot.ends_at) == (asked, None)
    assert outer_hours(country, asked.date()) is None


@pytest.mark.parametrize(
    ("asked", "at", "ends_at"),
    [
        # Monday 17 November 2025 is an ordinary day.
        ("2025-11-17T07:59:59", "2025-11-17T08:00", "2025-11-17T20:00"),
        ("2025-11-17T08:00", "2025-11-17T08:00", "2025-11-17T20:00"),
        ("2025-11-17T19:59:59.999999", "2025-11-17T19:59:59.999999", "2025-11-17T20:00"),
        ("2025-11-17T20:00", "2025-11-18T08:00", "2025-11-18T20:00"),
        ("2025-11-17T23:30", "2025-11-18T08:00", "2025-11-18T20:00"),
        # Saturday evening to Monday, across both clock changes.
        ("2026-03-28T20:00", "2026-03-30T08:00", "2026-03-30T20:00"),
        ("2026-03-29T02:30", "2026-03-30T08:00", "2026-03-30T20:00"),
        ("2025-10-25T21:00", "2025-10-27T08:00", "2025-10-27T20:00"),
        ("2025-10-26T02:30", "2025-10-27T08:00", "2025-10-27T20:00"),
        # Easter, Labour Day, Whitsun, Christmas on a Friday, New Year.
        ("2026-04-04T20:00", "2026-04-07T08:00", "2026-04-07T20:00"),
        ("2026-05-01T10:00", "2026-05-02T08:00", "2026-05-02T20:00"),
        ("2026-05-24T10:00", "2026-05-26T08:00", "2026-05-26T20:00"),
        ("2026-12-24T20:00", "2026-12-26T08:00", "2026-12-26T20:00"),
        ("2025-12-31T21:00", "2026-01-02T08:00", "2026-01-02T20:00"),
    ],
)
def test_slots_in_metropolitan_france(asked: str, at: str, ends_at: str) -> None:
    slot = next_slot(datetime.fromisoformat(asked).replace(tzinfo=PARIS), "FR", STRICT)
    local = [each.astimezone(PARIS).replace(tzinfo=None) for each in (slot.at, slot.ends_at or slot.at)]
    assert local == [datetime.fromisoformat(at), datetime.fromisoformat(ends_at)]


def test_the_hours_are_those_of_the_recipient() -> None:
    asked = datetime(2025, 11, 17, 9, tzinfo=PARIS)  # 08:00 UTC
    starts = {country: next_slot(asked, country, STRICT).at.hour for country in ZONES}
    # Some territories are already in their window; the others wait for 08:00 local time, Tahiti until 18:00 UTC.
    assert starts == {
        "FR": 8, "RE": 8, "YT": 8, "NC": 8, "WF": 20,
        "GP": 12, "BL": 12, "MF": 12, "MQ": 12, "GF": 11, "PM": 11, "PF": 18,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("year", "easter_monday", "ascension", "whit_monday"),
    [
        (2025, (4, 21), (5, 29), (6, 9)),
        (2026, (4, 6), (5, 14), (5, 25)),
        (2027, (3, 29), (5, 6), (5, 17)),
    ],
)
@pytest.mark.parametrize("country", sorted(ZONES))
def test_movable_holidays_are_closed_everywhere(
    country: str,
    year: int,
    easter_monday: tuple[int, int],
    ascension: tuple[int, int],
    whit_monday: tuple[int, int],
) -> None:
    for monthday in (easter_monday, ascension, whit_monday, *NATIONAL):
        assert window_on(date(year, *monthday), country, STRICT) is None
    # The day after each is an ordinary one.
    for month, day in (easter_monday, whit_monday):
        after = date(year, month, day) + timedelta(days=1)
        assert (window_on(after, country, STRICT) is not None) == (not is_holiday(after, country, STRICT))


@pytest.mark.parametrize(
    "day", [date(2025, 4, 18), date(2025, 12, 26), date(2026, 4, 3), date(2026, 12, 26), date(2027, 3, 26)]
)
def test_alsace_moselle_is_a_setting_of_metropolitan_france(day: date) -> None:
    settings = CalendarSettings(alsace_moselle=True)
    assert window_on(day, "FR", settings) is None
    assert window_on(day, "FR", STRICT) is not None
    assert window_on(day, "RE", settings) == window_on(day, "RE", STRICT)
    assert window_on(day, "RE", settings) is not None


@pytest.mark.parametrize("year", range(2025, 2036))
def test_abolition_of_slavery_closes_its_own_territories(year: int) -> None:
    for days in ABOLITION.values():
        for monthday in days:
            day = date(year, *monthday)
            closed = {code for code, own in ABOLITION.items() if monthday in own}
            for country in ZONES:
                is_shut = window_on(day, country, STRICT) is None
                # A day that is a Sunday or a movable holiday closes the other territories too.
                elsewhere = day.isoweekday() == 7 or is_holiday(day, country, STRICT)
                assert is_shut == (country in closed or elsewhere), (country, day)


@pytest.mark.parametrize(
    ("start", "end", "opens", "closes"),
    [
        (8, 20, 8, 20),
        (9, 19, 9, 19),
        (8, 22, 8, 22),
        (0, 24, 8, 22),
        (5, 9, 8, 9),
        (21, 24, 21, 22),
        (22, 24, 8, 20),
    ],
)
def test_settings_stay_within_the_outer_bound(start: int, end: int, opens: int, closes: int) -> None:
    window = window_on(date(2025, 11, 17), "FR", CalendarSettings(start, end))
    assert window is not None
    assert (window.start.astimezone(PARIS).hour, window.end.astimezone(PARIS).hour) == (opens, closes)


@pytest.mark.parametrize(("start", "end"), [(8, 8), (20, 8), (-1, 8), (8, 25)])
def test_impossible_hours_are_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="start_hour"):
        CalendarSettings(start, end)


def test_an_instant_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        next_slot(datetime(2025, 11, 17, 9), "FR", STRICT)  # noqa: DTZ001 - that is the mistake
    with pytest.raises(ValueError, match="time zone"):
        next_slot(datetime(2025, 11, 17, 9), "BE", STRICT)  # noqa: DTZ001


def test_years_without_known_holidays_are_refused() -> None:
    assert next_slot(datetime(2100, 1, 1, 9, tzinfo=PARIS), "FR", STRICT).at.astimezone(PARIS).day == 2
    with pytest.raises(ValueError, match="2150"):
        next_slot(datetime(2150, 1, 1, 9, tzinfo=PARIS), "FR", STRICT)


def test_a_newer_rule_takes_over_on_its_day(monkeypatch: pytest.MonkeyPatch) -> None:
    today = legal_calendar._TERRITORIES["FR"]
    rule = today.rules[0]
    newer = legal_calendar._Rule(date(2030, 1, 1), frozenset({1, 2}), True, Hours(10, 18), Hours(9, 18))
    changed = legal_calendar._Territory(today.zone, (rule, newer), today.subdivisions, ())
    monkeypatch.setattr(legal_calendar, "_TERRITORIES", {"FR": changed})
    slots = [
        next_slot(datetime(2029, 12, 31, hour, tzinfo=PARIS), "FR", STRICT).at.astimezone(PARIS)
        for hour in (19, 20)
    ]
    # 1 January 2030 is a Tuesday, a holiday under the old rule. The new rule's hours start at 9, the portal's at 8.
    assert [(each.day, each.hour) for each in slots] == [(31, 19), (1, 9)]
    assert outer_hours("FR", date(2029, 12, 31)) == Hours(8, 22)
    assert outer_hours("FR", date(2030, 1, 1)) == Hours(9, 18)


def test_hours_are_on_the_wall_clock_on_days_of_23_and_25_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    # France's clocks change on Sundays, which its rule closes, so this test uses a rule that opens them.
    sundays = legal_calendar._Rule(date(2024, 1, 1), frozenset({7}), True, Hours(8, 20), Hours(8, 22))
    changed = legal_calendar._Territory(PARIS, (sundays,), (), ())
    monkeypatch.setattr(legal_calendar, "_TERRITORIES", {"FR": changed})
    for day, ahead in ((date(2026, 3, 29), 2), (date(2026, 10, 25), 1)):
        window = window_on(day, "FR", STRICT)
        assert window is not None
        assert (window.start.hour, window.end.hour) == (8 - ahead, 20 - ahead)


def test_days_before_the_first_rule_follow_it() -> None:
    assert next_slot(datetime(2020, 1, 1, 12, tzinfo=PARIS), "FR", STRICT).at == datetime(
        2020, 1, 2, 8, tzinfo=PARIS
    )


def test_every_territory_is_one_that_a_number_can_belong_to() -> None:
    assert set(ZONES) == COUNTRIES
    assert set(phonenumbers.SUPPORTED_REGIONS) >= COUNTRIES
    for country, zone in ZONES.items():
        for at in (datetime(2025, 1, 15, tzinfo=UTC), datetime(2025, 7, 15, tzinfo=UTC)):
            assert at.astimezone(zone_of(country)).utcoffset() == at.astimezone(zone).utcoffset()


def test_defaults_of_the_settings_are_the_data_files() -> None:
    rule = legal_calendar._TERRITORIES["FR"].rules[-1]
    assert rule.default == Hours(STRICT.start_hour, STRICT.end_hour)
    assert rule.outer == outer_hours("FR", date(2025, 1, 1))
    with pytest.raises(KeyError):
        zone_of("BE")
