"""What a question counts, and whether a text says how many of it there are.

A text about the thing mostly has some number in it: that of its fields, a day, a paragraph. It
answers only if the number stands beside what is counted.
"""

from __future__ import annotations

from knowledge.entries import Aspect, Fact
from knowledge.german import Word, words
from knowledge.lexicon import LEXICON
from knowledge.questions import Question
from knowledge.search import Index

BEFORE, AFTER = 4, 2
"""Within how many words before a thing, and after it, its number stands: "sechs von Fraktionen
benannte Mitglieder", "Anträge: 677"."""

MOST_BETWEEN = 2
"""Words that may stand between "wie viele" and the thing: "der angeschriebenen Personen"."""


def counted(question: Question) -> int | None:
    """Where in a question the word for what is counted stands: "wie viele Mitarbeitende"."""
    if Aspect.COUNT not in question.aspects:
        return None
    read = [word for word, _ in question.words]
    first = next((i + 1 for i, word in enumerate(read) if word.folded in LEXICON.many), len(read))
    ahead = range(first, min(len(read), first + MOST_BETWEEN + 1))
    place = next((i for i in ahead if _is_thing(read[i], question)), None)
    if place is None:
        return None
    following = place + 1
    if (
        read[place].folded.endswith("er")
        and following in ahead
        and read[following] in question.nouns
    ):
        return following  # "Potsdamer Maßnahmen"
    return place


def _is_thing(word: Word, question: Question) -> bool:
    return word in question.nouns and word.stem not in LEXICON.function


def tells_how_many(fact: Fact, thing: Word, index: Index) -> bool:
    """Whether a number stands beside a thing in what a fact says."""
    told = words(fact.text)
    number = LEXICON.evidence[Aspect.COUNT]
    return any(
        number.search(" ".join(w.surface for w in told[max(0, i - BEFORE) : i + AFTER + 1]))
        for i, word in enumerate(told)
        if _is_kind_of(word, thing, index)
    )


def _is_kind_of(word: Word, thing: Word, index: Index) -> bool:
    """Whether a word is one for a thing: "Gründungsmitglieder" for "Mitglieder"."""
    kind = LEXICON.kinds.get(thing.stem)
    return (
        index.is_kind_of(word, thing)
        or (kind is not None and LEXICON.kinds.get(word.stem) is kind)
        or (thing.folded in LEXICON.people and word.folded.endswith(LEXICON.people))
    )
