"""What is said about one entry: facts that answer, what it hangs on, next dates, warnings."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import islice

from knowledge.answering.admissions import admissions
from knowledge.answering.choice import choose
from knowledge.answering.counts import counted, tells_how_many
from knowledge.answering.happenings import tells_how_it_ended, told_otherwise
from knowledge.answering.periods import period, years_named
from knowledge.answering.questions import Question
from knowledge.answering.ranking import naming_words
from knowledge.answering.subjects import SPOKEN_OF_AT, untold
from knowledge.entries import Aspect, Entry, Fact, Kind, Phase, Relation
from knowledge.german import is_day, words
from knowledge.milestones import (
    Milestone,
    Timeliness,
    coming,
    missed_rhythm,
    months_between,
    timeliness,
)
from knowledge.partial_date import PartialDate, Period
from knowledge.snapshot import Dependency, Snapshot, Statement

STALE_MONTHS = 12
"""Age from which an answer warns that its newest statement is old."""

_UNKNOWN_DAY = re.compile(r"\b(?:Tag|Tagesdatum|Datum)\b[^.;]*(?:unbekannt|nicht be)")
"""What a fact says whose day is not known."""


class Caveat(StrEnum):
    """What a reader must know besides the facts."""

    STALE = "stale"
    DISPUTED = "disputed"
    RHYTHM_WITHOUT_EVIDENCE = "rhythm_without_evidence"
    OVERDUE = "overdue"
    PREMISE = "premise"
    NOTHING_UPCOMING = "nothing_upcoming"
    SAME = "same"
    OTHER_TIME = "other_time"
    NO_DAY = "no_day"
    OTHER_YEAR = "other_year"


@dataclass(frozen=True, slots=True)
class Step:
    """One link of the chain that an entry hangs on, with the newest word on its state."""

    dependency: Dependency
    state: Statement | None


@dataclass(frozen=True, slots=True)
class Section:
    """What is said about one entry.

    Attributes:
        entry: The entry.
        statements: The facts that answer, best first.
        further: How many of them, at the end, come less near to what is asked.
        missing: Aspects asked about that no source speaks to.
        unsaid: Nouns of the question that no text on the entry has.
        uncounted: What the question counts, where no fact says how many there are.
        counted_elsewhen: Whether one does, but of another time than is asked for.
        unnamed: What the question wants named, where facts only say how many there are.
        chain: What the entry hangs on, where that matters for the question.
        upcoming: The next dates of the entry and what is below it.
        papers: Documents that belong to the entry, where they were asked for.
        caveats: Warnings, each at most once.
        stale_since: Date of the newest statement, where it is old.
        overdue: What has passed its date without being done: the entry, or a milestone below it.
        nothing_later: Whether nothing later is known of the entry at all, if it is stale.
        overdue_rhythm: The occurrence that a rhythm would have had, without any evidence of it.
    """

    entry: Entry
    statements: tuple[Statement, ...] = ()
    further: int = 0
    missing: tuple[Aspect, ...] = ()
    unsaid: tuple[str, ...] = ()
    uncounted: str | None = None
    counted_elsewhen: bool = False
    unnamed: str | None = None
    chain: tuple[Step, ...] = ()
    upcoming: tuple[Milestone, ...] = ()
    papers: tuple[Entry, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    stale_since: PartialDate | None = None
    overdue: Entry | None = None
    nothing_later: bool = False
    overdue_rhythm: PartialDate | None = None

    @property
    def nearest(self) -> tuple[Statement, ...]:
        """The statements that come nearest to what is asked."""
        return self.statements[: len(self.statements) - self.further]

    @property
    def others(self) -> tuple[Statement, ...]:
        """The statements after those."""
        return self.statements[len(self.statements) - self.further :]

    @property
    def grounds(self) -> tuple[Fact, ...]:
        """The facts that are behind what is said besides the statements: chain, dates, delay."""
        ahead = [milestone.entry.due_fact for milestone in self.upcoming if not milestone.derived]
        hung_on = [
            fact
            for step in self.chain
            for fact in (
                step.state.fact if step.state else None,
                step.dependency.entry.phase_fact,
                step.dependency.entry.due_fact,
            )
        ]
        late = self.overdue.due_fact if self.overdue else None
        return tuple(fact for fact in (*ahead, *hung_on, late) if fact is not None)

    @property
    def lacks_something(self) -> bool:
        """Whether it says that something which was asked is told by no source."""
        return bool(self.missing or self.unsaid or self.uncounted or self.unnamed)


def section(
    entry: Entry,
    question: Question,
    snapshot: Snapshot,
    today: date,
    *,
    beside: Collection[str] = (),
) -> Section:
    """Choose what is said about an entry in reply to a question.

    Args:
        entry: The entry.
        question: What is asked.
        snapshot: Where the facts are.
        today: The day for which the answer holds.
        beside: Keys of the entries that the same reply tells of: what is said of one of them is
            not called unsaid.
    """
    question = _suited(question, entry, snapshot)
    doubted = _is_doubted(question, entry, snapshot)
    # For what did not happen there is no reason, and what a thing waits for is none why it was
    # turned down: the reason for something else would pass for it.
    ended = doubted or question.premise is Phase.DROPPED
    sought = replace(question, aspects=()) if ended else question
    nearest, others = choose(entry, sought, snapshot)
    otherwise = told_otherwise(question.happening, entry, snapshot)
    progresses = doubted and entry.kind is not Kind.BODY
    first = (_state(entry, snapshot) if progresses else None) or otherwise
    if first is not None:  # how far it really is, or when it was, comes first
        nearest = (first, *(s for s in nearest if s.fact.id != first.fact.id))
        others = tuple(s for s in others if s.fact.id != first.fact.id)
    elif not doubted:
        nearest = _with_signs_first(nearest, others, entry, question, snapshot)
        others = tuple(statement for statement in others if statement not in nearest)
    span = period(question.as_read, today)
    told = (*nearest, *others)
    admitted = admissions(
        question, entry, told, snapshot, beside=beside, span=span, doubted=doubted
    )
    # What is folded must not be all that keeps what stands above it true.
    if admitted.missing or admitted.unsaid or admitted.unnamed:
        nearest = _with_first(nearest, others, lambda s: s.fact.known)
    if span is not None:
        nearest = _with_first(nearest, others, lambda s: _is_about((s,), span))
    nearest = _with_the_last_state(nearest, entry, question, snapshot)
    nearest = _with_numbers_first(nearest, question, snapshot)
    others = tuple(statement for statement in others if statement not in nearest)
    aspects = question.aspects
    progress = {Aspect.STATUS, Aspect.REASON, Aspect.DUE}
    matters = not progress.isdisjoint(aspects) or _asks_nothing_else(question, entry, snapshot)
    no_reason = question.premise is not None and Aspect.REASON in admitted.missing
    hangs = matters and not no_reason and (not entry.is_over or Aspect.REASON in aspects)
    chain = snapshot.dependencies(entry.key) if hangs else ()
    found = Section(
        entry=entry,
        statements=(*nearest, *others),
        further=len(others),
        missing=admitted.missing,
        unsaid=admitted.unsaid,
        uncounted=admitted.uncounted,
        counted_elsewhen=admitted.counted_elsewhen,
        unnamed=admitted.unnamed,
        chain=tuple(Step(step, _state(step.entry, snapshot)) for step in chain),
        upcoming=tuple(coming(snapshot, today, below=entry.key)[:2]) if matters else (),
        papers=snapshot.linked(entry.key, Relation.DOCUMENT) if Aspect.SOURCE in aspects else (),
        overdue=_overdue(entry, nearest, snapshot, today, of_parts=matters),
    )
    asked_for = _on_what_is_asked(
        found, question, span, doubted=doubted, otherwise=otherwise is not None
    )
    ages = not _tells_when_it_was(found, question)
    return _with_caveats(found, tuple(asked_for), snapshot, today, ages=ages)


def _asks_nothing_else(question: Question, entry: Entry, snapshot: Snapshot) -> bool:
    """Whether a question only names an entry."""
    naming = naming_words(question, entry, snapshot)
    return not question.aspects and all(word in naming for word in question.subject)


def _suited(question: Question, entry: Entry, snapshot: Snapshot) -> Question:
    """A question as it is put to an entry: what came of an inquiry is what its answer says."""
    told = {statement.aspect for statement in snapshot.statements(entry.key)}
    if entry.kind is not Kind.DOCUMENT or not told.isdisjoint({Aspect.RESULT, Aspect.STATUS}):
        return question
    aspects = (Aspect.CONTENT if a is Aspect.RESULT else a for a in question.aspects)
    return replace(question, aspects=tuple(dict.fromkeys(aspects)))


def _with_signs_first(
    nearest: tuple[Statement, ...],
    others: Sequence[Statement],
    entry: Entry,
    question: Question,
    snapshot: Snapshot,
) -> tuple[Statement, ...]:
    """The nearest statements, before them one that shows what is asked where none told does.

    It must speak of all that is asked about: "was ergab die Prüfung" is not told by a vote.
    """
    told = [statement.fact.text for statement in (*nearest, *others)]
    sought = untold(question, told)
    if not sought:
        return nearest
    index = snapshot.fact_index
    naming = naming_words(question, entry, snapshot)
    things = [w for w in question.subject if w not in naming and w.surface not in sought]
    showing = (
        statement
        for statement in snapshot.statements(entry.key)
        if statement.fact.known
        and not untold(question, [statement.fact.text])
        and all(index.found(thing, (statement.fact.id,)) >= SPOKEN_OF_AT for thing in things)
    )
    return (*islice(showing, 1), *nearest)


def _on_what_is_asked(
    section: Section, question: Question, span: Period | None, *, doubted: bool, otherwise: bool
) -> Iterator[Caveat]:
    """What the question takes for granted, or wants, and the section does not have."""
    told = section.statements
    if doubted:
        yield Caveat.PREMISE
    if otherwise:
        yield Caveat.OTHER_YEAR
    if question.upcoming and Aspect.DUE in question.aspects and not section.upcoming:
        yield Caveat.NOTHING_UPCOMING
    if question.to_the_day and told and not any(map(_tells_of_a_day, told)):
        yield Caveat.NO_DAY
    said = otherwise or section.counted_elsewhen
    if span is not None and told and not said and not _is_about(told, span):
        yield Caveat.OTHER_TIME


def _with_first(
    nearest: tuple[Statement, ...],
    others: Sequence[Statement],
    fits: Callable[[Statement], bool],
) -> tuple[Statement, ...]:
    """The nearest statements, and the first of the others that fits where none of them does."""
    if any(map(fits, nearest)):
        return nearest
    return (*nearest, *[statement for statement in others if fits(statement)][:1])


def _with_the_last_state(
    nearest: tuple[Statement, ...], entry: Entry, question: Question, snapshot: Snapshot
) -> tuple[Statement, ...]:
    """The nearest statements, before them how far it was when last known, if none of them says.

    "Ob es erfolgt ist, ist nicht belegt" is half of the truth where it is known that it was not
    done a year before.
    """
    if question.aspects[:1] != (Aspect.STATUS,):
        return nearest
    state = _state(entry, snapshot)
    says = any(s.aspect is Aspect.STATUS and s.fact.known for s in nearest)
    doubts = any(s.aspect is Aspect.STATUS and not s.fact.known for s in nearest)
    if state is None or not state.fact.known or says or not doubts:
        return nearest
    return (state, *nearest)


def _with_numbers_first(
    nearest: tuple[Statement, ...], question: Question, snapshot: Snapshot
) -> tuple[Statement, ...]:
    """The nearest statements, those first that say how many there are of what is counted."""
    thing = counted(question)
    if thing is None:
        return nearest
    index = snapshot.fact_index
    telling = [s for s in nearest if s.fact.known and tells_how_many(s.fact, thing, index)]
    return (*telling, *[statement for statement in nearest if statement not in telling])


def _state(entry: Entry, snapshot: Snapshot) -> Statement | None:
    """The newest statement on how far an entry is."""
    states = [s for s in snapshot.statements(entry.key) if s.aspect is Aspect.STATUS]
    dated = [s for s in states if s.fact.dated and s.fact.known]
    if dated:
        return max(dated, key=lambda s: s.fact.dated.last if s.fact.dated else date.min)
    return states[0] if states else None


def _tells_of_a_day(statement: Statement) -> bool:
    """Whether a day stands in the text, or as the date when it happened or is due.

    Or the text says itself that it is not known.
    """
    fact = statement.fact
    if _UNKNOWN_DAY.search(fact.text) or any(is_day(word.folded) for word in words(fact.text)):
        return True
    moments = (fact.occurred, fact.due)
    return any(moment is not None and moment.first == moment.last for moment in moments)


def _is_about(statements: Sequence[Statement], span: Period) -> bool:
    """Whether any of the statements is from a span of time, or names a year of it."""
    for statement in statements:
        fact = statement.fact
        moments = (fact.as_of, fact.occurred, fact.due)
        if any(moment is not None and span.overlaps(moment) for moment in moments):
            return True
        if any(map(span.overlaps, years_named(fact.text))):
            return True
    return False


def _with_caveats(
    section: Section, further: Sequence[Caveat], snapshot: Snapshot, today: date, *, ages: bool
) -> Section:
    facts = [statement.fact for statement in section.statements]
    caveats: list[Caveat] = []
    living = section.entry.kind in {Kind.PLAN, Kind.MEASURE, Kind.BODY}
    stale = _stale_since(facts, today)
    if stale and ages and living and not section.entry.is_over:
        caveats.append(Caveat.STALE)
    if any(fact.disputed for fact in facts):
        caveats.append(Caveat.DISPUTED)
    missed = missed_rhythm(section.entry, snapshot, today)
    if missed and section.upcoming:
        caveats.append(Caveat.RHYTHM_WITHOUT_EVIDENCE)
    if section.overdue is not None:
        caveats.append(Caveat.OVERDUE)
    caveats += further
    return replace(
        section,
        caveats=tuple(caveats),
        stale_since=stale,
        nothing_later=stale is not None and _is_the_last(stale, section, snapshot),
        overdue_rhythm=missed,
    )


def _stale_since(facts: Sequence[Fact], today: date) -> PartialDate | None:
    """The newest date of some facts, if it is long ago.

    What tells of a moment was said then at the earliest. That alone says nothing of its age: on a
    page without a date, "seit 1999" was not written in 1999.
    """
    if not any(fact.as_of and fact.as_of.first <= today for fact in facts):
        return None
    dates = (fact.dated for fact in facts if fact.dated)
    newest = max((moment for moment in dates if moment.first <= today), key=_last)
    return newest if months_between(newest.last, today) >= STALE_MONTHS else None


def _tells_when_it_was(section: Section, question: Question) -> bool:
    """Whether it was asked when something was, which no time changes, and that is told first."""
    first = section.statements[0].fact if section.statements else None
    asked = question.aspects[:1]
    return asked == (Aspect.DUE,) and first is not None and first.as_of is None


def _last(moment: PartialDate) -> date:
    return moment.last


def _is_the_last(newest: PartialDate, section: Section, snapshot: Snapshot) -> bool:
    """Whether nothing that is told may be later, and nothing else that is known is."""
    known = [s.fact for s in snapshot.statements(section.entry.key) if s.fact.known]
    undated = any(s.fact.known and s.fact.dated is None for s in section.statements)
    return not undated and all(f.dated is None or f.dated.last <= newest.last for f in known)


def _overdue(
    entry: Entry,
    told: Sequence[Statement],
    snapshot: Snapshot,
    today: date,
    *,
    of_parts: bool,
) -> Entry | None:
    """What has passed its date: an entry, or the latest milestone of which is told.

    Those are the ones whose dates are told, and those directly below the entry.
    """
    owners = ((s.fact, snapshot.owner(s.fact)) for s in told)
    dated = {owner.key: owner for fact, owner in owners if owner.due_fact == fact}
    parts = snapshot.children(entry.key) if of_parts and not entry.is_over else ()
    milestones = (one for one in (*dated.values(), *parts) if one.kind is Kind.MILESTONE)
    late = [one for one in (entry, *milestones) if timeliness(one, today) is Timeliness.OVERDUE]
    return late[0] if late[:1] == [entry] else max(late, key=_last_day, default=None)


def _last_day(entry: Entry) -> date:
    return entry.due.last if entry.due else date.min


def _is_doubted(question: Question, entry: Entry, snapshot: Snapshot) -> bool:
    """Whether a question takes for granted how an entry ended, and no fact states it."""
    ended = question.premise
    told = (s.fact for s in snapshot.statements(entry.key) if s.fact.known)
    return ended is not None and not any(tells_how_it_ended(fact, ended) for fact in told)
