"""What a question counts, and whether a text says how many of it there are.

A text about the thing mostly has some number in it: that of its fields, a day, a paragraph. It
answers only if the number stands beside what is counted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

from knowledge.answering.questions import Question
from knowledge.answering.towns import town_of
from knowledge.entries import Aspect, Fact
from knowledge.german import Word, stem, words
from knowledge.lexicon import LEXICON
from knowledge.search import Index

BEFORE, AFTER = 4, 2
"""Within how many words before a thing, and after it, its number stands: "sechs von Fraktionen
benannte Mitglieder", "Anträge: 677"."""

MOST_BETWEEN = 2
"""Words that may stand between "wie viele" and the thing: "der angeschriebenen Personen"."""

SHORTEST_NOUN = 5
"""Letters of the shortest noun that may end a longer one: "Gespräche" for "Dolmetschgespräche"."""

_LISTED = re.compile(r"[:(](?:\(\w+\)|[^.)])*[,;]")
"""A list in a text: "drei Motive: A, B, C", "zwei Punkte: (1) A; (2) B"."""

_NUMBER_OF = re.compile(r"\b(?:Zahl|Anzahl) (?:der|von) ((?:[\w-]+ ?){1,2})")

_PLURAL = re.compile(r"e[nr]?$")

PERSONS = Word("Personen", "personen", stem("personen"))
"""What is counted where the question has no word for it: "Wie viele kamen zur Konferenz?"."""


def counted(question: Question) -> Word | None:
    """What a question counts: "wie viele Mitarbeitende", or people: "wie viele kamen"."""
    if Aspect.COUNT not in question.aspects or question.amount:
        return None
    read = question.read
    for place, word in enumerate(read):
        before, following = read[:place], read[place + 1 :]
        if word.folded in LEXICON.number_of:
            return _thing(following, question) or _put_first(before, question)
        if word.folded in LEXICON.how_many | LEXICON.how_much and not following:
            return _put_first(before, question)
        if word.folded in LEXICON.how_many:
            return _thing(following, question)
        if word.folded in LEXICON.how_much:
            return following[0] if following[0] in question.nouns else None
    return None


def _put_first(before: Sequence[Word], question: Question) -> Word | None:
    """What is counted by the words before "wie viele": "Handlungsfelder Jena wie viele"."""
    plurals = (
        word
        for word in reversed(before)
        if word in question.nouns and town_of(word) is None and _PLURAL.search(word.folded)
    )
    return next(plurals, None)


def _thing(following: Sequence[Word], question: Question) -> Word | None:
    """What is counted by the words after "wie viele"."""
    if following and following[0].folded in LEXICON.coming:
        return PERSONS
    ahead = following[: MOST_BETWEEN + 1]
    for word, after in zip_longest(ahead, ahead[1:]):
        names_nothing = word.stem in LEXICON.function and word.stem not in LEXICON.weeks
        if word in question.nouns and not names_nothing:
            is_counted = after in question.nouns and town_of(after) is None
            # "Potsdamer Maßnahmen", but "Handlungsfelder Potsdam"
            return after if word.folded.endswith("er") and is_counted else word
    return None


def enumerated(question: Question) -> Word | None:
    """What a question wants named one by one: "welche Motive", "wie heißen die Felder"."""
    read = question.read
    for place, word in enumerate(read[:-1]):
        if word.folded in LEXICON.naming:
            ahead = read[place + 1 : place + MOST_BETWEEN + 2]
            return next((noun for noun in ahead if noun in question.nouns), None)
    return None


def only_counts(fact: Fact, thing: Word, index: Index) -> bool:
    """Whether a number stands before a thing in what a fact says, and no list or name behind it.

    "Feld 2" is the name of one.
    """
    told = words(fact.text)
    places = [i for i, word in enumerate(told) if _is_kind_of(word, thing, index)]
    if _LISTED.search(fact.text) or any(
        w.folded.isdigit() for i in places for w in told[i + 1 : i + 2]
    ):
        return False
    number = LEXICON.evidence[Aspect.COUNT]
    before = (" ".join(w.surface for w in told[max(0, i - BEFORE) : i]) for i in places)
    return any(map(number.search, before))


def tells_how_many(fact: Fact, thing: Word, index: Index) -> bool:
    """Whether a number stands beside a thing in what a fact says."""
    told = words(fact.text)
    number = LEXICON.evidence[Aspect.COUNT]
    return _counts_at_length(fact.text, thing, index) or any(
        number.search(
            " ".join(w.surface for w in told[max(0, i - BEFORE) : i + _after(word, thing) + 1])
        )
        for i, word in enumerate(told)
        if _is_kind_of(word, thing, index)
    )


def _counts_at_length(text: str, thing: Word, index: Index) -> bool:
    """Whether a text is about the number of a thing: "Die Zahl der Mitglieder schwankt: 104"."""
    number = LEXICON.evidence[Aspect.COUNT]
    return any(
        index.is_kind_of(word, thing)
        for found in _NUMBER_OF.finditer(text)
        if number.search(text, found.end())
        for word in words(found[1])
    )


def _after(word: Word, thing: Word) -> int:
    """Within how many words after a word its number may stand.

    One after a singular is the name of one of them: "Handlungslinie 59".
    """
    is_singular = word.folded != thing.folded and thing.folded.startswith(word.folded)
    return 0 if is_singular else AFTER


def _is_kind_of(word: Word, thing: Word, index: Index) -> bool:
    """Whether a word is one for a thing: "Gründungsmitglieder" for "Mitglieder"."""
    kind = LEXICON.kinds.get(thing.stem)
    return (
        index.is_kind_of(word, thing)
        or (len(word.folded) >= SHORTEST_NOUN and thing.folded.endswith(word.folded))
        or (kind is not None and LEXICON.kinds.get(word.stem) is kind)
        or (thing.folded in LEXICON.people and word.folded.endswith(LEXICON.people))
        or _sort_of_people(word) == _sort_of_people(thing)
        or (thing.folded.endswith("stimmen") and word.folded in LEXICON.votes)
    )


def _sort_of_people(word: Word) -> str:
    """What stands before a word for people in a compound: "einzel" in "Einzelmitglieder"."""
    ending = next((people for people in LEXICON.people if word.folded.endswith(people)), "")
    return word.folded.removesuffix(ending)
