"""What a council's control of decisions wants to know of an entry, and what is missing.

After Erfurt's Beschlusskontrolle: what is done needs a completion note with its date; what is
being done, a date and the office; what is late, a reason; what goes on for ever, the date of its
next step and the office. A fact always has its source, so none is asked for here. Each question
counts as answered by a fact that says that it is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum

from knowledge.entries import Aspect, Entry, Fact, Kind, Phase
from knowledge.milestones import Timeliness, coming, timeliness
from knowledge.snapshot import Snapshot


class Gap(StrEnum):
    """Something that is wanted and missing."""

    COMPLETION_NOTE = "completion_note"
    DATE = "date"
    NEXT_STEP = "next_step"
    OFFICE = "office"
    REASON = "reason"

    @property
    def aspect(self) -> Aspect:
        """The aspect of the fact that fills it."""
        return _ASPECTS[self]


_ASPECTS = {
    Gap.COMPLETION_NOTE: Aspect.RESULT,
    Gap.DATE: Aspect.DUE,
    Gap.NEXT_STEP: Aspect.DUE,
    Gap.OFFICE: Aspect.RESPONSIBLE,
    Gap.REASON: Aspect.REASON,
}


def gaps(key: str, snapshot: Snapshot, today: date) -> tuple[Gap, ...]:
    """What is wanted of an entry and missing.

    Args:
        key: The entry; one that does not exist has no gaps.
        snapshot: The knowledge base, for a preview as it would be.
        today: The day by which something is late.
    """
    entry = snapshot.get(key)
    return () if entry is None else tuple(_gaps(entry, snapshot, today))


def _gaps(entry: Entry, snapshot: Snapshot, today: date) -> Iterator[Gap]:
    facts: dict[Aspect, list[Fact]] = {aspect: [] for aspect in Aspect}
    for statement in snapshot.statements(entry.key):
        facts[statement.aspect].append(statement.fact)
    running = entry.phase in {Phase.IN_PROGRESS, Phase.CONTINUOUS}
    over = entry.is_over
    if entry.phase is Phase.DONE and not any(
        fact.dated or not fact.known for fact in facts[Aspect.RESULT]
    ):
        yield Gap.COMPLETION_NOTE
    if running and not (
        entry.due
        or any(not fact.known for fact in facts[Aspect.DUE])
        or any(not milestone.derived for milestone in coming(snapshot, today, below=entry.key))
    ):
        yield Gap.NEXT_STEP if entry.phase is Phase.CONTINUOUS else Gap.DATE
    # A milestone is in the hands of whoever is responsible for its measure.
    wants_office = entry.kind is not Kind.MILESTONE and (running or (entry.due and not over))
    if wants_office and not facts[Aspect.RESPONSIBLE]:
        yield Gap.OFFICE
    late = timeliness(entry, today) is Timeliness.OVERDUE
    if late and not any(_explains(fact, entry) for fact in facts[Aspect.REASON]):
        yield Gap.REASON
    if entry.phase in {Phase.POSTPONED, Phase.DROPPED} and not facts[Aspect.REASON]:
        yield Gap.REASON


def _explains(reason: Fact, entry: Entry) -> bool:
    """Whether a reason can be one for missing the date: an older one explained something else."""
    return reason.dated is None or entry.due is None or reason.dated.last >= entry.due.first
