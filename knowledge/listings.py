"""Questions for several entries at once: "welche Maßnahmen sind überfällig", "Termine 2026"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from knowledge.entries import Entry, Kind, Phase
from knowledge.milestones import Timeliness, timeliness
from knowledge.partial_date import Period
from knowledge.periods import period
from knowledge.questions import Question
from knowledge.ranking import Candidate, naming_words
from knowledge.snapshot import Snapshot

MOST_LISTED = 12
"""Entries that fit on a phone at once."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Entries that a list question asked for.

    Attributes:
        scope: The entry below which they were looked for, or None for all.
        kind: Their kind.
        entries: The first of them, in order.
        total: How many there are in all.
        pool: How many there would be without narrowing by phase and lateness.
        unknown: How many others might belong here, if their phase were known.
    """

    scope: Entry | None
    kind: Kind
    entries: tuple[Entry, ...]
    total: int
    pool: int
    unknown: int = 0


def list_entries(
    question: Question,
    ranked: Sequence[Candidate],
    snapshot: Snapshot,
    today: date,
    *,
    home: str | None,
) -> Listing | None:
    """Entries of the kind that a question names, below the entry that it names.

    Dates are listed for the period asked for, or from today on; everything else in natural
    order. None if the question asks for no list.
    """
    span = period(question.text, today)
    if question.kind is None or question.unknown or not _asks_for_list(question):
        return None
    scope = _scope(question, ranked, snapshot)
    if question.kind is Kind.MILESTONE:
        if _names_more_than(scope, question, snapshot):
            return None
    elif scope is None:
        if ranked and ranked[0].named:
            return None  # it names something that has nothing below it
        scope = snapshot.get(home) if home else None
    below: Iterable[Entry] = snapshot.below(scope.key) if scope else snapshot.entries.values()
    found = [entry for entry in below if entry.kind is question.kind]
    unknown, pool = 0, len(found)
    if question.phases:
        if Phase.UNKNOWN not in question.phases:
            unknown = sum(entry.phase in {None, Phase.UNKNOWN} for entry in found)
        found = [entry for entry in found if (entry.phase or Phase.UNKNOWN) in question.phases]
    if question.overdue:
        found = [entry for entry in found if timeliness(entry, today) is Timeliness.OVERDUE]
    if question.kind is Kind.MILESTONE and not question.overdue:
        found = _within(found, span or Period(today, None))
    if not found and not (question.phases or question.overdue or span):
        return None
    return Listing(scope, question.kind, tuple(found[:MOST_LISTED]), len(found), pool, unknown)


def _asks_for_list(question: Question) -> bool:
    if question.kind is Kind.MILESTONE:
        return True
    return question.listing or (question.counting and bool(question.phases or question.overdue))


def _names_more_than(scope: Entry | None, question: Question, snapshot: Snapshot) -> bool:
    """Whether a question for dates is about a certain thing rather than all dates of a scope."""
    naming = naming_words(question, scope, snapshot) if scope else set()
    return any(word.folded.isalpha() and word not in naming for word in question.subject)


def _within(entries: Iterable[Entry], span: Period) -> list[Entry]:
    dated = [(e.due, e) for e in entries if e.due is not None and span.overlaps(e.due)]
    return [entry for _, entry in sorted(dated, key=lambda item: (item[0], item[1].key))]


def _scope(question: Question, ranked: Sequence[Candidate], snapshot: Snapshot) -> Entry | None:
    named = [
        snapshot.entries[key]
        for _, keys in snapshot.index.named([word for word, _ in question.words])
        for key in keys
    ]
    order = {candidate.key: place for place, candidate in enumerate(ranked)}
    containers = [e for e in named if e.kind in {Kind.BODY, Kind.PLAN, Kind.FIELD}]
    return min(containers, key=lambda e: (order.get(e.key, len(order)), e.key), default=None)
