"""Reading what was typed as it was meant: compounds in two words, and typing mistakes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from itertools import islice

from rapidfuzz.distance import OSA

from knowledge.entries import Aspect
from knowledge.german import Word, exists, stem
from knowledge.lexicon import LEXICON, cues_in
from knowledge.search import Index
from knowledge.search.index import Correction

SHORTEST_COMPOUND, LONG_COMPOUND = 7, 16
"""Letters of the shortest compound that is put together from two words, and from which on it may
have two typing mistakes."""

MOST_STRANGE = 12
"""How many words of a question that are none may be halves of mistyped ones, the first first."""

_BEHIND_NAMES = frozenset({Aspect.STATUS, Aspect.DUE, Aspect.COST})
"""What a word behind a name may ask for by itself: "abgleich stand"."""


def as_meant(typed: Sequence[Word], index: Index) -> tuple[list[Word], list[Correction]]:
    """The words that somebody typed, joined and corrected, and which were read as others."""
    # Of most towns nothing is written here, and dictionaries lack many.
    correct = partial(index.correct, kept=LEXICON.towns)
    read, corrections = correct(joined(typed, index))
    if corrections:  # compounds in two words may not have been known, mistyped as they were
        read, further = correct(joined(read, index))
        corrections += further
    return read, corrections


def joined(read: Sequence[Word], index: Index) -> list[Word]:
    """Read compounds that were written in two words as one: "maßnahmen plan".

    Only where the whole is a known word, or nearly one and a part of it is none, or where it is
    an everyday word and its first part is none.
    """
    strange = frozenset(islice(filter(index.is_strange, read), MOST_STRANGE))
    result: list[Word] = []
    ahead = list(reversed(read))
    while ahead:
        first = ahead.pop()
        whole = _compound(first, ahead[-1], index, strange) if ahead else None
        if whole is not None:
            ahead.pop()
        result.append(whole or first)
    return result


def _compound(first: Word, second: Word, index: Index, strange: Collection[Word]) -> Word | None:
    if not {first.stem, second.stem}.isdisjoint(LEXICON.function):
        return None
    if index.knows(first) and _asks_by_itself(second):
        return None
    for link in ("", "s"):
        folded = f"{first.folded}{link}{second.folded}"
        if len(folded) < SHORTEST_COMPOUND or not folded.isalpha():
            return None
        whole = Word(f"{first.surface} {second.surface}", folded, stem(folded))
        broken = first in strange or second in strange
        halved = exists(folded) and not exists(first.folded)  # "oeffnungs zeiten"
        if (
            index.knows(whole)
            or halved
            or _begins_compound(first, second)
            or (broken and _is_nearly_known(whole, index))
        ):
            return whole
    return None


def _asks_by_itself(word: Word) -> bool:
    """Whether a word behind a name asks something, though it ends compounds, too.

    "abgleich stand" asks how far the comparison is; "einzel mitglieder" asks for people as well.
    """
    aspects = {cue.aspect for cue in cues_in([word.stem]) if cue.phrase == (word.stem,)}
    return bool(aspects) and aspects <= _BEHIND_NAMES


def _begins_compound(first: Word, second: Word) -> bool:
    """Whether a word is none by itself, but a verb's stem before a noun: "bezahl karte".

    A capital letter shows that the first is a noun, and where the second has none, that it is no
    noun: "Welcher Parti gehört".
    """
    cased = first.surface[0].isupper() and not second.surface[0].isupper()
    begins = not exists(first.folded) and any(exists(first.folded + end) for end in ("en", "n"))
    return begins and not cased and exists(second.folded)


def _is_nearly_known(word: Word, index: Index) -> bool:
    """Whether an edit or two lead to a known word: more would join what is not one."""
    (read,), corrections = index.correct([word])
    most = 1 if len(word.folded) < LONG_COMPOUND else 2
    return bool(corrections) and OSA.distance(word.folded, read.folded) <= most
