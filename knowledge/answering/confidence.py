"""How sure the bot is of what a question means: answer, ask back, or say that nothing is known.

Two signals decide. *Coverage* tells whether the thing is in here at all; the *margin* to the
next candidate tells which thing it is. `massnahmenbot evaluate FILE --calibrate` shows what
moving a threshold does to a file of questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from knowledge.answering.basis import Basis
from knowledge.answering.comparison import conjoined
from knowledge.answering.nouns import has_capitals
from knowledge.answering.questions import WORD_WEIGHT, Question
from knowledge.answering.ranking import Candidate, closeness, naming_words
from knowledge.answering.subjects import nouns, untold
from knowledge.answering.towns import is_independent, makes_plans, town_of, towns_named
from knowledge.entries import Aspect, Entry, Kind
from knowledge.german import fold, is_compound
from knowledge.snapshot import Snapshot

MENTIONED = 0.9
"""How well the words of a name must be found in what is about another entry that mentions it."""

HALF_FOUND = 0.5
"""How well an entry must have a noun that is written nowhere: all parts of it, or nearly."""


class Band(StrEnum):
    """How sure the bot is."""

    ANSWER = "answer"
    SUGGEST = "suggest"
    NONE = "none"


def meant(
    question: Question,
    ranked: Sequence[Candidate],
    basis: Basis,
) -> tuple[Band, tuple[Candidate, ...]]:
    """Decide which entries are answered: the best one, or those joined by "und".

    Returns:
        How sure that is, and the entries; there are none unless they are answered.
    """
    if not ranked:
        return Band.NONE, ()
    snapshot, thresholds = basis.snapshot, basis.thresholds
    best = _the_named_one(question, ranked, snapshot, thresholds.margin)
    coverage = _known_coverage(question, best, snapshot)
    if coverage < thresholds.suggest:
        return Band.NONE, ()
    joined = _joined(question, ranked, snapshot)
    if len(joined) > 1:
        return Band.ANSWER, joined
    term = _explained(question, ranked, snapshot)
    if term is not None:
        return Band.ANSWER, (term, best)
    if question.no_such and not _names_what_exists(question):
        return Band.NONE, ()  # neighbours of what does not exist are no answer
    if towns_named(word for word in question.read if word.surface in question.unknown):
        return Band.NONE, ()  # what is said of another town is no answer
    if question.unknown and not _means_it_still(question, best, coverage, basis):
        return Band.NONE, ()  # it asks for something by a name that is written nowhere here
    if _misses_the_point(question, snapshot.entries[best.key], basis):
        return Band.NONE, ()
    if coverage < (thresholds.named if best.named else thresholds.answer):
        return Band.SUGGEST, ()
    if _is_strange_to(question, best, snapshot):
        return Band.SUGGEST, ()
    rival = next((candidate for candidate in ranked if candidate is not best), None)
    if rival is None or best.score >= thresholds.margin * rival.score:
        return Band.ANSWER, (best,)
    if _is_part(best.key, rival.key, snapshot):
        # The one that has more of the question is told, with a way to the other.
        return Band.ANSWER, (max(best, rival, key=lambda c: c.coverage),)
    # Two entries that share the best fact give the same answer: no need to ask which.
    sure = best.best_fact == rival.best_fact or best.named or coverage >= thresholds.no_doubt
    return (Band.ANSWER, (best,)) if sure else (Band.SUGGEST, ())


def _names_what_exists(question: Question) -> bool:
    """Whether a question that names something which does not exist names something else, too."""
    return bool(question.numbers or question.keys) or any(
        town_of(word) and not any(word.surface in named for named in question.no_such)
        for word in question.read
    )


def _joined(
    question: Question, ranked: Sequence[Candidate], snapshot: Snapshot
) -> tuple[Candidate, ...]:
    """The best candidate for each of the names that a question joins by "und"."""
    by_key = {candidate.key: candidate for candidate in ranked}
    return tuple(
        max((by_key[key] for key in keys if key in by_key), key=lambda c: c.score)
        for keys in conjoined(question, snapshot.index)
        if any(key in by_key for key in keys)
    )


def _means_it_still(
    question: Question,
    best: Candidate,
    coverage: float,
    basis: Basis,
) -> bool:
    """Whether a question means an entry although it has a name in it that is written nowhere.

    An unknown compound is a name of something else, unless the entry is named itself.
    """
    thresholds = basis.thresholds
    if coverage < (thresholds.named if best.named else thresholds.no_doubt):
        return False
    if not best.named and any(is_compound(fold(word)) for word in question.unknown):
        return False
    return _names_a_subject(question, best, basis.snapshot)


def _is_part(one: str, other: str, snapshot: Snapshot) -> bool:
    """Whether one of two entries belongs to the other."""
    return any(
        entry.key == whole
        for part, whole in ((one, other), (other, one))
        for entry in snapshot.ancestors(part)
    )


def _is_strange_to(question: Question, best: Candidate, snapshot: Snapshot) -> bool:
    """Whether a question has a thing in it that is written nowhere, and does not name the entry.

    Part of a compound is not enough: a "Willkommenszentrum" is no other centre.
    """
    index = snapshot.index
    return not best.named and any(
        not index.knows(word) and index.found(word, [best.key]) < HALF_FOUND
        for word in nouns(question)
    )


def _the_named_one(
    question: Question, ranked: Sequence[Candidate], snapshot: Snapshot, margin: float
) -> Candidate:
    """The best candidate, or the second if only that is named.

    Provided that it is about as good, shares its best fact with the first, or has a name that
    nothing on the first mentions: who asks for the "Landeskonzept" wants no decision on another.
    If the first does not tell what is asked, how somebody voted, any other that is named.
    """
    first, *others = ranked
    if first.named:
        return first
    told = [statement.fact.text for statement in snapshot.statements(first.key)]
    silent = bool(untold(question, told))
    for other in others if silent else others[:1]:
        if other.named and not is_independent(snapshot.entries[other.key]):
            equal = other.best_fact == first.best_fact or first.score < margin * other.score
            name = naming_words(question, snapshot.entries[other.key], snapshot)
            unmentioned = any(snapshot.index.found(w, [first.key]) < MENTIONED for w in name)
            if silent or equal or unmentioned:
                return other
    return next((c for c in others if c.named and _names_it_all(question, c, snapshot)), first)


def _names_it_all(question: Question, candidate: Candidate, snapshot: Snapshot) -> bool:
    """Whether the name of a plan or measure is all that a question is about, in several words.

    "Die Fortschreibung des Landeskonzepts" is not the town's, though that waits for it.
    """
    entry = snapshot.entries[candidate.key]
    subject = set(question.subject)
    naming = naming_words(question, entry, snapshot)
    return len(subject) > 1 and not is_independent(entry) and subject <= naming


def _known_coverage(question: Question, best: Candidate, snapshot: Snapshot) -> float:
    """Coverage of the question apart from the words that nobody here has written.

    They may be typing mistakes; the answer says that they are not known.
    """
    masses = [(word, weight * snapshot.index.rarity(word)) for word, weight in question.words]
    known = sum(mass for word, mass in masses if word.surface not in question.unknown)
    total = sum(mass for _, mass in masses)
    return min(1.0, best.coverage * total / known) if known else 0.0


def _names_a_subject(question: Question, best: Candidate, snapshot: Snapshot) -> bool:
    """Whether known words say what is meant: "Erfurt" is not enough for a lotse there."""
    entry = snapshot.entries[best.key]
    if entry.kind is not Kind.TERM and not is_independent(entry):
        return True
    naming = naming_words(question, entry, snapshot)
    return any(
        weight > 0 and word not in naming and word.surface not in question.unknown
        for word, weight in question.words
    )


def _explained(
    question: Question, ranked: Sequence[Candidate], snapshot: Snapshot
) -> Candidate | None:
    """The term whose meaning in a paper is asked: "was heißt Abgleich in der DS 2170/24"."""
    if not question.numbers or question.aspects[:1] != (Aspect.SUMMARY,):
        return None
    named = (c for c in ranked[1:3] if c.named and snapshot.entries[c.key].kind is Kind.TERM)
    return next(named, None)


def _misses_the_point(question: Question, entry: Entry, basis: Basis) -> bool:
    """Whether a question only names a town or state, and asks for something else of it."""
    snapshot = basis.snapshot
    if not makes_plans(entry, snapshot):
        return False
    naming = naming_words(question, entry, snapshot)
    # Without capital letters any word may be a thing: "wetter", "verlässlich".
    least = 1.0 if has_capitals(question.read) else WORD_WEIGHT
    if not {word for word, weight in question.words if weight >= least} - naming:
        return False
    near = closeness(question, entry, snapshot)
    best = max((near.get(s.fact.id, 0.0) for s in snapshot.statements(entry.key)), default=0.0)
    return best < basis.thresholds.rest
