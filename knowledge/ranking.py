"""Which entry a question means, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from knowledge.entries import Aspect, Entry, Kind
from knowledge.german import Word
from knowledge.lexicon import LEXICON
from knowledge.questions import Question, conjoined
from knowledge.search import Hit
from knowledge.snapshot import Snapshot, Statement

ANSWER_AT, NAMED_AT, SUGGEST_AT = 0.5, 0.3, 0.3
"""Coverage of the question from which an entry is taken as meant; the same for one whose name
stands in the question; and coverage from which an entry is offered."""

MARGIN, NO_DOUBT = 1.06, 0.75
"""How much better than the second the first entry must be to be answered without asking, and
the coverage from which that does not matter."""

REST_AT = 0.3
"""Share of what is asked beside the name of a town or state that one of its facts must hold."""

FACT_SHARE = 0.9
"""How much an entry's best single fact adds to the entry's own score."""

ASPECT_BOOST = 0.35
"""How much a fact, and with it its entry, gains by being about what is asked."""

EVIDENCE = 0.5
"""How well a fact of another aspect answers if its text speaks to what is asked."""

HOME_PRIOR = 1.08
"""Advantage of entries of the home body: "das Konzept" means that of one's own town."""

EXACT = 1000.0
"""Score of an entry whose paper number or key stands in the question: nothing comes near."""

FACT_CUES = 0.3
"""Weight in comparing facts of words that do not name a thing: "beschlossen", "Mitglied"."""

MOST_ENTRIES, MOST_FACTS = 60, 200

_KIND_PRIOR = {Kind.PLAN: 1.08, Kind.MEASURE: 1.04, Kind.TERM: 0.97, Kind.FIELD: 0.97}


class Band(StrEnum):
    """How sure the bot is."""

    ANSWER = "answer"
    SUGGEST = "suggest"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that may be meant, with the signals that speak for it.

    Attributes:
        key: The entry.
        score: All signals together, comparable within one question.
        coverage: Share of the question's words found in it.
        named: Whether a name of it stands in the question.
        best_fact: Id of the fact that shares most with the question, or empty.
    """

    key: str
    score: float
    coverage: float
    named: bool = False
    best_fact: str = ""


def candidates(
    question: Question, snapshot: Snapshot, *, home: str | None = None
) -> list[Candidate]:
    """Entries that may be meant, best first: words and names, single facts, aspect, home."""
    read = [word for word, _ in question.words]
    hits = {
        hit.key: hit
        for hit in snapshot.index.rank(read, weight=question.weight, limit=MOST_ENTRIES)
    }
    papers = [snapshot.numbers[n] for n in question.numbers if n in snapshot.numbers]
    for key in (*papers, *question.keys):
        hits[key] = Hit(key, EXACT, 1.0, 1.0)
    facts: dict[str, dict[str, Hit]] = {}
    for hit in _rank_facts(question, snapshot):
        for key in snapshot.facts[hit.key][1]:
            facts.setdefault(key, {})[hit.key] = hit
    at_home = {home, *(e.key for e in snapshot.below(home))} if home else set()
    ranked = [
        _candidate(
            snapshot.entries[key],
            hits.get(key, Hit(key, 0.0, 0.0, 0.0)),
            facts.get(key, {}),
            question,
            snapshot,
            prior=HOME_PRIOR if key in at_home else 1.0,
        )
        for key in sorted({*hits, *facts})
    ]
    ranked.sort(key=lambda c: (-round(c.score, 9), c.key))
    return ranked


def _candidate(
    entry: Entry,
    own: Hit,
    facts: Mapping[str, Hit],
    question: Question,
    snapshot: Snapshot,
    *,
    prior: float,
) -> Candidate:
    statements = snapshot.statements(entry.key)
    speaks = max((fit(s, question.aspects) for s in statements), default=0.0)
    best, best_fact = 0.0, ""
    for statement in statements:
        hit = facts.get(statement.fact.id)
        if hit is not None:
            score = hit.score * (1 + ASPECT_BOOST * fit(statement, question.aspects))
            if score > best:
                best, best_fact = score, statement.fact.id
    score = own.score * (1 + ASPECT_BOOST * speaks) + FACT_SHARE * best
    return Candidate(
        key=entry.key,
        score=score * _KIND_PRIOR.get(entry.kind, 1.0) * prior,
        coverage=max(own.coverage, *(hit.coverage for hit in facts.values()), 0.0),
        named=own.name > 0,
        best_fact=best_fact,
    )


def meant(
    question: Question, ranked: Sequence[Candidate], snapshot: Snapshot
) -> tuple[Band, tuple[Candidate, ...]]:
    """Decide which entries are answered: the best one, or those joined by "und"."""
    if not ranked or ranked[0].coverage < SUGGEST_AT:
        return Band.NONE, ()
    best = ranked[0]
    by_key = {candidate.key: candidate for candidate in ranked}
    joined = [
        max((by_key[key] for key in keys if key in by_key), key=lambda c: c.score)
        for keys in conjoined(question, snapshot.index)
        if any(key in by_key for key in keys)
    ]
    if len(joined) > 1:
        return Band.ANSWER, tuple(joined)
    if question.unknown and not (best.named and _is_specific(snapshot.entries[best.key])):
        # It asks for something by a name that is written nowhere here.
        return Band.NONE, ()
    if _misses_the_point(question, snapshot.entries[best.key], snapshot):
        return Band.NONE, ()
    if best.coverage < (NAMED_AT if best.named else ANSWER_AT):
        return Band.SUGGEST, ()
    rival = ranked[1] if len(ranked) > 1 else None
    close = rival is not None and best.score < MARGIN * rival.score
    # Two entries that share the best fact give the same answer: no need to ask which.
    same = rival is not None and best.best_fact == rival.best_fact
    if close and not same and not best.named and best.coverage < NO_DOUBT:
        return Band.SUGGEST, ()
    return Band.ANSWER, (best,)


def fit(statement: Statement, asked: Sequence[Aspect]) -> float:
    """How well a statement speaks to what is asked: 1 by its aspect, less by its content."""
    if statement.aspect in asked:
        return 1.0
    speaks = any(
        aspect in LEXICON.evidence and LEXICON.evidence[aspect].search(statement.fact.text)
        for aspect in asked
    )
    return EVIDENCE if speaks else 0.0


def closeness(question: Question, entry: Entry, snapshot: Snapshot) -> dict[str, float]:
    """How much of the question each fact holds, apart from the words that name the entry.

    Those are shared by all its facts and cannot tell them apart.
    """
    naming = naming_words(question, entry, snapshot)
    return {hit.key: hit.coverage for hit in _rank_facts(question, snapshot, without=naming)}


def _rank_facts(
    question: Question, snapshot: Snapshot, *, without: set[Word] | None = None
) -> list[Hit]:
    weights = {
        word: weight if weight >= 1.0 else max(weight, FACT_CUES)
        for word, weight in question.words
        if (weight > 0 or word.stem not in LEXICON.function) and word not in (without or ())
    }
    read = [word for word, _ in question.words]
    return snapshot.fact_index.rank(
        read, weight=lambda word: weights.get(word, 0.0), limit=MOST_FACTS
    )


def _misses_the_point(question: Question, entry: Entry, snapshot: Snapshot) -> bool:
    """Whether a question only names a town or state, and asks for something else of it."""
    plans = any(child.kind is Kind.PLAN for child in snapshot.children(entry.key))
    if entry.kind is not Kind.BODY or not plans:
        return False
    naming = naming_words(question, entry, snapshot)
    if not set(question.subject) - naming:
        return False
    near = closeness(question, entry, snapshot)
    best = max((near.get(s.fact.id, 0.0) for s in snapshot.statements(entry.key)), default=0.0)
    return best < REST_AT


def naming_words(question: Question, entry: Entry, snapshot: Snapshot) -> set[Word]:
    """The words of a question that name an entry."""
    read = [word for word, _ in question.words]
    return {
        read[position]
        for span, keys in snapshot.index.named(read)
        if entry.key in keys
        for position in span
    }


def _is_specific(entry: Entry) -> bool:
    """Whether naming an entry names a subject, rather than only whose it is."""
    return entry.kind not in {Kind.BODY, Kind.TERM}
