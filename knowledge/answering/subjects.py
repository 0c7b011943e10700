"""What a question names, and whether anything that is known about an entry speaks of it.

An entry may be found by its name although the question is for something else about it: "Wie
viele Parkplätze hat die Ausländerbehörde?". Verbs and adverbs are often put otherwise in the
sources than in the question; things and places hardly ever are. So only nouns count here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from operator import itemgetter

from knowledge.answering.counts import counted
from knowledge.answering.questions import WORD_WEIGHT, Question
from knowledge.entries import Entry
from knowledge.german import Word, compound_head, stem, words
from knowledge.lexicon import LEXICON, Sign, places_of
from knowledge.search import Index
from knowledge.snapshot import Snapshot

SPOKEN_OF_AT = 0.3
"""How well a word must be found in the texts on an entry: a part of it, or most of its letters."""

WHOLE_AT = 0.5
"""How well at least a word is found that is there as a whole, or a form of it."""


def unsaid(question: Question, keys: Collection[str], snapshot: Snapshot) -> tuple[str, ...]:
    """The nouns of a question that no text on some entries has, as they were written."""
    chain = (step.entry.key for key in keys for step in snapshot.dependencies(key))
    told = [*keys, *chain]
    return tuple(
        word.surface
        for word in nouns(question)
        if word.surface not in question.unknown and not _is_spoken_of(word, told, snapshot.index)
    )


def _is_spoken_of(noun: Word, keys: Collection[str], index: Index) -> bool:
    """Whether texts have a noun, or a part of it that may stand for it.

    A "Hausnummer" is no house, but a number: the last part must be among those found.
    """
    found = index.found(noun, keys)
    head = compound_head(noun.folded) if SPOKEN_OF_AT <= found < WHOLE_AT else None
    return found >= SPOKEN_OF_AT and (
        head is None or index.found(Word(head, head, stem(head)), keys) >= SPOKEN_OF_AT
    )


def untold(question: Question, texts: Collection[str]) -> tuple[str, ...]:
    """Words of a question for what none of some texts shows a sign of, as they were written."""
    return tuple(
        written for written, sign in _signs(question) if not any(map(sign.evidence.search, texts))
    )


def asks_for_a_sign(question: Question) -> bool:
    """Whether `untold` tells if a question is answered: "wer stimmte", "wer unterschrieb"."""
    return bool(_signs(question))


def _signs(question: Question) -> list[tuple[str, Sign]]:
    """What a question has that needs a sign, as it was written, and that sign.

    Of several phrases for one sign the first that the lexicon has: "wer stimmte dagegen".
    """
    read = question.read
    forms = [word.folded for word in read]
    found = []
    for sign in LEXICON.signs:
        if sign.beside and sign.beside.isdisjoint(forms):
            continue
        places = ((start, p) for p in sign.phrases for start in places_of(p, forms))
        # "Warum dauert es so lange" asks for no span of time.
        asked = ((i, phrase) for i, phrase in places if forms[i - 1 : i] != ["so"])
        for start, phrase in islice(asked, 1):
            written = " ".join(word.surface for word in read[start : start + len(phrase)])
            found.append((start, written, sign))
    return [(written, sign) for _, written, sign in sorted(found, key=itemgetter(0))]


def narrowing(
    question: Question, entry: Entry, snapshot: Snapshot, *, beside: Iterable[str] = ()
) -> Iterator[Word]:
    """The nouns of a question that name neither an entry, what it belongs to, nor one beside it.

    "Wie viele Leute waren in Suhl bei der Regionalkonferenz?": a number for all of its places is
    none for Suhl. Of several questions in a sentence only the one that counts is looked at.
    """
    index = snapshot.fact_index
    thing = counted(question)
    clauses = [{word for word, _ in clause.words} for clause in question.clauses]
    counting = next((clause for clause in clauses if thing in clause), None)
    names = [
        word
        for named in (entry, *snapshot.ancestors(entry.key), *map(snapshot.entries.get, beside))
        if named
        for text in (named.title, *named.aliases)
        for word in words(text)
    ]
    for noun in nouns(question):
        if counting is not None and noun not in counting:
            continue
        is_name = any(index.is_kind_of(w, noun) or index.is_kind_of(noun, w) for w in names)
        if not is_name and noun.surface not in question.unknown:
            yield noun


def nouns(question: Question) -> Iterator[Word]:
    """The words that name things, towns and people; not those that stand for an aspect or kind."""
    thing = counted(question)
    for word, weight in question.words:
        heavy = weight >= WORD_WEIGHT or word == thing
        if heavy and word.folded.isalpha() and word.stem not in LEXICON.generic:
            sure = word.folded in LEXICON.towns or word.stem in LEXICON.weeks
            if sure or word in question.nouns:
                yield word
