"""What is said about one entry: facts that answer, what it hangs on, next dates, warnings."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from knowledge.answering.admissions import Admissions, admissions
from knowledge.answering.basis import Basis
from knowledge.answering.caveats import Caveats, Doubt, is_about, overdue, stale, tells_of_a_day
from knowledge.answering.choice import Selection, choose
from knowledge.answering.counts import counted, tells_how_many
from knowledge.answering.happenings import tells_how_it_ended, told_otherwise
from knowledge.answering.periods import period
from knowledge.answering.questions import Question
from knowledge.answering.ranking import naming_words
from knowledge.answering.subjects import SPOKEN_OF_AT, untold
from knowledge.entries import Aspect, Entry, Fact, Kind, Phase, Relation
from knowledge.milestones import Milestone, coming, missed_rhythm
from knowledge.partial_date import Period
from knowledge.snapshot import Dependency, Snapshot, Statement

_PROGRESS = frozenset({Aspect.STATUS, Aspect.REASON, Aspect.DUE})
"""Aspects of how an entry gets on, which what it hangs on and the next dates bear on."""


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
        nearest: The statements that come nearest to what is asked, best first.
        others: Those that come less near.
        admitted: What is said to be told by no fact.
        chain: What the entry hangs on, where that matters for the question.
        upcoming: The next dates of the entry and what is below it.
        papers: Documents that belong to the entry, where they were asked for.
        caveats: What must be known besides.
    """

    entry: Entry
    nearest: tuple[Statement, ...] = ()
    others: tuple[Statement, ...] = ()
    admitted: Admissions = field(default_factory=Admissions)
    chain: tuple[Step, ...] = ()
    upcoming: tuple[Milestone, ...] = ()
    papers: tuple[Entry, ...] = ()
    caveats: Caveats = field(default_factory=Caveats)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """All statements that answer."""
        return (*self.nearest, *self.others)

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
        late = self.caveats.overdue.due_fact if self.caveats.overdue else None
        return tuple(fact for fact in (*ahead, *hung_on, late) if fact is not None)


def section(
    entry: Entry,
    question: Question,
    basis: Basis,
    *,
    beside: Collection[str] = (),
) -> Section:
    """Choose what is said about an entry in reply to a question.

    Args:
        entry: The entry.
        question: What is asked.
        basis: Where the facts are, and the day for which the answer holds.
        beside: Keys of the entries that the same reply tells of: what is said of one of them is
            not called unsaid.
    """
    snapshot, today = basis.snapshot, basis.today
    question = _suited(question, entry, snapshot)
    span = period(question.as_read, today)
    doubted = _is_doubted(question, entry, snapshot)
    otherwise = told_otherwise(question.happening, entry, snapshot)

    told = choose(entry, _without_reasons(question, doubted=doubted), snapshot)
    if doubted and entry.kind is not Kind.BODY:  # how far it really is comes first
        told = told.led_by(_state(entry, snapshot) or otherwise)
    elif doubted or otherwise:
        told = told.led_by(otherwise)
    else:
        told = told.led_by(_sign(told, entry, question, snapshot))
    admitted = admissions(
        question, entry, told.statements, snapshot, beside=beside, span=span, doubted=doubted
    )
    told = _with_what_keeps_it_true(told, admitted, span)
    told = told.led_by(_last_state(told, entry, question, snapshot))
    told = _with_numbers_first(told, question, snapshot)

    of_progress = _is_of_progress(question, entry, snapshot)
    found = Section(
        entry,
        told.nearest,
        told.others,
        admitted,
        chain=tuple(_chain(entry, question, admitted, snapshot)) if of_progress else (),
        upcoming=tuple(coming(snapshot, today, below=entry.key)[:2]) if of_progress else (),
        papers=_papers(entry, question, snapshot),
    )
    lasts = _tells_when_it_was(told, question)
    caveats = Caveats(
        stale=None if lasts else stale(entry, told.statements, basis),
        is_disputed=any(statement.fact.disputed for statement in told.statements),
        missed=missed_rhythm(entry, snapshot, today) if found.upcoming else None,
        overdue=overdue(entry, told.nearest, basis, of_parts=of_progress),
        doubts=tuple(
            _doubts(found, question, span, doubted=doubted, otherwise=otherwise is not None)
        ),
    )
    return replace(found, caveats=caveats)


def _suited(question: Question, entry: Entry, snapshot: Snapshot) -> Question:
    """A question as it is put to an entry: what came of an inquiry is what its answer says."""
    told = {statement.aspect for statement in snapshot.statements(entry.key)}
    if entry.kind is not Kind.DOCUMENT or not told.isdisjoint({Aspect.RESULT, Aspect.STATUS}):
        return question
    aspects = (Aspect.CONTENT if a is Aspect.RESULT else a for a in question.aspects)
    return replace(question, aspects=tuple(dict.fromkeys(aspects)))


def _is_doubted(question: Question, entry: Entry, snapshot: Snapshot) -> bool:
    """Whether a question takes for granted how an entry ended, and no fact states it."""
    ended = question.premise
    told = (s.fact for s in snapshot.statements(entry.key) if s.fact.known)
    return ended is not None and not any(tells_how_it_ended(fact, ended) for fact in told)


def _without_reasons(question: Question, *, doubted: bool) -> Question:
    """A question as facts are chosen for it: for what did not happen there is no reason.

    And what a thing waits for is none why it was turned down: the reason for something else would
    pass for it.
    """
    ended = doubted or question.premise is Phase.DROPPED
    return replace(question, aspects=()) if ended else question


def _state(entry: Entry, snapshot: Snapshot) -> Statement | None:
    """The newest statement on how far an entry is."""
    states = [s for s in snapshot.statements(entry.key) if s.aspect is Aspect.STATUS]
    dated = [s for s in states if s.fact.dated and s.fact.known]
    if dated:
        return max(dated, key=lambda s: s.fact.dated.last if s.fact.dated else date.min)
    return states[0] if states else None


def _sign(
    told: Selection, entry: Entry, question: Question, snapshot: Snapshot
) -> Statement | None:
    """A statement that shows what is asked, where none told does.

    It must speak of all that is asked about: "was ergab die Prüfung" is not told by a vote.
    """
    sought = untold(question, [statement.fact.text for statement in told.statements])
    if not sought:
        return None
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
    return next(showing, None)


def _with_what_keeps_it_true(
    told: Selection, admitted: Admissions, span: Period | None
) -> Selection:
    """A selection of which not all is folded that keeps what stands above it true."""
    if admitted.missing or admitted.unsaid or admitted.unnamed:
        told = told.with_first(lambda statement: statement.fact.known)
    if span is not None:
        told = told.with_first(lambda statement: is_about(statement, span))
    return told


def _last_state(
    told: Selection, entry: Entry, question: Question, snapshot: Snapshot
) -> Statement | None:
    """How far it was when last known, if the nearest statements only say that it is not known.

    "Ob es erfolgt ist, ist nicht belegt" is half of the truth where it is known that it was not
    done a year before.
    """
    states = [s.fact for s in told.nearest if s.aspect is Aspect.STATUS]
    doubts = bool(states) and not any(fact.known for fact in states)
    if question.aspects[:1] != (Aspect.STATUS,) or not doubts:
        return None
    state = _state(entry, snapshot)
    return state if state is not None and state.fact.known else None


def _with_numbers_first(told: Selection, question: Question, snapshot: Snapshot) -> Selection:
    """A selection that begins with what says how many there are of what is counted."""
    thing = counted(question)
    if thing is None:
        return told
    index = snapshot.fact_index
    return told.beginning_with(lambda s: s.fact.known and tells_how_many(s.fact, thing, index))


def _is_of_progress(question: Question, entry: Entry, snapshot: Snapshot) -> bool:
    """Whether a question asks how an entry gets on, or only names it."""
    if not _PROGRESS.isdisjoint(question.aspects):
        return True
    naming = naming_words(question, entry, snapshot)
    return not question.aspects and all(word in naming for word in question.subject)


def _chain(
    entry: Entry, question: Question, admitted: Admissions, snapshot: Snapshot
) -> Iterator[Step]:
    """What an entry hangs on; if it is over, only where the reason for something is asked for.

    Why something ended is not told by what it waited for: that would pass for the reason.
    """
    no_reason = question.premise is not None and Aspect.REASON in admitted.missing
    if not no_reason and (not entry.is_over or Aspect.REASON in question.aspects):
        for dependency in snapshot.dependencies(entry.key):
            yield Step(dependency, _state(dependency.entry, snapshot))


def _papers(entry: Entry, question: Question, snapshot: Snapshot) -> tuple[Entry, ...]:
    wanted = Aspect.SOURCE in question.aspects
    return snapshot.linked(entry.key, Relation.DOCUMENT) if wanted else ()


def _tells_when_it_was(told: Selection, question: Question) -> bool:
    """Whether it was asked when something was, which no time changes, and that is told first."""
    first = told.statements[:1]
    return question.aspects[:1] == (Aspect.DUE,) and any(s.fact.as_of is None for s in first)


def _doubts(
    section: Section, question: Question, span: Period | None, *, doubted: bool, otherwise: bool
) -> Iterator[Doubt]:
    """What the question takes for granted, or wants, and the section does not have."""
    told = section.statements
    if doubted:
        yield Doubt.PREMISE
    if otherwise:
        yield Doubt.OTHER_YEAR
    if question.upcoming and Aspect.DUE in question.aspects and not section.upcoming:
        yield Doubt.NOTHING_UPCOMING
    if question.to_the_day and told and not any(map(tells_of_a_day, told)):
        yield Doubt.NO_DAY
    said = otherwise or section.admitted.counted_elsewhen
    if span and told and not said and not any(is_about(one, span) for one in told):
        yield Doubt.OTHER_TIME
