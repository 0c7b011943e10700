"""Keys for new entries: telling, and not taken."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain, count

from knowledge.entries import LONGEST_KEY
from knowledge.german import fold, stem
from knowledge.lexicon import LEXICON
from knowledge.snapshot import Snapshot

NUMBER_ROOM = 4
"""Letters of a key that are kept free to number entries of the same name: "-999"."""


def propose_key(title: str, snapshot: Snapshot, *, parent: str | None = None) -> str:
    """A short key for a new entry that no entry has or had: the parent's prefix, then words.

    Args:
        title: The new entry's title.
        snapshot: The knowledge base.
        parent: Key of the entry that it will belong to.
    """
    named = [word for word in _letters(title) if stem(word.lower()) not in LEXICON.function]
    wanted = [*_prefix(parent, snapshot), *(named or _letters(title))]
    room = LONGEST_KEY - NUMBER_ROOM
    short = wanted[0] if wanted else "E"
    for word in wanted[1:]:
        if len(short) + 1 + len(word) > room and short != wanted[0]:
            break
        short = f"{short}-{word}"
    short = short[:room].rstrip("-")
    numbered = (f"{short}-{number}" for number in count(2))
    return next(
        key
        for key in chain([short], numbered)
        if key not in snapshot.entries and key not in snapshot.withdrawn
    )


def _letters(text: str) -> list[str]:
    return re.findall("[A-Z0-9]+", fold(text).upper())


def _prefix(parent: str | None, snapshot: Snapshot) -> list[str]:
    """What keys below an entry begin with: "EF" below ERFURT, because its other entries do."""
    if parent is None:
        return []
    first, _, more = parent.partition("-")
    siblings = Counter(entry.key.partition("-")[0] for entry in snapshot.children(parent))
    return [first if more or not siblings else siblings.most_common(1)[0][0]]
