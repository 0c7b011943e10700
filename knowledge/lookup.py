"""Finding the entry that a command names: by its key, or by words as in a question."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.answers import MOST_SUGGESTIONS
from knowledge.confidence import Band, meant
from knowledge.entries import Entry
from knowledge.questions import understand
from knowledge.ranking import candidates
from knowledge.snapshot import Snapshot

LONGEST = 80
"""Letters that are read: no entry is named with more."""


@dataclass(frozen=True, slots=True)
class Found:
    """What words name.

    Attributes:
        entry: The entry that is surely meant, if one is.
        near: Entries that may be meant, best first, where none surely is.
    """

    entry: Entry | None = None
    near: tuple[Entry, ...] = ()


def find_entry(words: str, snapshot: Snapshot, *, home: str | None = None) -> Found:
    """Find the entry that words name.

    Args:
        words: A key in any case, a paper number, a title, an alias, or words of them.
        snapshot: Where to look.
        home: Key of the body whose entries are meant rather than others'.
    """
    words = words.strip()[:LONGEST]
    entry = snapshot.get(words.upper())
    if entry is not None or not words:
        return Found(entry)
    question = understand(words, snapshot)
    ranked = candidates(question, snapshot, home=home)
    band, chosen = meant(question, ranked, snapshot)
    if band is Band.ANSWER:
        return Found(snapshot.entries[chosen[0].key])
    if band is Band.SUGGEST:
        return Found(near=tuple(snapshot.entries[c.key] for c in ranked[:MOST_SUGGESTIONS]))
    return Found()
