"""What a reader must know besides the facts: that they are old, or not what was asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from knowledge.answering.basis import Basis
from knowledge.answering.periods import years_named
from knowledge.entries import Entry, Kind
from knowledge.german import is_day, words
from knowledge.milestones import Timeliness, months_between, timeliness
from knowledge.partial_date import PartialDate, Period
from knowledge.snapshot import Snapshot, Statement

STALE_MONTHS = 12
"""Age from which an answer warns that its newest statement is old."""

_UNKNOWN_DAY = re.compile(r"\b(?:Tag|Tagesdatum|Datum)\b[^.;]*(?:unbekannt|nicht be)")
"""What a fact says whose day is not known."""


class Doubt(StrEnum):
    """What a question takes for granted, or wants, and the facts do not have.

    `PREMISE`: how it ended. `OTHER_YEAR`: that it happened in a year. `NOTHING_UPCOMING`: a date
    to come. `NO_DAY`: a day rather than a month. `OTHER_TIME`: a word from the time asked for.
    """

    PREMISE = "premise"
    OTHER_YEAR = "other_year"
    NOTHING_UPCOMING = "nothing_upcoming"
    NO_DAY = "no_day"
    OTHER_TIME = "other_time"


@dataclass(frozen=True, slots=True)
class Stale:
    """That the newest of the facts is old.

    Attributes:
        since: Its date.
        is_last: Whether nothing later is known of the entry at all.
    """

    since: PartialDate
    is_last: bool


@dataclass(frozen=True, slots=True)
class Caveats:
    """What is said besides the facts on an entry.

    Attributes:
        stale: How old they are, if they are old.
        is_disputed: Whether their sources contradict each other.
        missed: The occurrence that a rhythm would have had, without any evidence of it.
        overdue: What has passed its date without being done: the entry, or a milestone.
        doubts: What was asked and is not so, or not known.
        same: Whether both names that were compared mean the entry.
    """

    stale: Stale | None = None
    is_disputed: bool = False
    missed: PartialDate | None = None
    overdue: Entry | None = None
    doubts: tuple[Doubt, ...] = ()
    same: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to be known."""
        return self == Caveats()


def stale(entry: Entry, told: Sequence[Statement], basis: Basis) -> Stale | None:
    """How old what is told of an entry is, if that is old and the entry goes on.

    What tells of a moment was said then at the earliest. That alone says nothing of its age: on a
    page without a date, "seit 1999" was not written in 1999.
    """
    if entry.kind not in {Kind.PLAN, Kind.MEASURE, Kind.BODY} or entry.is_over:
        return None
    today = basis.today
    facts = [statement.fact for statement in told]
    if not any(fact.as_of and fact.as_of.first <= today for fact in facts):
        return None
    dates = (fact.dated for fact in facts if fact.dated)
    newest = max((moment for moment in dates if moment.first <= today), key=_last)
    if months_between(newest.last, today) < STALE_MONTHS:
        return None
    return Stale(newest, _is_the_last(newest, entry, told, basis.snapshot))


def _last(moment: PartialDate) -> date:
    return moment.last


def _is_the_last(
    newest: PartialDate, entry: Entry, told: Sequence[Statement], snapshot: Snapshot
) -> bool:
    """Whether nothing that is told may be later, and nothing else that is known is."""
    known = [s.fact for s in snapshot.statements(entry.key) if s.fact.known]
    undated = any(s.fact.known and s.fact.dated is None for s in told)
    return not undated and all(f.dated is None or f.dated.last <= newest.last for f in known)


def overdue(
    entry: Entry,
    told: Sequence[Statement],
    basis: Basis,
    *,
    of_parts: bool,
) -> Entry | None:
    """What has passed its date: an entry, or the latest milestone of which is told.

    Those are the ones whose dates are told, and those directly below the entry.
    """
    snapshot, today = basis.snapshot, basis.today
    owners = ((s.fact, snapshot.owner(s.fact)) for s in told)
    dated = {owner.key: owner for fact, owner in owners if owner.due_fact == fact}
    parts = snapshot.children(entry.key) if of_parts and not entry.is_over else ()
    milestones = (one for one in (*dated.values(), *parts) if one.kind is Kind.MILESTONE)
    late = [one for one in (entry, *milestones) if timeliness(one, today) is Timeliness.OVERDUE]
    return late[0] if late[:1] == [entry] else max(late, key=_last_day, default=None)


def _last_day(entry: Entry) -> date:
    return entry.due.last if entry.due else date.min


def tells_of_a_day(statement: Statement) -> bool:
    """Whether a day stands in the text, or as the date when it happened or is due.

    Or the text says itself that it is not known.
    """
    fact = statement.fact
    if _UNKNOWN_DAY.search(fact.text) or any(is_day(word.folded) for word in words(fact.text)):
        return True
    moments = (fact.occurred, fact.due)
    return any(moment is not None and moment.first == moment.last for moment in moments)


def is_about(statement: Statement, span: Period) -> bool:
    """Whether a statement is from a span of time, or names a year of it."""
    fact = statement.fact
    moments = (fact.as_of, fact.occurred, fact.due)
    if any(moment is not None and span.overlaps(moment) for moment in moments):
        return True
    return any(map(span.overlaps, years_named(fact.text)))
