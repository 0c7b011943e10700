"""Questions for several entries at once: "welche Maßnahmen sind überfällig", "Termine 2026"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from knowledge.answering.periods import period
from knowledge.answering.questions import WORD_WEIGHT, Question
from knowledge.answering.ranking import Candidate, naming_words
from knowledge.entries import Entry, Kind, Phase
from knowledge.german import Word
from knowledge.lexicon import LEXICON
from knowledge.milestones import Timeliness, timeliness
from knowledge.partial_date import Period
from knowledge.snapshot import Snapshot

MATCHED_AT = 0.5
"""How well an entry must have a narrowing word to stay in a list."""

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
        beyond: Words that narrow the list and that no entry of it has: "Gesundheit".
    """

    scope: Entry | None
    kind: Kind
    entries: tuple[Entry, ...]
    total: int
    pool: int
    unknown: int = 0
    beyond: tuple[str, ...] = ()


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
    if question.kind is None or question.unknown or not _asks_for_list(question):
        return None
    scope = _scope(question, ranked, snapshot)
    if question.kind is Kind.MILESTONE:
        return _dates(scope, question, snapshot, today)
    if scope is None:
        if ranked and ranked[0].named:
            return None  # it names something that has nothing below it
        scope = snapshot.get(home) if home else None
    found = _below(scope, question.kind, snapshot)
    narrowing = _narrowing(scope, question, snapshot)
    if found and narrowing:
        matching = _matching(found, narrowing, snapshot)
        if not matching and not question.several:
            return None  # it asks which one it is
        if not matching:
            beyond = tuple(word.surface for word in narrowing)
            return Listing(scope, question.kind, (), 0, len(found), beyond=beyond)
        found = matching
    if not found:
        return None  # none is recorded there, but perhaps a fact says more
    found = _in_days(found, period(question.as_read, today), snapshot)
    wanted, unknown = _in_phase(found, question.phases)
    if question.overdue:
        wanted = _overdue(wanted, today)
    shown = tuple(wanted[:MOST_LISTED])
    return Listing(scope, question.kind, shown, len(wanted), len(found), unknown)


def _dates(
    scope: Entry | None, question: Question, snapshot: Snapshot, today: date
) -> Listing | None:
    """Dates of a scope in the days asked for, or else from today on."""
    if _names_more_than(scope, question, snapshot):
        return None
    span = period(question.as_read, today)
    found = _below(scope, Kind.MILESTONE, snapshot)
    if not found:
        return None  # none is recorded there, but perhaps a fact says more
    wanted, unknown = _in_phase(found, question.phases)
    if question.overdue:
        wanted = _overdue(wanted, today)
    else:
        wanted = _within(wanted, span or Period(today, None))
    if not wanted and not (question.phases or question.overdue or span):
        return None
    shown = tuple(wanted[:MOST_LISTED])
    return Listing(scope, Kind.MILESTONE, shown, len(wanted), len(found), unknown)


def _below(scope: Entry | None, kind: Kind, snapshot: Snapshot) -> list[Entry]:
    entries = snapshot.below(scope.key) if scope else snapshot.entries.values()
    return [entry for entry in entries if entry.kind is kind]


def _in_phase(entries: list[Entry], phases: frozenset[Phase]) -> tuple[list[Entry], int]:
    """Entries in one of some phases, and how many more might be, as theirs is not known."""
    if not phases:
        return entries, 0
    unknown = sum(entry.phase in {None, Phase.UNKNOWN} for entry in entries)
    wanted = [entry for entry in entries if (entry.phase or Phase.UNKNOWN) in phases]
    return wanted, 0 if Phase.UNKNOWN in phases else unknown


def _overdue(entries: Iterable[Entry], today: date) -> list[Entry]:
    return [entry for entry in entries if timeliness(entry, today) is Timeliness.OVERDUE]


def _narrowing(scope: Entry | None, question: Question, snapshot: Snapshot) -> list[Word]:
    """The words of a question that narrow a list: a subject, an office, a group of people.

    Verbs and the like must not, so everyday words that no entry has count only as nouns.
    """
    naming = naming_words(question, scope, snapshot) if scope else set()
    phases = {w for phrase in (*LEXICON.phases, *LEXICON.open, *LEXICON.overdue) for w in phrase}
    return [
        word
        for place, (word, weight) in enumerate(question.words)
        if weight >= WORD_WEIGHT
        and word.folded.isalpha()
        and word not in naming
        and word.stem not in phases
        and (snapshot.index.knows(word) or (place and word.surface[0].isupper()))
    ]


def _matching(
    entries: Sequence[Entry], narrowing: Sequence[Word], snapshot: Snapshot
) -> list[Entry]:
    """Entries whose names or facts have the words, as far as any entry has them."""
    listed = {entry.key for entry in entries}
    having = []
    for word in narrowing:
        hits = snapshot.index.rank([word], limit=len(snapshot.entries))
        having.append({hit.key for hit in hits if hit.coverage >= MATCHED_AT} & listed)
    found = [keys for keys in having if keys]
    wanted = (set.intersection(*found) or set.union(*found)) if found else set()
    return [entry for entry in entries if entry.key in wanted]


def _in_days(entries: list[Entry], span: Period | None, snapshot: Snapshot) -> list[Entry]:
    """Entries with a fact of the days asked for; all, if there are none or no days."""
    return [
        entry
        for entry in entries
        if span is not None
        and any(
            moment is not None and span.overlaps(moment)
            for statement in snapshot.statements(entry.key)
            for moment in (statement.fact.occurred, statement.fact.as_of)
        )
    ] or entries


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
        snapshot.entries[key] for _, keys in snapshot.index.named(question.read) for key in keys
    ]
    order = {candidate.key: place for place, candidate in enumerate(ranked)}
    containers = [e for e in named if e.kind in {Kind.BODY, Kind.PLAN, Kind.FIELD}]
    return min(containers, key=lambda e: (order.get(e.key, len(order)), e.key), default=None)
