"""Which words of a question are nouns: those name things, and things are what is asked about."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.german import Word, exists, is_compound
from knowledge.lexicon import LEXICON
from knowledge.search import Index

SHORTEST_END = 4
"""Letters of the shortest noun by whose end a longer word is known to be a noun, too."""


def noun_places(read: Sequence[Word], index: Index) -> frozenset[int]:
    """Where the nouns of a question stand; of words such as "wann" it says nothing.

    If it has capital letters, these tell, but for its first word. Otherwise it is how sources
    write a word, or its end.
    """
    cased = has_capitals(read)
    return frozenset(
        place
        for place, word in enumerate(read)
        if _is_noun(word, index, cased=cased and place > 0)
        or (place > 0 and _wants_a_noun(read[place - 1]) and is_compound(word.folded))
    )


def _wants_a_noun(before: Word) -> bool:
    """Whether what follows a word is a noun, or an adjective before it: "welche Haltestellen"."""
    return (
        before.stem in LEXICON.which_of_a_kind
        or before.folded in LEXICON.how_many | LEXICON.number_of
    )


def has_capitals(read: Sequence[Word]) -> bool:
    """Whether a question is written with capital letters, so that they tell its nouns."""
    return any(_is_capital(word) for word in read[1:])


def _is_noun(word: Word, index: Index, *, cased: bool) -> bool:
    if cased:
        return _is_capital(word)
    written = index.is_capitalised(word.folded)
    if written is not None:
        return written
    if word.folded.endswith(LEXICON.noun_endings) or _has_noun_at_end(word.folded, index):
        return True
    if exists(word.folded) and word.folded.endswith(LEXICON.other_endings):
        return is_compound(word.folded, links=("s",))
    return exists(word.folded) or is_compound(word.folded)


def _has_noun_at_end(folded: str, index: Index) -> bool:
    """Whether a longer word ends with one that sources write with a capital letter."""
    cuts = range(SHORTEST_END - 1, len(folded) - SHORTEST_END + 1)
    return any(index.is_capitalised(folded[cut:]) for cut in cuts)


def _is_capital(word: Word) -> bool:
    return word.surface[0].isupper()
