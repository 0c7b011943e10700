"""What is said about one entry: facts that answer, what it hangs on, next dates, warnings."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from knowledge.counts import counted, enumerated, only_counts, tells_how_many
from knowledge.entries import Aspect, Entry, Fact, Kind, Phase, Relation
from knowledge.facts import is_later, is_overruled
from knowledge.german import is_day, paper_numbers, words
from knowledge.lexicon import LEXICON, cues_in, stands_in
from knowledge.milestones import (
    Milestone,
    Timeliness,
    coming,
    missed_rhythm,
    months_between,
    timeliness,
)
from knowledge.partial_date import PartialDate, Period
from knowledge.periods import period
from knowledge.questions import Question
from knowledge.ranking import closeness, fit
from knowledge.snapshot import Dependency, Snapshot, Statement
from knowledge.subjects import SPOKEN_OF_AT, asks_for_a_sign, narrowing, unsaid, untold

WORDS_SHARE, OWN_BONUS = 3.0, 0.3
"""Choosing facts of an entry: weight of the question's words beside the aspect, and advantage of
the entry's own facts over those that mention it."""

NEAREST_AT, FACT_AT = 0.8, 0.5
"""Share of the best fact's score from which one counts among those that answer, and from which it
is told at all. Of the answers in tests/data that are right with all that is told, 98 of 100 are
with the nearest facts alone, and a fifth shorter."""

MOST_FACTS, MOST_UNKNOWN, MOST_ASPECTS = 4, 2, 2
"""Per entry: facts told, statements that something is not known, aspects that are looked after."""

CLAUSE_AT = 0.5
"""Share of the words of one of several questions that a fact on no asked aspect must have."""

_SHOWN = frozenset({Aspect.COST, Aspect.COUNT, Aspect.DUE})
"""What only a sum, a number or a date answers, whatever words a fact shares with a question."""

_WHO = frozenset({Aspect.RESPONSIBLE, Aspect.PARTICIPANTS})
"""What "wer" alone asks for; not so in "wer stimmte dagegen"."""

STALE_MONTHS = 12
"""Age from which an answer warns that its newest statement is old."""

CARD_SHARE = 0.5
"""Weight of the aspects that introduce an entry, where a question asks for none."""

_CARD = (Aspect.SUMMARY, Aspect.STATUS, Aspect.DUE, Aspect.CONTENT)


_SUM = re.compile(
    r"\d[\d.]*(?: Mio\.?| Millionen)? (?:Euro|EUR|€)|kosten(?:los|frei)|unentgeltlich"
)
"""What a fact says that answers "was kostet das"."""

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")

_IN_CHARGE = re.compile(r"zuständig|verantwort|\bLeit|\bleite", re.IGNORECASE)
"""What a fact on an office says that answers who does something or leads it."""


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
        unnamed: What the question wants named, where facts only say how many there are.
        chain: What the entry hangs on, where that matters for the question.
        upcoming: The next dates of the entry and what is below it.
        papers: Documents that belong to the entry, where they were asked for.
        caveats: Warnings, each at most once.
        stale_since: Date of the newest statement, where it is old.
        overdue: What has passed its date without being done: the entry, or a milestone below it.
        overdue_rhythm: The occurrence that a rhythm would have had, without any evidence of it.
    """

    entry: Entry
    statements: tuple[Statement, ...] = ()
    further: int = 0
    missing: tuple[Aspect, ...] = ()
    unsaid: tuple[str, ...] = ()
    uncounted: str | None = None
    unnamed: str | None = None
    chain: tuple[Step, ...] = ()
    upcoming: tuple[Milestone, ...] = ()
    papers: tuple[Entry, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    stale_since: PartialDate | None = None
    overdue: Entry | None = None
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
    known = snapshot.statements(entry.key)
    asked = question.aspects
    scores = _scores(entry, known, asked, closeness(question, entry, snapshot))
    further_asked = tuple(_for_clauses(entry, known, question, snapshot))
    nearest, chosen = (
        _with_what_holds(
            entry,
            tuple(dict.fromkeys((*_choose(scores, asked, share), *further_asked))),
            question,
            snapshot,
        )
        for share in (NEAREST_AT, FACT_AT)
    )
    statements = tuple(dict.fromkeys((*nearest, *chosen)))
    premise = question.premise
    if premise is not None and _holds(premise, entry, snapshot):
        premise = None
    state = _state(entry, snapshot)
    if premise is not None and state is not None:  # how far it really is comes first
        nearest = (state, *(s for s in nearest if s.fact.id != state.fact.id))
        statements = (state, *(s for s in statements if s.fact.id != state.fact.id))
    first_asked = (*asked[:1], *(a for clause in question.clauses for a in clause.aspects[:1]))
    missing = tuple(
        aspect
        for aspect in dict.fromkeys(first_asked)
        if not _is_spoken_to(aspect, statements, entry, question)
        and not (aspect is Aspect.SOURCE and (entry.number or entry.kind is Kind.DOCUMENT))
        and aspect not in {Aspect.SUMMARY, Aspect.CONTENT}
        and not (aspect in _WHO and not _cues(aspect, question) and asks_for_a_sign(question))
    )
    matters = not asked or {Aspect.STATUS, Aspect.REASON, Aspect.DUE} & set(asked)
    hangs = matters and (not entry.is_over or Aspect.REASON in asked)
    chain = snapshot.dependencies(entry.key) if hangs else ()
    not_said = tuple(
        dict.fromkeys(
            (
                *unsaid(question, {entry.key, *beside}, snapshot),
                # What a premise in doubt takes for granted is doubted once.
                *(() if premise else untold(question, (s.fact for s in statements))),
            )
        )
    )
    is_admitted = bool(missing or not_said)
    asked_for = period(question.corrected or question.text, today)
    unnamed = None if is_admitted else _unnamed(question, statements, snapshot)
    if is_admitted or unnamed:
        nearest = _with_first(nearest, statements, lambda s: s.fact.known)
    if asked_for is not None:
        nearest = _with_first(nearest, statements, lambda s: _is_about((s,), asked_for))
    statements = tuple(dict.fromkeys((*nearest, *statements)))
    told = Section(
        entry=entry,
        statements=statements,
        further=len(statements) - len(nearest),
        missing=missing,
        unsaid=not_said,
        uncounted=None
        if is_admitted
        else _uncounted(question, entry, statements, snapshot, asked_for),
        unnamed=unnamed,
        chain=tuple(Step(step, _state(step.entry, snapshot)) for step in chain),
        upcoming=tuple(coming(snapshot, today, below=entry.key)[:2]) if matters else (),
        papers=snapshot.linked(entry.key, Relation.DOCUMENT) if Aspect.SOURCE in asked else (),
    )
    further = [Caveat.PREMISE] if premise is not None else []
    if question.upcoming and Aspect.DUE in asked and not told.upcoming:
        further.append(Caveat.NOTHING_UPCOMING)
    if question.to_the_day and statements and not any(map(_tells_a_day, statements)):
        further.append(Caveat.NO_DAY)
    if asked_for is not None and statements and not _is_about(statements, asked_for):
        further.append(Caveat.OTHER_TIME)
    return _with_caveats(
        replace(told, overdue=_overdue(entry, snapshot, today, of_parts=bool(matters))),
        further,
        snapshot,
        today,
    )


def _with_first(
    nearest: tuple[Statement, ...],
    statements: Sequence[Statement],
    fits: Callable[[Statement], bool],
) -> tuple[Statement, ...]:
    """The nearest statements, and the first one that fits where none of them does."""
    if any(map(fits, nearest)):
        return nearest
    return (*nearest, *[statement for statement in statements if fits(statement)][:1])


def _uncounted(
    question: Question,
    entry: Entry,
    statements: Sequence[Statement],
    snapshot: Snapshot,
    asked_for: Period | None,
) -> str | None:
    """What a question counts, as it was written, if facts are told and none says how many."""
    thing = counted(question)
    if thing is None:
        return None
    facts = [statement.fact for statement in statements if statement.fact.known]
    closer = [word for word in narrowing(question, entry, snapshot) if word != thing]
    index = snapshot.fact_index
    told = any(
        tells_how_many(fact, thing, index)
        and all(index.found(word, (fact.id,)) >= SPOKEN_OF_AT for word in closer)
        for fact in facts
        if asked_for is None or not _names_other_years(fact, asked_for)
    )
    return None if told or not facts else thing.surface


def _unnamed(
    question: Question, statements: Sequence[Statement], snapshot: Snapshot
) -> str | None:
    """What a question wants named, as it was written, if the facts told only count it."""
    thing = enumerated(question)
    if thing is None:
        return None
    index = snapshot.fact_index
    speaking = [
        statement.fact
        for statement in statements
        if any(index.is_kind_of(word, thing) for word in words(statement.fact.text))
    ]
    only = bool(speaking) and all(only_counts(fact, thing, index) for fact in speaking)
    return thing.surface if only else None


def _is_spoken_to(
    aspect: Aspect, statements: Sequence[Statement], entry: Entry, question: Question
) -> bool:
    """Whether statements say anything about what is asked, or have the words that ask for it."""
    if any(_speaks(statement, aspect, entry, question) for statement in statements):
        return True
    if aspect in _SHOWN:
        return False
    cues = _cues(aspect, question)
    told = (word.stem for statement in statements for word in words(statement.fact.text))
    return not cues.isdisjoint(told)


def _cues(aspect: Aspect, question: Question) -> set[str]:
    """The stems by which a question shows an aspect: "Minister", "Zustände", but not "wer"."""
    asked = [word.stem for word, _ in question.words]
    phrases = (cue.phrase for cue in cues_in(asked) if cue.aspect is aspect)
    shown = {stem for phrase in phrases if stands_in(phrase, asked) for stem in phrase}
    return shown - LEXICON.function


def _speaks(statement: Statement, aspect: Aspect, entry: Entry, question: Question) -> bool:
    """Whether a statement says anything about an aspect that is asked."""
    if aspect is Aspect.COST and question.amount and statement.fact.known:
        return _SUM.search(statement.fact.text) is not None
    if aspect is Aspect.REASON and statement.fact not in entry.facts:
        return statement.aspect is aspect  # else it may be the reason for what another entry does
    if aspect is Aspect.RESPONSIBLE and entry.kind is Kind.BODY:
        # Any text on an office has the word "Amt" in it; that does not say who leads it.
        if statement.aspect is aspect or _IN_CHARGE.search(statement.fact.text):
            return True
    elif fit(statement, (aspect,)) > 0:
        return True
    if aspect is Aspect.RESPONSIBLE and fit(statement, (Aspect.PARTICIPANTS,)):
        return True  # "wer" asks for those who took part as well
    return aspect is Aspect.SOURCE and bool(paper_numbers(statement.fact.text))


def _scores(
    entry: Entry,
    known: Sequence[Statement],
    asked: Sequence[Aspect],
    facts: Mapping[str, float],
) -> list[tuple[float, Statement]]:
    """How well statements answer, by aspect and by the question's words; the best first."""
    # What a later fact has overruled is no better than what others say in passing.
    own = {fact.id for fact in entry.facts if not is_overruled(fact, entry)}
    scored = [
        (
            (fit(statement, asked) if asked else CARD_SHARE * fit(statement, _CARD))
            + WORDS_SHARE * facts.get(statement.fact.id, 0.0)
            + (OWN_BONUS if statement.fact.id in own else 0.0),
            statement,
        )
        for statement in known
    ]
    return sorted(scored, key=lambda item: -item[0])


def _choose(
    scored: Sequence[tuple[float, Statement]], asked: Sequence[Aspect], share: float
) -> tuple[Statement, ...]:
    """The statements that answer, of all of an entry.

    Args:
        scored: From `_scores`.
        asked: What is asked.
        share: From which part of the best one's score a statement is told.
    """
    if not scored:
        return ()
    best = scored[0][0]
    near = [statement for score, statement in scored if score >= share * best]
    told = [s for s in near if s.fact.known][:MOST_FACTS]
    told += [s for s in near if not s.fact.known][:MOST_UNKNOWN]
    chosen = [statement for statement in near if statement in told]
    for aspect in asked[:MOST_ASPECTS]:
        # "Wer macht das und bis wann?": each part gets its best fact; and what is not known
        # about it is said, too.
        own_aspect = [statement for _, statement in scored if statement.aspect is aspect]
        if not any(fit(statement, (aspect,)) for statement in chosen):
            chosen += [s for _, s in scored if fit(s, (aspect,))][:1]
        if not any(statement.aspect is aspect for statement in chosen):
            chosen += own_aspect[:1]
        if not any(s.aspect is aspect and not s.fact.known for s in chosen):
            chosen += [s for s in own_aspect if not s.fact.known][:1]
    return tuple(dict.fromkeys(chosen))


def _for_clauses(
    entry: Entry, known: Sequence[Statement], question: Question, snapshot: Snapshot
) -> Iterator[Statement]:
    """The best statement for each of several questions in a sentence, if there is a good one."""
    for clause in question.clauses:
        single = replace(question, words=clause.words, aspects=clause.aspects)
        near = closeness(single, entry, snapshot)
        scored = _scores(entry, known, clause.aspects, near)
        for _, best in scored[:1]:
            if fit(best, clause.aspects) or near.get(best.fact.id, 0.0) >= CLAUSE_AT:
                yield best


def _with_what_holds(
    entry: Entry, statements: tuple[Statement, ...], question: Question, snapshot: Snapshot
) -> tuple[Statement, ...]:
    """Put before older statements what holds now: how far things are, and when they are due.

    The words of an older fact may fit a question better than those of a newer one, and other
    entries may be told of the older one only.
    """
    told = [statement.fact for statement in statements if statement.fact.known]
    first = [
        holding
        for aspect in question.aspects or (Aspect.STATUS,)
        for holding in [_holding(entry, aspect)]
        if holding is not None and set(told) - {holding} and _is_newest(holding, told)
    ]
    ordered = first
    for statement in statements:
        fact = statement.fact
        holding = _holding(snapshot.owner(fact), fact.aspect)
        if holding is not None and fact.known and is_later(holding, fact):
            ordered.append(holding)
        ordered.append(fact)
    chosen = {statement.fact.id: statement for statement in statements}
    return tuple(
        chosen.get(fact.id) or Statement(entry.key, fact.aspect, fact)
        for fact in dict.fromkeys(ordered)
    )


def _is_newest(fact: Fact, told: Sequence[Fact]) -> bool:
    return all(is_later(fact, other) for other in told if other != fact)


def _holding(entry: Entry, aspect: Aspect) -> Fact | None:
    """The fact that tells an entry's phase or date, as it holds now."""
    match aspect:
        case Aspect.STATUS:
            return entry.phase_fact
        case Aspect.DUE:
            return entry.due_fact
        case _:
            return None


def _state(entry: Entry, snapshot: Snapshot) -> Statement | None:
    """The newest statement on how far an entry is."""
    states = [s for s in snapshot.statements(entry.key) if s.aspect is Aspect.STATUS]
    dated = [s for s in states if s.fact.dated and s.fact.known]
    if dated:
        return max(dated, key=lambda s: s.fact.dated.last if s.fact.dated else date.min)
    return states[0] if states else None


def _tells_a_day(statement: Statement) -> bool:
    """Whether a day stands in the text, or as the date when it happened or is due."""
    fact = statement.fact
    if any(is_day(word.folded) for word in words(fact.text)):
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
        if any(span.overlaps(PartialDate(int(year))) for year in _YEAR.findall(fact.text)):
            return True
    return False


def _names_other_years(fact: Fact, span: Period) -> bool:
    """Whether a fact names years, and none of a span of time: "677 Anträge 2023"."""
    years = [PartialDate(int(year)) for year in _YEAR.findall(fact.text)]
    return bool(years) and not any(map(span.overlaps, years))


def _with_caveats(
    section: Section, further: Sequence[Caveat], snapshot: Snapshot, today: date
) -> Section:
    facts = [statement.fact for statement in section.statements]
    caveats: list[Caveat] = []
    newest = max((fact.dated for fact in facts if fact.dated), default=None)
    living = section.entry.kind in {Kind.PLAN, Kind.MEASURE, Kind.BODY}
    stale = newest if newest and months_between(newest.last, today) >= STALE_MONTHS else None
    if stale and living and not section.entry.is_over:
        caveats.append(Caveat.STALE)
    if any(fact.disputed for fact in facts):
        caveats.append(Caveat.DISPUTED)
    missed = missed_rhythm(section.entry, snapshot, today)
    if missed and section.upcoming:
        caveats.append(Caveat.RHYTHM_WITHOUT_EVIDENCE)
    if section.overdue is not None:
        caveats.append(Caveat.OVERDUE)
    caveats += further
    return replace(section, caveats=tuple(caveats), stale_since=stale, overdue_rhythm=missed)


def _overdue(entry: Entry, snapshot: Snapshot, today: date, *, of_parts: bool) -> Entry | None:
    """What has passed its date: an entry, or the latest milestone directly below it."""
    parts = snapshot.children(entry.key) if of_parts and not entry.is_over else ()
    late = [
        part
        for part in (entry, *(part for part in parts if part.kind is Kind.MILESTONE))
        if timeliness(part, today) is Timeliness.OVERDUE
    ]
    return late[0] if late[:1] == [entry] else max(late, key=_last_day, default=None)


def _last_day(entry: Entry) -> date:
    return entry.due.last if entry.due else date.min


def _holds(premise: Phase, entry: Entry, snapshot: Snapshot) -> bool:
    """Whether a fact on the entry states how it ended, by its phase or in words."""
    phrases = [phrase for phrase, phase in LEXICON.premises.items() if phase is premise]
    told = [s.fact for s in snapshot.statements(entry.key) if s.fact.known]
    return any(
        fact.phase is premise
        or any(stands_in(phrase, [w.stem for w in words(fact.text)]) for phrase in phrases)
        for fact in told
    )
