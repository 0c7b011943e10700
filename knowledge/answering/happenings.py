"""What a question takes for granted: that something happened in a year, or how it ended.

It may be wrong: "das 2019 beschlossene Konzept", "warum wurde das abgebrochen".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge.answering.periods import years_named
from knowledge.entries import Aspect, Entry, Fact, Kind, Phase
from knowledge.german import Word, words
from knowledge.lexicon import LEXICON, stands_in
from knowledge.partial_date import PartialDate
from knowledge.snapshot import Snapshot, Statement

MOST_BETWEEN = 4
"""Words between a year and what happened then: "2019 vom Erfurter Stadtrat beschlossen"."""

_YEAR = re.compile(r"(?:19|20)\d\d(?:-\d\d-\d\d)?")
_DECIDED = "decided"
_PLANS = tuple(stem for stem, kind in LEXICON.kinds.items() if kind is Kind.PLAN)


@dataclass(frozen=True, slots=True)
class Happening:
    """What a question takes for granted.

    Attributes:
        name: What happened, by its name in the lexicon.
        year: When.
        written: The word that says when.
    """

    name: str
    year: PartialDate
    written: Word


def happening(read: Sequence[Word]) -> Happening | None:
    """What the words of a question say happened in a year, if they do."""
    for place, word in enumerate(read):
        is_bound = place > 0 and read[place - 1].folded in LEXICON.bounding
        if is_bound or not _YEAR.fullmatch(word.folded):
            continue
        ahead = read[place + 1 : place + MOST_BETWEEN + 2]
        name = next(filter(None, map(_what_happened, ahead)), None) or _before(read[:place])
        if name:
            return Happening(name, PartialDate(int(word.folded[:4])), word)
    return None


def _what_happened(word: Word) -> str | None:
    happened = LEXICON.happenings.items()
    return next((name for name, sign in happened if (word.folded,) in sign.phrases), None)


def _before(read: Sequence[Word]) -> str | None:
    """What happened by the word before a year: "Beschluss vom", "gegründet im Jahr", "von"."""
    names_nothing = {"jahr", *LEXICON.dating}
    for place in reversed(range(len(read))):
        word = read[place]
        if word.folded in names_nothing or word.stem in LEXICON.function:
            continue
        dated = any(after.folded in LEXICON.dating for after in read[place + 1 :])
        is_plan = dated and word.stem.endswith(_PLANS)
        return _DECIDED if is_plan else _what_happened(word)
    return None


def told_otherwise(
    claimed: Happening | None, entry: Entry, snapshot: Snapshot
) -> Statement | None:
    """The statement that something happened to an entry in other years than is claimed.

    None if a name or a statement has the year that is claimed, or none has any.
    """
    if claimed is None or _is_so(claimed, entry, snapshot):
        return None
    dated = [statement for statement, years in _dated(claimed, entry, snapshot) if years]
    of_dates = (statement for statement in dated if statement.aspect is Aspect.DUE)
    return next(of_dates, next(iter(dated), None))


def of_that_year(claimed: Happening, entry: Entry, snapshot: Snapshot) -> Entry:
    """Of the entries beside one, that which is named after the year; or the entry itself."""
    if entry.parent is None or _is_so(claimed, entry, snapshot):
        return entry
    alike = (other for other in snapshot.children(entry.parent) if other.kind is entry.kind)
    return next((other for other in alike if _is_named_after(claimed.year, other)), entry)


def _is_so(claimed: Happening, entry: Entry, snapshot: Snapshot) -> bool:
    told = (years for _, years in _dated(claimed, entry, snapshot))
    return _is_named_after(claimed.year, entry) or any(claimed.year in years for years in told)


def _is_named_after(year: PartialDate, entry: Entry) -> bool:
    return any(year in years_named(name) for name in (entry.title, *entry.aliases))


def _dated(
    claimed: Happening, entry: Entry, snapshot: Snapshot
) -> Iterator[tuple[Statement, list[PartialDate]]]:
    """What tells that it happened to an entry, with the years that are named, or when it did."""
    evidence = LEXICON.happenings[claimed.name].evidence
    for statement in snapshot.statements(entry.key):
        fact = statement.fact
        # A reason tells what happened to something else.
        if fact.known and statement.aspect is not Aspect.REASON and evidence.search(fact.text):
            happened = [PartialDate(fact.occurred.year)] if fact.occurred else []
            yield statement, [*years_named(fact.text), *happened]


def tells_how_it_ended(fact: Fact, ended: Phase) -> bool:
    """Whether a fact states that a thing ended in some way, by its phase or in words."""
    if fact.phase is ended:
        return True
    phrases = (phrase for phrase, phase in LEXICON.premises.items() if phase is ended)
    stems = [word.stem for word in words(fact.text)]
    return any(stands_in(phrase, stems) for phrase in phrases)
