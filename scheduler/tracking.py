"""Since when dates are known, and which of their reminders are due now.

A date counts from the day on which it became known, not from when somebody looked: a moved date
starts afresh, and what lay in the past when it became known is a record, not an appointment. What
an undone change brings back is as old as it was: otherwise a slip of the pen, taken back the next
day, would make a record of an appointment, and nobody would be told that it was missed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from knowledge.entries import Entry, Kind, Phase, Relation
from knowledge.facts import newest_statement
from knowledge.milestones import Milestone, months_between, scheduled, state
from knowledge.partial_date import PartialDate
from knowledge.revisions import Change, Version
from knowledge.snapshot import Snapshot
from scheduler.reminders import Reminder, nudge, reminder
from scheduler.rules import Rules

LOOKED_AFTER = frozenset({Kind.PLAN, Kind.MEASURE})
"""Kinds of entries that need a current statement as long as they are not history."""

LONG_AGO = 120
"""Months of silence after which what nobody said to be under way is a document of the past."""


class Why(StrEnum):
    """What a reminder is about."""

    DATE = "date"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Tracked:
    """What is remembered of a date.

    Attributes:
        known_on: The day on which it became known.
        reached: The step of the latest reminder that was dealt with, None if none is passed:
            also none any more, because the date is settled or the clock was set back.
    """

    known_on: date
    reached: int | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder that is due and was not dealt with.

    Attributes:
        why: What it is about.
        milestone: The date; for silence, the day of the newest statement.
        reminder: Which reminder.
    """

    why: Why
    milestone: Milestone
    reminder: Reminder


Dates = Mapping[tuple[str, str], Tracked]
"""By entry and subject: a date (`2025-11`), a rhythm (`every 24 since 2023-11-21`), or the date
of the newest statement (`said 2024`)."""


def track(
    snapshot: Snapshot,
    dates: Dates,
    learnt: Mapping[tuple[str, str], date],
    today: date,
    rules: Rules,
) -> tuple[Dates, list[Due]]:
    """Bring what is remembered of dates up to date, and say what is due.

    Args:
        snapshot: The newest state.
        dates: What is remembered.
        learnt: On which day which subjects became known since then.
        today: The present day.
        rules: Which reminders there are.

    Returns:
        What to remember from now on, and the reminders that are due.
    """
    now: dict[tuple[str, str], Tracked] = {}
    due: list[Due] = []

    def known(place: tuple[str, str], otherwise: date) -> Tracked:
        if place in learnt:
            return Tracked(learnt[place])
        return dates.get(place) or Tracked(otherwise)

    for entry in snapshot.entries.values():
        if (rhythm := _rhythm(entry)) is not None:
            now[entry.key, rhythm] = known((entry.key, rhythm), today)
    for milestone in scheduled(snapshot, today):
        entry, last = milestone.entry, milestone.due.last
        rhythm = _rhythm(entry)
        since = now[entry.key, rhythm].known_on if milestone.derived and rhythm else today
        place = entry.key, milestone.due.iso()
        found = reminder(state(milestone, today), last, today, rules)
        now[place] = _dealt_with(known(place, since), found)
        if found and _is_news(found, known(place, since)) and last >= now[place].known_on:
            due.append(Due(Why.DATE, milestone, found))
    for entry, said in _looked_after(snapshot, today, rules):
        place = entry.key, f"said {said.iso()}" if said else "said nothing"
        tracked = known(place, today)
        day = said.last if said else tracked.known_on
        found = nudge(day, today, rules)
        now[place] = _dealt_with(tracked, found)
        if found and _is_news(found, tracked):
            statement = Milestone(entry, said or PartialDate.of(day))
            due.append(Due(Why.SILENCE, statement, found))
    return now, due


def learnt_by(
    change: Change, history: Sequence[Version], day_of: Callable[[datetime], date]
) -> Iterator[tuple[tuple[str, str], date]]:
    """What became known with a revision's change of an entry: its date, its rhythm, what it says.

    Args:
        change: What became of the entry.
        history: The entry's versions up to this one, oldest first; needed only where it undoes
            another.
        day_of: On which day a moment is.
    """
    former = set(_subjects(change.old))
    for subject in _subjects(change.new):
        if subject not in former:
            said = _first_to_say(subject, history or [change.after])
            yield (change.after.entry.key, subject), day_of(said.created_at)


def _first_to_say(subject: str, history: Sequence[Version]) -> Version:
    """The version since which an entry has said without a break what the last one says.

    Before a version that undoes another stands the one before that: the break is taken back.
    """
    latest, before = history[-1], _before(history)
    while before and subject in _subjects(before[-1].standing):
        latest, before = before[-1], _before(before)
    return latest


def _before(history: Sequence[Version]) -> Sequence[Version]:
    """The versions that the last one of a history rests on."""
    latest = history[-1]
    until = latest.revision if latest.undoes is None else latest.undoes
    return [version for version in history if version.revision < until]


def _subjects(entry: Entry | None) -> Iterator[str]:
    if entry is None:
        return
    if entry.due is not None:
        yield entry.due.iso()
    if (rhythm := _rhythm(entry)) is not None:
        yield rhythm
    said = newest_statement(entry)
    yield f"said {said.iso()}" if said else "said nothing"


def _rhythm(entry: Entry) -> str | None:
    rhythm = entry.rhythm
    return None if rhythm is None else f"every {rhythm.months} since {rhythm.since.iso()}"


def _is_news(found: Reminder, tracked: Tracked) -> bool:
    return found.step != tracked.reached and found.on > tracked.known_on


def _dealt_with(tracked: Tracked, found: Reminder | None) -> Tracked:
    return replace(tracked, reached=found.step if found else None)


def _looked_after(
    snapshot: Snapshot, today: date, rules: Rules
) -> Iterable[tuple[Entry, PartialDate | None]]:
    for entry in snapshot.entries.values():
        if (
            entry.kind in LOOKED_AFTER
            and _is_at_home(entry, snapshot, rules)
            and not is_history(entry, snapshot, today)
        ):
            yield entry, newest_statement(entry)


def is_history(entry: Entry, snapshot: Snapshot, today: date) -> bool:
    """Whether nobody is asked for news of an entry: it is over, replaced, or of the past.

    Where a phase is stated that is not over, it lives, however long ago that was.
    """
    said = newest_statement(entry)
    if entry.phase not in {None, Phase.UNKNOWN} or said is None:
        return entry.is_over
    return months_between(said.last, today) >= LONG_AGO or _is_replaced(entry, said, snapshot)


def _is_replaced(entry: Entry, said: PartialDate, snapshot: Snapshot) -> bool:
    """Whether a plan is related to one beside it of which everything known is later."""
    if entry.kind is not Kind.PLAN:
        return False
    for other in snapshot.linked(entry.key, Relation.RELATED):
        known = [fact.dated.first for fact in other.facts if fact.known and fact.dated]
        is_beside = other.kind is Kind.PLAN and other.parent == entry.parent
        if is_beside and known and min(known) > said.last:
            return True
    return False


def _is_at_home(entry: Entry, snapshot: Snapshot, rules: Rules) -> bool:
    return rules.home is None or any(
        above.key == rules.home for above in snapshot.ancestors(entry.key)
    )
