"""Questions for several entries at once: "welche Maßnahmen sind überfällig", "Termine 2026"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from knowledge.answering.basis import Basis
from knowledge.answering.filters import FILTERS
from knowledge.answering.periods import period
from knowledge.answering.questions import WORD_WEIGHT, Question
from knowledge.answering.ranking import Candidate, naming_words
from knowledge.entries import Aspect, Entry, Kind, Phase
from knowledge.german import Word
from knowledge.lexicon import LEXICON
from knowledge.milestones import Milestone, Timeliness, dates_of, timeliness
from knowledge.partial_date import PartialDate, Period
from knowledge.snapshot import Snapshot, Statement

_NOT_OVER = frozenset(Phase) - {Phase.DONE, Phase.DROPPED}

_IN_PHASES = frozenset({Kind.MEASURE, Kind.PLAN, Kind.MILESTONE})
"""Kinds of entries that are planned, carried out and done."""

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
        total: How many there are in all. If none is in the phase asked for, the entries are those
            that might have been.
        pool: How many there would be without narrowing by phase and lateness.
        unknown: How many others might belong here, if their phase were known.
        unclear: How many are listed though their phase is not known.
        late: Keys of the entries whose date has passed without anybody saying that it was kept.
        admitted: What is said on the scope of how far its measures are: that nobody tells.
        beyond: Words that narrow the list and that no entry of it has: "Gesundheit".
        vague: Dates that may lie in the days asked for, as far as they are known.
        derived: Dates that nobody set and that only follow from a rhythm.
    """

    scope: Entry | None
    kind: Kind
    entries: tuple[Entry, ...]
    total: int
    pool: int
    unknown: int = 0
    unclear: int = 0
    late: frozenset[str] = frozenset()
    admitted: tuple[Statement, ...] = ()
    beyond: tuple[str, ...] = ()
    vague: tuple[Entry, ...] = ()
    derived: tuple[Milestone, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to list."""
        return not (self.total or self.vague or self.derived)


def list_entries(question: Question, ranked: Sequence[Candidate], basis: Basis) -> Listing | None:
    """Entries of the kind that a question names, below the entry that it names.

    Dates are listed for the period asked for, or from today on; everything else in natural
    order. None if the question asks for no list.
    """
    if question.kind is None or question.unknown or not _asks_for_list(question):
        return None
    snapshot, today = basis.snapshot, basis.today
    scope = _scope(question, ranked, snapshot)
    if question.kind is Kind.MILESTONE:
        return _dates(scope, question, basis)
    if scope is None:
        if ranked and ranked[0].named:
            return None  # it names something that has nothing below it
        scope = basis.place
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
    if question.lacking:
        wanted = [entry for entry in wanted if _lacks(entry, question.lacking, snapshot)]
    listed = Listing(
        scope,
        question.kind,
        tuple((wanted or (found if question.phases else ()))[:MOST_LISTED]),
        len(wanted),
        len(found),
        unknown,
        unclear=sum(map(_is_unclear, wanted)) if question.phases else 0,
    )
    narrowed = question.phases or question.overdue or question.share
    if question.kind is Kind.MEASURE and narrowed and scope:
        listed = replace(listed, admitted=_admitted(scope, snapshot))
    return _with_late(listed, today)


def _lacks(entry: Entry, aspect: Aspect, snapshot: Snapshot) -> bool:
    """Whether nothing that is known of an entry is about an aspect."""
    if aspect is Aspect.DUE and entry.due is not None:
        return False
    return not any(s.aspect is aspect and s.fact.known for s in snapshot.statements(entry.key))


def _admitted(scope: Entry, snapshot: Snapshot) -> tuple[Statement, ...]:
    """What says of the plans of a scope that it is not known how far their measures are."""
    plans = (e for e in snapshot.within(scope.key) if e.kind is Kind.PLAN)
    return tuple(
        Statement(plan.key, Aspect.STATUS, fact)
        for plan in plans
        for fact in plan.facts
        if fact.phase is Phase.UNKNOWN and not fact.known
    )


def _with_late(listing: Listing, today: date) -> Listing:
    shown = (*listing.entries, *listing.vague)
    return replace(listing, late=frozenset(entry.key for entry in _overdue(shown, today)))


def _dates(scope: Entry | None, question: Question, basis: Basis) -> Listing | None:
    """Dates of a scope in the days asked for, or else from today on."""
    snapshot, today = basis.snapshot, basis.today
    if _names_more_than(scope, question, snapshot):
        return None
    span = period(question.as_read, today)
    found = _below(scope, Kind.MILESTONE, snapshot)
    if not found:
        return None  # none is recorded there, but perhaps a fact says more
    derived: tuple[Milestone, ...] = ()
    vague: tuple[Entry, ...] = ()
    if question.overdue:
        wanted = _overdue(found, today)
    else:
        days = span or Period(today, None)
        if _asks_what_is_left(question) and days.overlaps(PartialDate.of(today)):
            days = Period(today, days.last)
        dated = _within(found, days)
        wanted = [entry for entry in dated if not _is_vague(entry, days)]
        vague = tuple(entry for entry in dated if entry not in wanted)[:MOST_LISTED]
        derived = _derived(scope, days, basis)
    # A date is planned unless it was kept or given up: hardly any source says so of it.
    planned = question.phases == {Phase.PLANNED}
    wanted, unknown = _in_phase(wanted, _NOT_OVER if planned else question.phases)
    if not (wanted or vague or question.phases or question.overdue or span):
        return None
    listed = Listing(
        scope,
        Kind.MILESTONE,
        tuple(wanted[:MOST_LISTED]),
        len(wanted),
        len(found),
        unknown,
        vague=vague,
        derived=derived,
    )
    return _with_late(listed, today)


def _is_vague(entry: Entry, days: Period) -> bool:
    """Whether a date may lie outside a span that has an end: "2024" in "im Mai 2024"."""
    closed = days.first is not None and days.last is not None
    return closed and entry.due is not None and not days.covers(entry.due)


def _asks_what_is_left(question: Question) -> bool:
    """Whether only days to come are meant: "welche Termine gibt es 2026 noch"."""
    return question.upcoming or any(word.folded in LEXICON.still for word in question.read)


def _derived(scope: Entry | None, span: Period, basis: Basis) -> tuple[Milestone, ...]:
    """What a rhythm would have fall due in a span of time."""
    within = basis.snapshot.within(scope.key if scope else None)
    dates = (m for entry in within for m in dates_of(entry, basis.snapshot, basis.today))
    return tuple(m for m in dates if m.derived and span.overlaps(m.due))


def _below(scope: Entry | None, kind: Kind, snapshot: Snapshot) -> list[Entry]:
    entries = snapshot.below(scope.key) if scope else snapshot.entries.values()
    return [entry for entry in entries if entry.kind is kind]


def _in_phase(entries: list[Entry], phases: frozenset[Phase]) -> tuple[list[Entry], int]:
    """Entries in one of some phases, and how many more might be, as theirs is not known."""
    if not phases:
        return entries, 0
    unknown = sum(map(_is_unclear, entries))
    wanted = [entry for entry in entries if (entry.phase or Phase.UNKNOWN) in phases]
    return wanted, 0 if Phase.UNKNOWN in phases else unknown


def _is_unclear(entry: Entry) -> bool:
    return entry.phase in {None, Phase.UNKNOWN}


def _overdue(entries: Iterable[Entry], today: date) -> list[Entry]:
    return [entry for entry in entries if timeliness(entry, today) is Timeliness.OVERDUE]


def _narrowing(scope: Entry | None, question: Question, snapshot: Snapshot) -> list[Word]:
    """The words of a question that narrow a list: a subject, an office, a group of people.

    Verbs and the like must not, so everyday words that no entry has count only as nouns.
    """
    naming = naming_words(question, scope, snapshot) if scope else set()
    return [
        word
        for place, (word, weight) in enumerate(question.words)
        if weight >= WORD_WEIGHT
        and word.folded.isalpha()
        and word not in naming
        and word.stem not in FILTERS
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
    narrowed = question.kind in _IN_PHASES and bool(question.phases or question.overdue)
    return question.listing or (question.counting and narrowed)


def _names_more_than(scope: Entry | None, question: Question, snapshot: Snapshot) -> bool:
    """Whether a question for dates is about a certain thing rather than all dates of a scope."""
    naming = naming_words(question, scope, snapshot) if scope else set()
    return any(
        word.folded.isalpha()
        and word not in naming
        and word.stem not in FILTERS
        and word.folded not in question.times
        for word in question.subject
    )


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
