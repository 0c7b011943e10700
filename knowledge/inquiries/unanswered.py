"""Which questions that stay unanswered editors should see."""

from __future__ import annotations

import re

LONGEST_LISTED = 300
"""Letters of a question that is worth a look: nobody asks longer, but some paste a whole text."""

_WORD = re.compile(r"[^\W\d_]{2,}")


def is_legible(text: str) -> bool:
    """Whether a text may be a question: it has a word, and is no whole text.

    >>> [is_legible(text) for text in ("Wer heizt?", "x", "???", "👍", "12", "lorem " * 100)]
    [True, False, False, False, False, False]
    """
    return len(text) <= LONGEST_LISTED and _WORD.search(text) is not None
