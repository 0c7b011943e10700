"""Questions that put two things side by side: "Unterschied zwischen A und B", "A oder B"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from knowledge.answering.periods import years_named
from knowledge.answering.questions import WORD_WEIGHT, Question
from knowledge.answering.towns import is_independent, town_of
from knowledge.entries import Aspect
from knowledge.german import Word
from knowledge.lexicon import LEXICON
from knowledge.search import Index
from knowledge.snapshot import Snapshot


def conjoined(question: Question, index: Index) -> list[tuple[str, ...]]:
    """Names of different entries in one question: "A und B", "wie viele hat A, wie viele B".

    Of two towns, that they stand side by side is enough: "konzepte leipzig potsdam".
    """
    read = question.read
    spans = index.named(read)
    joined: list[tuple[str, ...]] = []
    for (first, keys), (second, others) in pairwise(spans):
        between = {word.stem for word in read[first.stop : second.start]}
        towns = not between and all(map(town_of, read[first.stop - 1 : second.start + 1]))
        is_joined = towns or between & LEXICON.between_names
        if is_joined and set(keys).isdisjoint(others):
            joined += [keys] if not joined else []
            joined.append(others)
    return joined


def sides(question: Question, snapshot: Snapshot) -> tuple[Question, Question] | None:
    """One question for each of the two things that are compared.

    A side that only has a number ("das Konzept von 2006 und das von 2018") or the name of a
    town ("Erfurt und Jena bei ECCAR") takes the subject from the other side.

    Returns:
        None if the question does not compare, or does not name two things.
    """
    if not question.comparing:
        return None
    question = replace(question, happening=None, words=_without_comparing(question.words))
    if any(word.folded in LEXICON.more_or_less for word in question.read):
        question = replace(question, aspects=(Aspect.COUNT,))
    halves = _halves(question)
    if halves is None:
        return None
    left, right = halves
    first = replace(question, words=_complete(left, right, snapshot, own_first=True))
    second = replace(question, words=_complete(right, left, snapshot, own_first=False))
    texts = _written(left), _written(right)
    if not all(map(years_named, texts)):
        return first, second
    # "2006 und 2018": each side is asked for in its own time.
    return _of_its_time(first, texts[0]), _of_its_time(second, texts[1])


_Words = Sequence[tuple[Word, float]]


def _without_comparing(read: _Words) -> tuple[tuple[Word, float], ...]:
    """Words, of which "Vergleich" and the like name nothing: an "Abgleich" is not meant."""
    return tuple((w, 0.0 if w.stem in LEXICON.comparison else weight) for w, weight in read)


def _halves(question: Question) -> tuple[_Words, _Words] | None:
    """What stands before and behind the surest word between two things, if both name anything."""
    for between in LEXICON.between_sides:
        for place, word in enumerate(question.read):
            left, right = question.words[:place], question.words[place + 1 :]
            if word.folded == between and _weighs(left) and _weighs(right):
                return left, right
    return None


def _written(half: _Words) -> str:
    return " ".join(word.surface for word, _ in half)


def _of_its_time(side: Question, written: str) -> Question:
    """A side whose text has no time but its own; as the words were read, nothing is corrected."""
    return replace(side, text=written, corrections=())


def _weighs(half: _Words) -> bool:
    """Whether a half names anything: a thing, a number, or a cue such as "erste"."""
    return any(weight > 0 for _, weight in half)


def _complete(
    own: _Words, other: _Words, snapshot: Snapshot, *, own_first: bool
) -> tuple[tuple[Word, float], ...]:
    """The words of one side, with the subject of the other where this one has none."""
    town = _town(own, snapshot, last=own_first)
    if any(w >= WORD_WEIGHT and word.folded.isalpha() and word not in town for word, w in own):
        return tuple(own)
    other_town = _town(other, snapshot, last=not own_first) if town else set()
    return (
        *own,
        *(
            (word, weight)
            for word, weight in other
            if weight > 0
            and word.folded.isalpha()
            and word not in other_town
            and word.stem not in LEXICON.places
        ),
    )


def _town(half: _Words, snapshot: Snapshot, *, last: bool) -> set[Word]:
    """The words of the last or first name in a half of a town or other independent body.

    That is the one next to the "und".
    """
    read = [word for word, _ in half]
    spans = [
        span
        for span, keys in snapshot.index.named(read)
        if any(is_independent(snapshot.entries[key]) for key in keys)
    ]
    return {read[position] for position in spans[-1 if last else 0]} if spans else set()
