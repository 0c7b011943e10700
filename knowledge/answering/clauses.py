"""Several questions in one sentence: "wann beschlossen und wie viele Seiten", "wer macht was"."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from knowledge.german import Word
from knowledge.lexicon import LEXICON


def clauses(read: Sequence[Word]) -> list[range]:
    """Where the questions of a sentence stand; nothing if it is a single one.

    Each begins with a word such as "wann", or the preposition before it. What stands before the
    first belongs to it.
    """
    starts = [
        place - (place > 0 and read[place - 1].folded in LEXICON.leading_in)
        for place, word in enumerate(read)
        if word.folded in LEXICON.asking
    ]
    if len(starts) < 2:
        return []
    return [range(first, last) for first, last in pairwise([0, *starts[1:], len(read)])]
