"""When a chat may be written to: outside its quiet hours, on working days, in its own zone.

Everything is compared as moments, never as clock faces: an hour that a clock change skips or
repeats neither loses nor doubles anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

COUNTRY = "DE"

SUBDIVISIONS: tuple[str, ...] = tuple(
    code for code in holidays.country_holidays(COUNTRY).subdivisions if len(code) == 2
)
"""Codes of the federal states, as in ISO 3166-2 without the country; Augsburg, which the library
has for a holiday of its own, is none."""

BERLIN = ZoneInfo("Europe/Berlin")

SATURDAY = 5
"""The first weekday, counted from Monday as 0, on which offices are closed."""

EVES = frozenset({(12, 24), (12, 31)})
"""Month and day of the days before Christmas and New Year, on which public offices are closed."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """When a chat may be written to.

    Attributes:
        quiet_from: When its quiet hours begin, on its own clock.
        quiet_until: When they end, often on the next day; equal times mean no quiet hours.
        working_days: Whether only working days count.
        zone: The zone of that clock.
        subdivision: The federal state whose holidays count, as in ISO 3166-2 ("TH").
    """

    quiet_from: time = time(18)
    quiet_until: time = time(8)
    working_days: bool = True
    zone: ZoneInfo = BERLIN
    subdivision: str = "TH"


@lru_cache(maxsize=256)
def _holidays(subdivision: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(COUNTRY, subdiv=subdivision, years=year))


def is_working_day(day: date, subdivision: str) -> bool:
    """Whether offices are open on a day in a federal state.

    The 24th and 31st of December are no holidays, but off in public service (§ 6 Abs. 3 TVöD).

    >>> is_working_day(date(2025, 9, 19), "TH")  # a Friday
    True
    >>> is_working_day(date(2027, 9, 20), "TH")  # a Monday, Weltkindertag in Thüringen alone
    False
    """
    is_off = (day.month, day.day) in EVES or day in _holidays(subdivision, day.year)
    return day.weekday() < SATURDAY and not is_off


def working_day_until(day: date, subdivision: str) -> date:
    """The day itself, or the last working day before it."""
    while not is_working_day(day, subdivision):
        day -= _DAY
    return day


def moment_of(day: date, hour: time, zone: ZoneInfo) -> datetime:
    """A clock time of a day as a moment (UTC); one that a clock change skips is an hour later."""
    return datetime.combine(day, hour, zone).astimezone(UTC)


def next_moment(moment: datetime, hours: Hours) -> datetime:
    """The first moment, not before another one, at which a chat may be written to (UTC)."""
    day = moment.astimezone(hours.zone).date()
    while True:
        if not hours.working_days or is_working_day(day, hours.subdivision):
            for begin, end in _open_spans(day, hours):
                candidate = max(moment.astimezone(UTC), begin)
                if candidate < end:
                    return candidate
        day += _DAY


def _open_spans(day: date, hours: Hours) -> Iterator[tuple[datetime, datetime]]:
    """What is left of a day without its quiet hours."""
    midnight = moment_of(day, time(0), hours.zone)
    next_midnight = moment_of(day + _DAY, time(0), hours.zone)
    quiet_from = moment_of(day, hours.quiet_from, hours.zone)
    quiet_until = moment_of(day, hours.quiet_until, hours.zone)
    if hours.quiet_from == hours.quiet_until:
        yield midnight, next_midnight
    elif hours.quiet_from > hours.quiet_until:
        yield quiet_until, quiet_from
    else:
        yield midnight, quiet_from
        yield quiet_until, next_midnight
