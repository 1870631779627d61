"""Days and moments as plain numbers.

A world of five million rows holds some twenty million dates. As integers they are added and compared in a few
nanoseconds, and their text comes from two small tables instead of a formatter.
"""

from calendar import monthrange
from datetime import UTC, date, datetime
from functools import lru_cache

Day = int
"""A calendar day: days since 1970-01-01."""

Moment = int
"""A point in time: seconds since 1970-01-01 00:00 UTC."""

DAY = 86_400
"""Seconds in a day."""

HOUR = 3_600
MINUTE = 60

_EPOCH = date(1970, 1, 1).toordinal()


class _DayText(dict[int, str]):
    def __missing__(self, day: Day) -> str:
        text = self[day] = to_date(day).isoformat()
        return text


class _TimeText(dict[int, str]):
    def __missing__(self, second: int) -> str:
        text = self[second] = f" {second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
        return text


DAY_TEXT = _DayText()
"""A day -> 2026-11-01."""

TIME_TEXT = _TimeText()
"""A second of the day -> ' 08:15:00', with the blank that parts it from the day."""


def to_day(value: date) -> Day:
    """The day of a date."""
    return value.toordinal() - _EPOCH


def to_date(day: Day) -> date:
    """The date of a day."""
    return date.fromordinal(day + _EPOCH)


def to_datetime(moment: Moment) -> datetime:
    """The datetime of a moment, in UTC."""
    return datetime.fromtimestamp(moment, UTC)


@lru_cache(maxsize=100_000)
def add_months(day: Day, months: int) -> Day:
    """The day `months` later; the last of the month where the month is too short."""
    start = to_date(day)
    count = start.year * 12 + start.month - 1 + months
    year, month = count // 12, count % 12 + 1
    return to_day(date(year, month, min(start.day, monthrange(year, month)[1])))


def years_between(earlier: Day, later: Day) -> int:
    """Full years between two days, to within a day: good enough for an age."""
    return int((later - earlier) / 365.2425)


def weekday(day: Day) -> int:
    """0 for Monday to 6 for Sunday."""
    return (day + 3) % 7
