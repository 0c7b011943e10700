"""Answering: from a question and a snapshot to facts that may be quoted.

Pure functions of (question, snapshot, today): no clock, no database, no chance. An answer is
made of facts and of nothing else; where there is none, it says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from knowledge.entries import Aspect, Certainty, Entry, Kind, Phase, Relation
from knowledge.lexicon import LEXICON
from knowledge.milestones import (
    Milestone,
    Timeliness,
    coming,
    missed_occurrence,
    months_between,
    timeliness,
)
from knowledge.partial_date import PartialDate
from knowledge.questions import Question, conjoined, understand
from knowledge.search import Hit
from knowledge.snapshot import Dependency, Snapshot, Statement

ANSWER_AT, SUGGEST_AT = 0.5, 0.3
"""Coverage of the question from which an entry is taken as meant, or offered."""

MARGIN = 1.06
"""How much better than the second the first entry must be to be answered without asking."""

FACT_SHARE = 0.6
"""How much an entry's best single fact adds to the entry's own score."""

ASPECT_BOOST = 0.35
"""How much a fact gains by being about what is asked."""

WORDS_SHARE, OWN_BONUS, FACT_AT = 1.2, 0.15, 0.62
"""Choosing facts of an entry: weight of the question's words beside the aspect, advantage of the
entry's own facts over those that mention it, and share of the best one's score to be told."""

HOME_PRIOR = 1.12
"""Advantage of entries of the home body: "das Konzept" means that of one's own town."""

EXACT = 1000.0
"""Score of an entry whose paper number stands in the question: nothing fuzzy comes near."""

MOST_FACTS, MOST_SECTIONS, MOST_SUGGESTIONS, MOST_LISTED = 3, 2, 3, 12

STALE_MONTHS = 12
"""Age from which an answer warns that its newest statement is old."""

_KIND_PRIOR = {Kind.PLAN: 1.08, Kind.MEASURE: 1.04, Kind.TERM: 0.97, Kind.FIELD: 0.97}
_CARD = (Aspect.SUMMARY, Aspect.STATUS, Aspect.DUE)


class Band(StrEnum):
    """How sure the bot is."""

    ANSWER = "answer"
    SUGGEST = "suggest"
    NONE = "none"


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
class Listing:
    """Entries that a list question asked for.

    Attributes:
        scope: The entry below which they were looked for, or None for all.
        kind: Their kind.
        entries: The first of them, in order.
        total: How many there are in all.
    """

    scope: Entry | None
    kind: Kind
    entries: tuple[Entry, ...]
    total: int


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
    """

    band: Band
    question: Question
    today: date
    sections: tuple[Section, ...] = ()
    listing: Listing | None = None
    suggestions: tuple[Entry, ...] = ()

    @property
    def statements(self) -> tuple[Statement, ...]:
        """All statements of all sections."""
        return tuple(s for section in self.sections for s in section.statements)

    @property
    def as_of(self) -> PartialDate | None:
        """The newest date among the facts that answer."""
        return max((s.fact.dated for s in self.statements if s.fact.dated), default=None)

    @property
    def certainty(self) -> Certainty | None:
        """The certainty of the least certain fact that answers."""
        order = list(Certainty)
        return max((s.fact.certainty for s in self.statements), key=order.index, default=None)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that may be meant, with the signals that speak for it.

    Attributes:
        key: The entry.
        score: All signals together, comparable within one question.
        coverage: Share of the question's words found in it.
        facts: Coverage of each of its facts that shares words with the question.
    """

    key: str
    score: float
    coverage: float
    facts: Mapping[str, float] = field(default_factory=dict)


def answer(
    text: str,
    snapshot: Snapshot,
    today: date,
    *,
    topic: str | None = None,
    home: str | None = None,
) -> Answer:
    """Answer a question.

    Args:
        text: What was typed.
        snapshot: The knowledge to answer from.
        today: The day for which the answer holds.
        topic: Key of the entry that the chat last talked about, for bare follow-ups.
        home: Key of the body that the bot serves.
    """
    question = understand(text, snapshot)
    if question.follow_up:
        entry = snapshot.get(topic) if topic else None
        if entry is None:
            return Answer(Band.NONE, question, today)
        sections = _without_repetition([_section(entry, question, snapshot, today)])
        return Answer(Band.ANSWER, question, today, sections=sections)
    ranked = candidates(question, snapshot, home=home)
    listing = _listing(question, ranked, snapshot, home=home)
    band, chosen = _decide(question, ranked, snapshot)
    if band is Band.ANSWER or listing is not None:
        sections = tuple(
            _section(snapshot.entries[c.key], question, snapshot, today, c.facts) for c in chosen
        )
        if listing is not None:
            sections = tuple(s for s in sections if s.statements and not s.missing)
        sections = _without_repetition(sections)
        return Answer(Band.ANSWER, question, today, sections=sections, listing=listing)
    near = tuple(snapshot.entries[c.key] for c in ranked[:MOST_SUGGESTIONS])
    if band is Band.SUGGEST:
        return Answer(Band.SUGGEST, question, today, suggestions=near)
    return Answer(
        Band.NONE,
        question,
        today,
        suggestions=tuple(e for e, c in zip(near, ranked, strict=False) if c.coverage > 0.15),
    )


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
    facts = {hit.key: hit.coverage for hit in _fact_hits(question, snapshot)}
    sections = _without_repetition([_section(entry, question, snapshot, today, facts)])
    return Answer(Band.ANSWER, question, today, sections=sections)


def candidates(
    question: Question, snapshot: Snapshot, *, home: str | None = None
) -> list[Candidate]:
    """Entries that may be meant, best first: words and names, single facts, aspect, home."""
    read = [word for word, _ in question.words]
    hits = {hit.key: hit for hit in snapshot.index.rank(read, weight=question.weight, limit=60)}
    facts: dict[str, dict[str, Hit]] = {}
    for hit in _fact_hits(question, snapshot):
        for key in snapshot.facts[hit.key][1]:
            facts.setdefault(key, {})[hit.key] = hit
    for number in question.numbers:
        if number in snapshot.numbers:
            paper = snapshot.numbers[number]
            hits[paper] = Hit(paper, EXACT, 1.0, 1.0)
    at_home = {home, *(e.key for e in snapshot.below(home))} if home else set()
    ranked = []
    for key in sorted({*hits, *facts}):
        own = hits.get(key, Hit(key, 0.0, 0.0, 0.0))
        single = facts.get(key, {})
        best = max(
            (
                single[s.fact.id].score * (1 + ASPECT_BOOST * fit(s, question.aspects))
                for s in snapshot.statements(key)
                if s.fact.id in single
            ),
            default=0.0,
        )
        speaks = max((fit(s, question.aspects) for s in snapshot.statements(key)), default=0.0)
        score = own.score * (1 + ASPECT_BOOST * speaks) + FACT_SHARE * best
        score *= _KIND_PRIOR.get(snapshot.entries[key].kind, 1.0)
        score *= HOME_PRIOR if key in at_home else 1.0
        coverage = max(own.coverage, *(hit.coverage for hit in single.values()), 0.0)
        ranked.append(
            Candidate(key, score, coverage, {i: hit.coverage for i, hit in single.items()})
        )
    ranked.sort(key=lambda c: (-round(c.score, 9), c.key))
    return ranked


def fit(statement: Statement, asked: Sequence[Aspect]) -> float:
    """How well a statement speaks to what is asked: 1 by its aspect, 0.5 by its content."""
    if statement.aspect in asked:
        return 1.0
    speaks = any(
        aspect in LEXICON.evidence and LEXICON.evidence[aspect].search(statement.fact.text)
        for aspect in asked
    )
    return 0.5 if speaks else 0.0


def _fact_hits(question: Question, snapshot: Snapshot) -> list[Hit]:
    def weight(word: object) -> float:
        return next((max(w, 0.3 if c else 0.0) for o, w, c in weighted if o == word), 0.0)

    weighted = [(o, w, o.stem not in LEXICON.function) for o, w in question.words]
    read = [word for word, _ in question.words]
    return snapshot.fact_index.rank(read, weight=weight, limit=200)


def _decide(
    question: Question, ranked: Sequence[Candidate], snapshot: Snapshot
) -> tuple[Band, list[Candidate]]:
    """Which entries are answered: the best, or those that the question joins by "und"."""
    if not ranked or ranked[0].coverage < SUGGEST_AT:
        return Band.NONE, []
    best = ranked[0]
    by_key = {candidate.key: candidate for candidate in ranked}
    joined = [
        max((by_key[key] for key in keys if key in by_key), key=lambda c: c.score)
        for keys in conjoined(question, snapshot.index)
        if any(key in by_key for key in keys)
    ]
    if len(joined) > 1:
        return Band.ANSWER, joined[:MOST_SECTIONS]
    if best.coverage < ANSWER_AT:
        return Band.SUGGEST, []
    if len(ranked) > 1 and best.score < MARGIN * ranked[1].score:
        # Two entries that share the best fact give the same answer: no need to ask which.
        shared = _best_fact(best) == _best_fact(ranked[1])
        return (Band.ANSWER, [best]) if shared or best.coverage > 0.75 else (Band.SUGGEST, [])
    return Band.ANSWER, [best]


def _best_fact(candidate: Candidate) -> str | None:
    return max(candidate.facts, key=lambda i: (candidate.facts[i], i), default=None)


def _section(
    entry: Entry,
    question: Question,
    snapshot: Snapshot,
    today: date,
    facts: Mapping[str, float] | None = None,
) -> Section:
    known = snapshot.statements(entry.key)
    asked = question.aspects
    statements = _choose(entry, known, asked, facts or {})
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
    wanted = asked or _CARD
    own = {fact.id for fact in entry.facts}
    scored = [
        (
            fit(statement, wanted)
            + WORDS_SHARE * facts.get(statement.fact.id, 0.0)
            + (OWN_BONUS if statement.fact.id in own else 0.0),
            -position,
            statement,
        )
        for position, statement in enumerate(known)
    ]
    scored.sort(key=lambda item: (item[0], item[1]), reverse=True)
    best = scored[0][0]
    chosen = [item[2] for item in scored[:MOST_FACTS] if item[0] >= FACT_AT * best]
    if asked:
        chosen += [
            statement
            for _, _, statement in scored
            if not statement.fact.known and statement.aspect in asked and statement not in chosen
        ][:1]
    return tuple(chosen)


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


def _listing(
    question: Question,
    ranked: Sequence[Candidate],
    snapshot: Snapshot,
    *,
    home: str | None,
) -> Listing | None:
    """Entries of the kind that a list question names, below the entry it names."""
    narrowed = bool(question.phases) or question.overdue
    if question.kind is None or not (question.listing or (question.counting and narrowed)):
        return None
    scope = _scope(question, ranked, snapshot) or (snapshot.get(home) if home else None)
    pool: Iterable[Entry] = snapshot.below(scope.key) if scope else snapshot.entries.values()
    found = [entry for entry in pool if entry.kind is question.kind]
    if question.phases:
        found = [entry for entry in found if (entry.phase or Phase.UNKNOWN) in question.phases]
    if not found:
        return None
    return Listing(scope, question.kind, tuple(found[:MOST_LISTED]), len(found))


def _scope(question: Question, ranked: Sequence[Candidate], snapshot: Snapshot) -> Entry | None:
    named = [
        snapshot.entries[key]
        for _, keys in snapshot.index.named([word for word, _ in question.words])
        for key in keys
    ]
    order = {candidate.key: place for place, candidate in enumerate(ranked)}
    containers = [e for e in named if e.kind in {Kind.BODY, Kind.PLAN, Kind.FIELD}]
    return min(containers, key=lambda e: (order.get(e.key, len(order)), e.key), default=None)
