"""Dates that come up or have passed, and those that a rhythm would make fall due."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from knowledge.entries import Entry, Kind, Phase, Rhythm
from knowledge.facts import is_later
from knowledge.partial_date import PartialDate, Period, Precision
from knowledge.snapshot import Snapshot

SOON_DAYS = 30
"""From how many days before its date something counts as due soon (first reminder offset)."""


class Timeliness(StrEnum):
    """How an entry stands against its date; computed, never stored.

    `PUT_OFF`: the date does not hold any more. `OVERDUE`: it has passed, and nothing says that it
    was kept, be it that nobody knows.
    """

    NO_DATE = "no_date"
    ON_TIME = "on_time"
    DUE_SOON = "due_soon"
    PUT_OFF = "put_off"
    OVERDUE = "overdue"


class State(StrEnum):
    """What became of a milestone; computed, never stored.

    `MOVED`: it was put off, and that is newer than its day, or the day has passed. `UNKNOWN`: its
    day has passed, and an editor says that nobody knows what came of it. `MISSED`: its day has
    passed, and nothing says that it was kept.
    """

    OPEN = "open"
    DONE = "done"
    MOVED = "moved"
    MISSED = "missed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Milestone:
    """A date of an entry.

    Attributes:
        entry: What falls due.
        due: When, as precisely as the source says.
        derived: True where nobody set the date and it only follows from a rhythm.
    """

    entry: Entry
    due: PartialDate
    derived: bool = False


def timeliness(entry: Entry, today: date) -> Timeliness:
    """Compare an entry's date with today; what is done, dropped or put off is never late."""
    if entry.due is None:
        return Timeliness.NO_DATE
    match state(Milestone(entry, entry.due), today):
        case State.DONE | State.CANCELLED:
            return Timeliness.ON_TIME
        case State.MOVED:
            return Timeliness.PUT_OFF
        case State.MISSED | State.UNKNOWN:
            return Timeliness.OVERDUE
        case State.OPEN:
            soon = (entry.due.last - today).days <= SOON_DAYS
            return Timeliness.DUE_SOON if soon else Timeliness.ON_TIME


def occurrence_after(rhythm: Rhythm, day: date) -> PartialDate:
    """The first occurrence of a rhythm that does not lie wholly before a day.

    It is never more precise than a month: "every two years" promises no weekday.

    >>> occurrence_after(Rhythm(months=24, since=PartialDate.parse("21.11.2023")),
    ...                  date(2024, 1, 1)).german()
    'November 2025'
    """
    return _occurrence(rhythm, _steps_until(rhythm, day))


def missed_occurrence(rhythm: Rhythm, today: date) -> PartialDate | None:
    """The last occurrence after the first that has wholly passed; None if there is none yet."""
    steps = _steps_until(rhythm, today) - 1
    return _occurrence(rhythm, steps) if steps > 0 else None


def _steps_until(rhythm: Rhythm, day: date) -> int:
    """How many times a rhythm must have come round so as not to lie wholly before a day."""
    wanted = _months(day) if _is_monthly(rhythm) else day.year * 12
    return max(1, -(-(wanted - _months(rhythm.since.first)) // rhythm.months))


def _occurrence(rhythm: Rhythm, steps: int) -> PartialDate:
    year, month = divmod(_months(rhythm.since.first) + steps * rhythm.months, 12)
    return PartialDate(year, month + 1) if _is_monthly(rhythm) else PartialDate(year)


def _is_monthly(rhythm: Rhythm) -> bool:
    return rhythm.since.precision >= Precision.MONTH


def _months(day: date) -> int:
    """Whole months since the year 0."""
    return day.year * 12 + day.month - 1


def milestones(entries: Iterable[Entry]) -> Iterator[Milestone]:
    """The dates that sources state for the given entries."""
    for entry in entries:
        if entry.due is not None:
            yield Milestone(entry, entry.due)


def past(snapshot: Snapshot, today: date) -> list[Milestone]:
    """Stated dates that lie wholly before today, newest first."""
    listed = [m for m in milestones(_dated(snapshot)) if m.due.last < today]
    return sorted(listed, key=lambda m: (m.due, m.entry.key), reverse=True)


def coming(snapshot: Snapshot, today: date, *, below: str | None = None) -> list[Milestone]:
    """Stated dates from today on and derived occurrences of rhythms, soonest first.

    Args:
        snapshot: Where to look.
        today: The first day that counts.
        below: Only this entry and what is below it.
    """
    dates = (m for entry in snapshot.within(below) for m in dates_of(entry, snapshot, today))
    open_ones = (m for m in dates if state(m, today) is State.OPEN)
    return sorted(open_ones, key=lambda m: (m.due, m.derived, m.entry.key))


def scheduled(snapshot: Snapshot, today: date) -> list[Milestone]:
    """All dates that reminders count from: `dates_of` every entry."""
    return [m for entry in snapshot.entries.values() for m in dates_of(entry, snapshot, today)]


def dates_of(entry: Entry, snapshot: Snapshot, today: date) -> list[Milestone]:
    """The stated date of an entry, and of its rhythm the next occurrence and the last passed one.

    An occurrence is left out where a stated date stands for it: the entry's own one, if it is
    later and not over, or any in its time. So an editor confirms what was only derived. A rhythm
    that has not begun yet has no occurrences.
    """
    own = list(milestones([entry]))
    if entry.rhythm is None or entry.rhythm.since.first > today:
        return own
    stated = [*own, *milestones(snapshot.below(entry.key))]
    postponed_to = None if entry.due is None or entry.is_over else entry.due
    occurrences = (
        missed_occurrence(entry.rhythm, today),
        occurrence_after(entry.rhythm, today),
    )
    return own + [
        Milestone(entry, occurrence, derived=True)
        for occurrence in occurrences
        if occurrence is not None
        and not (postponed_to is not None and occurrence <= postponed_to)
        and not any(_stands_for(m, entry, occurrence, snapshot) for m in stated)
    ]


def missed_rhythm(entry: Entry, snapshot: Snapshot, today: date) -> PartialDate | None:
    """The last occurrence of an entry's rhythm, if it has passed and nothing says it was kept."""
    derived = (m for m in dates_of(entry, snapshot, today) if m.derived)
    return next((m.due for m in derived if state(m, today) is State.MISSED), None)


def state(milestone: Milestone, today: date) -> State:
    """What became of a milestone by a day; a month-precise one is open until the month ends."""
    phase = milestone.entry.phase
    if phase is Phase.DROPPED:
        return State.CANCELLED
    if phase is Phase.DONE and not milestone.derived:  # one revision done says nothing of the next
        return State.DONE
    if milestone.due.last >= today:
        return State.MOVED if _is_put_off(milestone) else State.OPEN
    if phase is Phase.POSTPONED:
        return State.MOVED
    return State.UNKNOWN if phase is Phase.UNKNOWN and not milestone.derived else State.MISSED


def months_between(earlier: date, later: date) -> int:
    """Whole months from one day to another; negative if they are the other way round."""
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    last_day = calendar.monthrange(later.year, later.month)[1]
    return months - (later.day < min(earlier.day, last_day))


def _dated(snapshot: Snapshot) -> Iterator[Entry]:
    """Milestones, and measures and plans that carry a date themselves."""
    for entry in snapshot.entries.values():
        if entry.kind in {Kind.MILESTONE, Kind.MEASURE, Kind.PLAN}:
            yield entry


def _stands_for(
    stated: Milestone, entry: Entry, occurrence: PartialDate, snapshot: Snapshot
) -> bool:
    """Whether a stated date of an entry, or below it, already says what its rhythm would."""
    above = {stated.entry.key, *(a.key for a in snapshot.ancestors(stated.entry.key))}
    return entry.key in above and Period.around(stated.due).overlaps(occurrence)


def _is_put_off(milestone: Milestone) -> bool:
    """Whether a date does not hold any more, since the entry was put off after it was set."""
    set_by, put_off_by = milestone.entry.due_fact, milestone.entry.phase_fact
    return (
        not milestone.derived
        and milestone.entry.phase is Phase.POSTPONED
        and set_by is not None
        and put_off_by is not None
        and is_later(put_off_by, set_by)
    )
