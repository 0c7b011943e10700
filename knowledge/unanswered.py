"""What stays unanswered: answers that lack something, and questions that editors should see."""

from __future__ import annotations

import re

from knowledge.answers import Answer

LONGEST_LISTED = 300
"""Letters of a question that is worth a look: nobody asks longer, but some paste a whole text."""

_WORD = re.compile(r"[^\W\d_]{2,}")


def lacks_something(found: Answer) -> bool:
    """Whether an answer says that something which was asked is told by no source."""
    return any(
        section.missing or section.unsaid or section.uncounted for section in found.sections
    )


def is_legible(text: str) -> bool:
    """Whether a text may be a question: it has a word, and is no whole text.

    >>> [is_legible(text) for text in ("Wer heizt?", "x", "???", "👍", "12", "lorem " * 100)]
    [True, False, False, False, False, False]
    """
    return len(text) <= LONGEST_LISTED and _WORD.search(text) is not None
