"""Which entries a question may mean, best first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from knowledge.answering.basis import Basis
from knowledge.answering.questions import Question
from knowledge.answering.towns import (
    is_foreign,
    left_home,
    means_own,
    own_town,
    owned,
    town_of,
    towns_above,
)
from knowledge.entries import Aspect, Entry, Kind
from knowledge.german import Word
from knowledge.lexicon import LEXICON
from knowledge.search import Hit
from knowledge.snapshot import Snapshot, Statement

FACT_SHARE = 0.9
"""How much an entry's best single fact adds to the entry's own score."""

ASPECT_BOOST = 0.35
"""How much a fact, and with it its entry, gains by being about what is asked."""

EVIDENCE = 0.5
"""How well a fact of another aspect answers if its text speaks to what is asked."""

OWNED_PRIOR = 1.08
"""Advantage of entries of the town or state that the question names, and of the home body where
it names none: "das Konzept" means that of one's own town, "das Konzept vom Land" does not."""

ELSEWHERE = 0.8
"""Disadvantage of entries of other towns where one's own is meant: "die Stadt"."""

COVERED = 0.7
"""Entries are preferred by the share of the question that they cover, from this on: one that
has every word comes before one that has the rarest word often."""

KIND_MATCH = 1.1
"""Advantage of entries of the kind that the question names: "die Anfrage zum Plan"."""

EXACT = 1000.0
"""Score of an entry whose paper number or key stands in the question: nothing comes near."""

FACT_CUES = 0.3
"""Weight in comparing facts of words that do not name a thing: "beschlossen", "Mitglied"."""

MOST_ENTRIES, MOST_FACTS = 30, 60
"""How many entries and facts are weighed against each other, those that have most of a question:
twice as many take half as long again and answered no other question of tests/data rightly."""

_KIND_PRIOR = {Kind.PLAN: 1.08, Kind.MEASURE: 1.04, Kind.TERM: 0.97, Kind.FIELD: 0.97}

SILENT_TERM = 0.7
"""Disadvantage of a term that has nothing on the aspect: "wie viele Klagen" asks for no
definition."""


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


def candidates(question: Question, basis: Basis) -> list[Candidate]:
    """Entries that may be meant, best first: words and names, single facts, aspect, home."""
    snapshot = basis.snapshot
    own = own_town(question.read, basis)
    # It stands in the names of other towns' entries, and seldom in those of one's own.
    sought = [word for word in question.read if word not in own]
    hits = {
        hit.key: hit
        for hit in snapshot.index.rank(sought, weight=question.weight, limit=MOST_ENTRIES)
    }
    for key in (*_papers(question, basis), *question.keys):
        hits[key] = Hit(key, EXACT, 1.0, 1.0)
    facts: dict[str, dict[str, Hit]] = {}
    for hit in _rank_facts(question, snapshot):
        for key in snapshot.facts[hit.key][1]:
            facts.setdefault(key, {})[hit.key] = hit
    favoured = owned(question.read, basis)
    left = left_home(question.read, basis)
    named = snapshot.index.named(question.read) or any(map(town_of, question.read))
    is_own = bool((basis.home and not named) or own) or means_own(question.read, basis)
    ranked = []
    for key in sorted({*hits, *facts}):
        entry = snapshot.entries[key]
        prior = OWNED_PRIOR if key in favoured else 1.0
        if key in left or (is_own and is_foreign(entry, basis)):
            prior = ELSEWHERE
        hit = hits.get(key, Hit(key, 0.0, 0.0, 0.0))
        ranked.append(_candidate(entry, hit, facts.get(key, {}), question, snapshot, prior=prior))
    ranked.sort(key=lambda c: (-round(c.score, 9), c.key))
    return ranked


def _papers(question: Question, basis: Basis) -> list[str]:
    """The papers whose numbers are asked for; of several with one number those of the town meant.

    That is the one that the question names, and home otherwise.
    """
    snapshot = basis.snapshot
    asked = {town_of(word) for word in question.read}
    papers: list[str] = []
    for number in question.numbers:
        keys = snapshot.numbers.get(number, ())
        named = [key for key in keys if asked & towns_above(snapshot.entries[key], snapshot)]
        own = [key for key in keys if not is_foreign(snapshot.entries[key], basis)]
        papers += named or own or keys
    return papers


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
    for statement in statements if facts else ():
        hit = facts.get(statement.fact.id)
        if hit is not None:
            score = hit.score * (1 + ASPECT_BOOST * fit(statement, question.aspects))
            if score > best:
                best, best_fact = score, statement.fact.id
    score = own.score * (1 + ASPECT_BOOST * speaks) + FACT_SHARE * best
    coverage = max(own.coverage, *(hit.coverage for hit in facts.values()), 0.0)
    match = KIND_MATCH if entry.kind is question.kind else 1.0
    if entry.kind is Kind.TERM and question.aspects and not speaks:
        match *= SILENT_TERM
    return Candidate(
        key=entry.key,
        score=score * _KIND_PRIOR.get(entry.kind, 1.0) * match * prior * (COVERED + coverage),
        coverage=coverage,
        named=own.name > 0,
        best_fact=best_fact,
    )


def fit(statement: Statement, asked: Sequence[Aspect]) -> float:
    """How well a statement speaks to what is asked: 1 by its aspect, less by its content."""
    if not asked:
        return 0.0
    if statement.aspect in asked:
        return 1.0
    return 0.0 if _evidenced(statement.fact.text).isdisjoint(asked) else EVIDENCE


@lru_cache(maxsize=100_000)
def _evidenced(text: str) -> frozenset[Aspect]:
    """The aspects that a text speaks to; kept, as every question asks for those of many facts."""
    return frozenset(a for a, pattern in LEXICON.evidence.items() if pattern.search(text))


def closeness(question: Question, entry: Entry, snapshot: Snapshot) -> dict[str, float]:
    """How much of the question each fact holds, apart from the words that name the entry.

    Those are shared by all its facts and cannot tell them apart.
    """
    naming = naming_words(question, entry, snapshot)
    weights = {
        word: 0.0 if word in naming else weight for word, weight in _fact_weights(question).items()
    }
    return snapshot.fact_index.coverage(
        question.read,
        [statement.fact.id for statement in snapshot.statements(entry.key)],
        weight=lambda word: weights.get(word, 0.0),
    )


def _rank_facts(question: Question, snapshot: Snapshot) -> list[Hit]:
    weights = _fact_weights(question)
    return snapshot.fact_index.rank(
        question.read,
        weight=lambda word: weights.get(word, 0.0),
        limit=MOST_FACTS,
    )


def _fact_weights(question: Question) -> dict[Word, float]:
    """How much each word counts in telling facts apart."""
    return {
        word: max(weight, FACT_CUES)
        for word, weight in question.words
        if weight > 0 or word.stem not in LEXICON.function
    }


def naming_words(question: Question, entry: Entry, snapshot: Snapshot) -> set[Word]:
    """The words of a question that name an entry."""
    return {
        question.read[position]
        for span, keys in snapshot.index.named(question.read)
        if entry.key in keys
        for position in span
    }
