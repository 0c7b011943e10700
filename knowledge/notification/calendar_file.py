"""Milestones as an iCalendar file, which calendars keep up to date by UID and SEQUENCE."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime

from icalendar import Calendar, Event

from knowledge.milestones import Milestone, State, state

DOMAIN = "massnahmenbot"
"""Right part of UIDs; they are names, not addresses."""


def calendar_file(
    milestones: Iterable[Milestone],
    notes: Callable[[Milestone, State], str],
    *,
    revision: int,
    now: datetime,
    today: date,
) -> bytes:
    """Write milestones as all-day events, which last one day where no end is given.

    The UID of a stated date is that of its entry: a moved date moves the event. Occurrences of a
    rhythm have one each. The sequence is the revision of the knowledge base, which only grows, so
    that a later file always replaces an earlier one.

    Args:
        milestones: What to write; those that were given up are marked as cancelled.
        notes: What is said about a milestone, for instance that its day is not known.
        revision: The revision that the milestones are from.
        now: The moment of writing, aware.
        today: The day for which they hold.
    """
    calendar = Calendar()
    calendar.add("prodid", f"-//{DOMAIN}//DE")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for milestone in milestones:
        calendar.add_component(_event(milestone, state(milestone, today), notes, revision, now))
    written: bytes = calendar.to_ical()
    return written


def _event(
    milestone: Milestone,
    stands: State,
    notes: Callable[[Milestone, State], str],
    revision: int,
    now: datetime,
) -> Event:
    entry, due = milestone.entry, milestone.due
    event = Event()
    name = f"{entry.key}-{due.iso()}" if milestone.derived else entry.key
    event.add("uid", f"{name.lower()}@{DOMAIN}")
    event.add("dtstamp", now)
    event.add("sequence", revision)
    event.add("status", _status(milestone, stands))
    event.add("summary", f"{entry.title} ({entry.key})")
    event.add("dtstart", due.last)
    event.add("transp", "TRANSPARENT")
    event.add("description", notes(milestone, stands))
    return event


def _status(milestone: Milestone, stands: State) -> str:
    if stands is State.CANCELLED:
        return "CANCELLED"
    # What was put off still has a day in its source, but nobody holds to it.
    return "TENTATIVE" if milestone.derived or stands is State.MOVED else "CONFIRMED"
