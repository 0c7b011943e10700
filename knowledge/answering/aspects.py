"""Which aspects a question asks for, as far as words show it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from knowledge.entries import Aspect
from knowledge.german import Word
from knowledge.lexicon import LEXICON, WEAK, cues_in, places_of

FURTHER_WORD = 0.5
"""What each further word of a cue adds to its weight, as a share: "bis wann" says more than
"wann", but not twice as much."""

ASKED_AT = 2 * WEAK
"""Weight of the cues for an aspect from which it is asked at all: a strong one, or two weak ones.
"Ist" alone asks for nothing."""

ASPECT_SHARE = 0.75
"""A second aspect counts as asked from this share of the first one's weight on."""

PRECEDENCE = (
    Aspect.COST,
    Aspect.REASON,
    Aspect.COUNT,
    Aspect.RESPONSIBLE,
    Aspect.DUE,
    Aspect.RESULT,
    Aspect.PARTICIPANTS,
    Aspect.SOURCE,
    Aspect.HISTORY,
    Aspect.CONTENT,
    Aspect.SUMMARY,
    Aspect.STATUS,
)
"""Who wins among equal cues: the specific before the general."""


def aspects_in(stems: Sequence[str]) -> tuple[tuple[Aspect, ...], frozenset[int]]:
    """Aspects by the weight of their cues, and where cues stand. Longer phrases go first."""
    totals: dict[Aspect, float] = defaultdict(float)
    positions: set[int] = set()
    taken: dict[Aspect, set[int]] = defaultdict(set)
    for cue in cues_in(stems):
        for start in places_of(cue.phrase, stems):
            span = set(range(start, start + len(cue.phrase)))
            if span & taken[cue.aspect]:
                continue
            taken[cue.aspect] |= span
            positions |= span
            totals[cue.aspect] += cue.weight * (1 + FURTHER_WORD * (len(cue.phrase) - 1))
    best = max(totals.values(), default=0.0)
    if best < ASKED_AT:
        return (), frozenset(positions)
    asked = [a for a in PRECEDENCE if totals.get(a, 0.0) >= ASPECT_SHARE * best]
    asked.sort(key=lambda aspect: -totals[aspect])
    if not LEXICON.why.isdisjoint(stems):  # "warum hat es noch nicht begonnen" asks for no state
        others = (a for a in asked if a not in {Aspect.REASON, Aspect.STATUS})
        asked = [Aspect.REASON, *others]
    return tuple(asked), frozenset(positions)


def asks_something(read: Iterable[Word]) -> bool:
    """Whether words show any aspect."""
    return bool(aspects_in([word.stem for word in read])[0])
