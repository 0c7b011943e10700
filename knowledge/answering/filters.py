"""What narrows a list: "offene Maßnahmen", "Maßnahmen ohne Termin", "nicht begonnen"."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from knowledge.answering.aspects import aspects_in
from knowledge.entries import Aspect, Phase
from knowledge.german import Word
from knowledge.lexicon import LEXICON, any_stands_in, places_of

FILTERS = frozenset(
    stem
    for phrases in (
        LEXICON.phases,
        LEXICON.not_done,
        LEXICON.not_begun,
        LEXICON.overdue,
        LEXICON.upcoming,
        LEXICON.events,
    )
    for phrase in phrases
    for stem in phrase
)
"""Stems of the words that narrow a list to a phase, or say no more than that something is on."""

_ATTRIBUTES = frozenset(
    phrase[0]
    for phrases in (LEXICON.phases, LEXICON.not_done, LEXICON.overdue)
    for phrase in phrases
    if len(phrase) == 1
)
"""Stems of the single words that narrow a list, and may stand before what it is of."""

_LACKED = frozenset({Aspect.RESPONSIBLE, Aspect.DUE, Aspect.COST, Aspect.REASON, Aspect.SOURCE})
"""What an entry can be asked for that has no statement on it."""


def is_listed(read: Sequence[Word], place: int) -> bool:
    """Whether a list of what a kind word names is asked for: "welche Maßnahmen", "welcher Plan".

    Or "offene Maßnahmen", "Maßnahmen ohne Termin". "Welche Ziele hat der Plan?" asks for no list
    of plans.
    """
    if place and read[place - 1].stem in LEXICON.which_of_a_kind:
        return True
    if read[place].folded not in LEXICON.plurals:
        return False
    # "Bei einem laufenden Vorhaben" is about any one of them.
    alone = place == 1 or (place > 1 and read[place - 2].folded in LEXICON.articles)
    narrowed = alone and read[place - 1].stem in _ATTRIBUTES
    return narrowed or lacking_in(read) is not None or any(w.stem in LEXICON.listing for w in read)


def lacking_in(read: Sequence[Word]) -> Aspect | None:
    """What a word that denies stands before: "ohne Termin", "keine Verantwortlichen"."""
    for word, after in pairwise(read):
        if word.stem in LEXICON.denying:
            aspects, _ = aspects_in([after.stem])
            if aspects and aspects[0] in _LACKED:
                return aspects[0]
    return None


def phases_in(stems: Sequence[str]) -> frozenset[Phase]:
    """The phases that words name; "nicht begonnen" is not "begonnen" as well."""
    if any_stands_in(LEXICON.not_done, stems):
        return frozenset(Phase) - {Phase.DONE, Phase.DROPPED}
    if any_stands_in(LEXICON.not_begun, stems):
        return frozenset({Phase.PLANNED, Phase.IN_PREPARATION, Phase.POSTPONED, Phase.UNKNOWN})
    named: set[Phase] = set()
    taken: set[int] = set()
    for phrase in sorted(LEXICON.phases, key=len, reverse=True):
        for start in places_of(phrase, stems):
            span = set(range(start, start + len(phrase)))
            if taken.isdisjoint(span):
                taken |= span
                named.add(LEXICON.phases[phrase])
    return frozenset(named)
