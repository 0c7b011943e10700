"""Answering: from a question and a snapshot to facts that may be quoted.

Pure functions of (question, snapshot, today): no clock, no database, no chance. An answer is
made of facts and of nothing else; where there is none, it says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from knowledge.confidence import CALIBRATED, Band, Thresholds, meant
from knowledge.entries import Aspect, Certainty, Entry, Fact, Kind, Phase, Relation
from knowledge.listings import Listing, list_entries
from knowledge.milestones import (
    Milestone,
    Timeliness,
    coming,
    missed_occurrence,
    months_between,
    timeliness,
)
from knowledge.partial_date import PartialDate
from knowledge.questions import Question, understand
from knowledge.ranking import Candidate, candidates, closeness, fit
from knowledge.snapshot import Dependency, Snapshot, Statement

WORDS_SHARE, OWN_BONUS, FACT_AT = 1.6, 0.15, 0.55
"""Choosing facts of an entry: weight of the question's words beside the aspect, advantage of the
entry's own facts over those that mention it, and share of the best one's score to be told."""

MOST_FACTS, MOST_UNKNOWN, MOST_ASPECTS = 3, 2, 2
"""Per entry: facts told, statements that something is not known, aspects that are looked after."""

MOST_SECTIONS, MOST_SUGGESTIONS = 2, 3

NEAR_AT = 0.15
"""Coverage from which an entry is named as near where nothing was found."""

STALE_MONTHS = 12
"""Age from which an answer warns that its newest statement is old."""

CARD_SHARE = 0.5
"""Weight of the aspects that introduce an entry, where a question asks for none."""

_CARD = (Aspect.SUMMARY, Aspect.STATUS, Aspect.DUE, Aspect.CONTENT)


class Notice(StrEnum):
    """What a reader must know besides the facts."""

    STALE = "stale"
    DISPUTED = "disputed"
    RHYTHM_WITHOUT_EVIDENCE = "rhythm_without_evidence"
    OVERDUE = "overdue"


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
        missing: Aspects asked about that no source speaks to.
        chain: What the entry hangs on, where that matters for the question.
        upcoming: The next dates of the entry and what is below it.
        papers: Documents that belong to the entry, where they were asked for.
        notices: Warnings, each at most once.
        stale_since: Date of the newest statement, where it is old.
        overdue_rhythm: The occurrence that a rhythm would have had, without any evidence of it.
    """

    entry: Entry
    statements: tuple[Statement, ...] = ()
    missing: tuple[Aspect, ...] = ()
    chain: tuple[Step, ...] = ()
    upcoming: tuple[Milestone, ...] = ()
    papers: tuple[Entry, ...] = ()
    notices: tuple[Notice, ...] = ()
    stale_since: PartialDate | None = None
    overdue_rhythm: PartialDate | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that is said in reply to a question; wording is up to the templates.

    Attributes:
        band: How sure the bot is; sections and a listing exist for `Band.ANSWER` only.
        question: The question as understood.
        today: The day for which the answer holds.
        sections: One per entry.
        listing: Entries asked for together.
        suggestions: What may have been meant, or is nearest.
        candidates: The entries that were considered first, with the signals that spoke for them.
    """

    band: Band
    question: Question
    today: date
    sections: tuple[Section, ...] = ()
    listing: Listing | None = None
    suggestions: tuple[Entry, ...] = ()
    candidates: tuple[Candidate, ...] = ()

    @property
    def statements(self) -> tuple[Statement, ...]:
        """All statements of all sections."""
        return tuple(s for section in self.sections for s in section.statements)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """All facts that answer: those of the sections, and what a list says of its entries."""
        listed = self.listing.entries if self.listing else ()
        stated = (fact for entry in listed for fact in (entry.phase_fact, entry.due_fact) if fact)
        return (*(statement.fact for statement in self.statements), *stated)

    @property
    def as_of(self) -> PartialDate | None:
        """The newest date among the facts that answer."""
        return max((fact.dated for fact in self.facts if fact.dated), default=None)

    @property
    def certainty(self) -> Certainty | None:
        """The certainty of the least certain fact that answers."""
        order = list(Certainty)
        return max((fact.certainty for fact in self.facts), key=order.index, default=None)


def answer(
    text: str,
    snapshot: Snapshot,
    today: date,
    *,
    topic: str | None = None,
    home: str | None = None,
    thresholds: Thresholds = CALIBRATED,
) -> Answer:
    """Answer a question.

    Args:
        text: What was typed.
        snapshot: The knowledge to answer from.
        today: The day for which the answer holds.
        topic: Key of the entry that the chat last talked about, for bare follow-ups.
        home: Key of the body that the bot serves.
        thresholds: How sure the bot must be.
    """
    question = understand(text, snapshot)
    if question.aside is not None:
        return Answer(Band.NONE, question, today)
    if question.follow_up:
        entry = snapshot.get(topic) if topic else None
        if entry is None:
            return Answer(Band.NONE, question, today)
        return _about([entry], question, snapshot, today)
    ranked = candidates(question, snapshot, home=home)
    found = _from_candidates(question, ranked, snapshot, today, home=home, thresholds=thresholds)
    return replace(found, candidates=tuple(ranked[:MOST_SUGGESTIONS]))


def _from_candidates(
    question: Question,
    ranked: Sequence[Candidate],
    snapshot: Snapshot,
    today: date,
    *,
    home: str | None,
    thresholds: Thresholds,
) -> Answer:
    band, chosen = meant(question, ranked, snapshot, thresholds)
    listing = list_entries(question, ranked, snapshot, today, home=home)
    if listing is not None:
        # A list narrowed to a phase is the whole answer; otherwise facts on it come first.
        narrowed = bool(question.phases) or question.overdue or listing.kind is Kind.MILESTONE
        entries = [] if narrowed else [snapshot.entries[c.key] for c in chosen]
        told = _about(entries, question, snapshot, today)
        fitting = tuple(s for s in told.sections if s.statements and not s.missing)
        return replace(told, sections=fitting, listing=listing)
    if band is Band.ANSWER:
        entries = [snapshot.entries[c.key] for c in chosen[:MOST_SECTIONS]]
        return _about(entries, question, snapshot, today)
    near = [c for c in ranked[:MOST_SUGGESTIONS] if c.coverage >= NEAR_AT]
    return Answer(band, question, today, suggestions=tuple(snapshot.entries[c.key] for c in near))


def about(
    entry: Entry,
    aspects: Sequence[Aspect],
    snapshot: Snapshot,
    today: date,
    *,
    text: str = "",
) -> Answer:
    """Answer for an entry that is already known, as a button asks for it."""
    question = replace(understand(text, snapshot), aspects=tuple(aspects))
    return _about([entry], question, snapshot, today)


def _about(
    entries: Sequence[Entry], question: Question, snapshot: Snapshot, today: date
) -> Answer:
    sections = [_section(entry, question, snapshot, today) for entry in entries]
    return Answer(Band.ANSWER, question, today, sections=_without_repetition(sections))


def _section(entry: Entry, question: Question, snapshot: Snapshot, today: date) -> Section:
    known = snapshot.statements(entry.key)
    asked = question.aspects
    statements = _choose(entry, known, asked, closeness(question, entry, snapshot))
    missing = tuple(
        aspect
        for aspect in asked[:1]
        if not any(fit(statement, (aspect,)) for statement in statements)
        and not (aspect is Aspect.SOURCE and (entry.number or entry.kind is Kind.DOCUMENT))
        and aspect not in {Aspect.SUMMARY, Aspect.CONTENT}
    )
    matters = not asked or {Aspect.STATUS, Aspect.REASON, Aspect.DUE} & set(asked)
    chain = snapshot.dependencies(entry.key) if matters else ()
    section = Section(
        entry=entry,
        statements=statements,
        missing=missing,
        chain=tuple(Step(step, _state(step.entry, snapshot)) for step in chain),
        upcoming=tuple(coming(snapshot, today, below=entry.key)[:2]) if matters else (),
        papers=snapshot.linked(entry.key, Relation.DOCUMENT) if Aspect.SOURCE in asked else (),
    )
    return _with_notices(section, today)


def _choose(
    entry: Entry,
    known: Sequence[Statement],
    asked: Sequence[Aspect],
    facts: Mapping[str, float],
) -> tuple[Statement, ...]:
    """The statements that answer: by aspect and by the question's words, own ones first."""
    if not known:
        return ()
    own = {fact.id for fact in entry.facts}
    scored = [
        (
            (fit(statement, asked) if asked else CARD_SHARE * fit(statement, _CARD))
            + WORDS_SHARE * facts.get(statement.fact.id, 0.0)
            + (OWN_BONUS if statement.fact.id in own else 0.0),
            -position,
            statement,
        )
        for position, statement in enumerate(known)
    ]
    scored.sort(key=lambda item: (item[0], item[1]), reverse=True)
    best = scored[0][0]
    near = [item[2] for item in scored if item[0] >= FACT_AT * best]
    told = [s for s in near if s.fact.known][:MOST_FACTS]
    told += [s for s in near if not s.fact.known][:MOST_UNKNOWN]
    chosen = [statement for statement in near if statement in told]
    for aspect in asked[:MOST_ASPECTS]:
        # "Wer macht das und bis wann?": each part gets its best fact; and what is not known
        # about it is said, too.
        own_aspect = [item[2] for item in scored if item[2].aspect is aspect]
        if not any(statement.aspect is aspect for statement in chosen):
            chosen += own_aspect[:1]
        if not any(s.aspect is aspect and not s.fact.known for s in chosen):
            chosen += [s for s in own_aspect if not s.fact.known][:1]
    return tuple(dict.fromkeys(chosen))


def _state(entry: Entry, snapshot: Snapshot) -> Statement | None:
    """The newest statement on how far an entry is."""
    states = [s for s in snapshot.statements(entry.key) if s.aspect is Aspect.STATUS]
    dated = [s for s in states if s.fact.dated and s.fact.known]
    if dated:
        return max(dated, key=lambda s: s.fact.dated.last if s.fact.dated else date.min)
    return states[0] if states else None


def _with_notices(section: Section, today: date) -> Section:
    facts = [statement.fact for statement in section.statements]
    notices: list[Notice] = []
    newest = max((fact.dated for fact in facts if fact.dated), default=None)
    living = section.entry.kind in {Kind.PLAN, Kind.MEASURE, Kind.BODY}
    over = section.entry.phase in {Phase.DONE, Phase.DROPPED}
    stale = newest if newest and months_between(newest.last, today) >= STALE_MONTHS else None
    if stale and living and not over:
        notices.append(Notice.STALE)
    if any(fact.disputed for fact in facts):
        notices.append(Notice.DISPUTED)
    missed = missed_occurrence(section.entry.rhythm, today) if section.entry.rhythm else None
    if missed and section.upcoming:
        notices.append(Notice.RHYTHM_WITHOUT_EVIDENCE)
    if timeliness(section.entry, today) is Timeliness.OVERDUE and not over:
        notices.append(Notice.OVERDUE)
    return replace(section, notices=tuple(notices), stale_since=stale, overdue_rhythm=missed)


def _without_repetition(sections: Sequence[Section]) -> tuple[Section, ...]:
    """Say each fact, each step of a chain and each date once, where it comes first."""
    told: set[str] = {s.entry.key for s in sections}
    said: set[str] = set()
    kept: list[Section] = []
    for section in sections:
        fresh = tuple(s for s in section.statements if s.fact.id not in said)
        said |= {s.fact.id for s in fresh}
        kept.append(replace(section, statements=fresh or section.statements[:1]))
    result: list[Section] = []
    for section in kept:
        chain = tuple(step for step in section.chain if step.dependency.entry.key not in told)
        told |= {step.dependency.entry.key for step in chain}
        states = [
            replace(step, state=None) if step.state and step.state.fact.id in said else step
            for step in chain
        ]
        result.append(replace(section, chain=tuple(states)))
    return tuple(result)
