"""The hours for marketing in France: Monday to Saturday, 8 to 20 h Paris time, no public holidays (SMSFactor docs)."""

from datetime import UTC, date, datetime, time, timedelta

from sandbox.smsfactor_sim.wire import PARIS

_OPENS, _CLOSES = time(8), time(20)
_FIXED = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
# Days after Easter Sunday: Easter Monday, Ascension, Whit Monday.
_MOVABLE = (1, 39, 50)


def next_slot(instant: datetime) -> datetime:
    """The first instant not before `instant` (aware) at which marketing may leave, aware UTC."""
    local = instant.astimezone(PARIS)
    day = local.date()
    if _is_working_day(day) and _OPENS <= local.time() < _CLOSES:
        return instant
    if local.time() >= _OPENS:
        day += timedelta(days=1)
    while not _is_working_day(day):
        day += timedelta(days=1)
    return datetime.combine(day, _OPENS, PARIS).astimezone(UTC)


def _is_working_day(day: date) -> bool:
    easter = _easter(day.year)
    holidays = {easter + timedelta(days=days) for days in _MOVABLE}
    return day.weekday() != 6 and (day.month, day.day) not in _FIXED and day not in holidays


def _easter(year: int) -> date:
    """Easter Sunday, Gregorian calendar (the anonymous algorithm of 1876)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)
