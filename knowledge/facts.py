"""How the facts of an entry follow one another: what a new one replaces, and which holds now.

An entry shows what holds now; what held before stands in the revisions:

- A new status, date or responsibility takes the place of the entry's former ones, unless they are
  surely from a later time than its own source.
- What other sources say stays: facts that state no phase, no date and no responsibility are only
  taken away on demand.
- A fact that is about other entries, too, stays for their sake, but states nothing any more.
- "Not known" goes as soon as something is known, also where it was said of others, too: of them
  nothing is told then, which says the same.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Container

from knowledge.entries import Aspect, Entry, Fact
from knowledge.partial_date import PartialDate

ID_LETTERS = 10
"""Letters of a fact's id after its prefix, 50 bits: no two of a million are likely to agree, and
those that do are told apart."""


def superseded(entry: Entry, new: Fact) -> tuple[str, ...]:
    """Ids of an entry's facts that no longer hold once a new one does.

    Facts of the same aspect that state a phase, a date, who is responsible, or that something is
    not known; those that are surely from a later time than the new one are left alone.
    """
    return tuple(
        fact.id
        for fact in entry.facts
        if fact.aspect is new.aspect and states(fact) and not is_later(fact, new)
    )


def fact_id(
    entry: str, aspect: Aspect, text: str, as_of: PartialDate | None, taken: Container[str]
) -> str:
    """A stable id for a new fact that no other fact has.

    It is made of what the fact says, not counted, so that two editors at work at once do not
    take the same, and removing a fact does not give its id to another.

    >>> fact_id("EF-7", Aspect.STATUS, "Der Abgleich läuft.", None, taken=())
    'F-WHJVI7DKHX'
    """
    attempt = 0
    while True:
        said = f"{entry}\n{aspect}\n{text}\n{as_of or ''}\n{attempt}"
        digest = hashlib.sha256(said.encode()).digest()
        found = f"F-{base64.b32encode(digest).decode()[:ID_LETTERS]}"
        if found not in taken:
            return found
        attempt += 1


def with_fact(entry: Entry, fact: Fact, replaced: Collection[str]) -> Entry:
    """Put a fact before the others of its aspect, and take away those that it replaces.

    One that says the same already stays what it is, also for others that it is about.
    """
    for own in entry.facts:
        if revised_fact(own, id=fact.id, also=fact.also, keywords=fact.keywords) == fact:
            others = [name for name in replaced if name != own.id]
            return revised(entry, facts=tuple(remaining(entry, others)))
    kept = remaining(entry, replaced)
    alike = (place for place, own in enumerate(kept) if own.aspect is fact.aspect)
    kept.insert(next(alike, len(kept)), fact)
    return revised(entry, facts=tuple(kept))


def remaining(entry: Entry, replaced: Collection[str]) -> list[Fact]:
    """An entry's facts once some of them are replaced."""
    return [
        revised_fact(own, phase=None, due=None) if own.id in replaced else own
        for own in entry.facts
        if own.id not in replaced or (own.also and own.known)
    ]


def newest_statement(entry: Entry) -> PartialDate | None:
    """When something was last said about an entry.

    What others say of it in passing, and that something is not known, does not count.
    """
    dates = (fact.dated for fact in entry.facts if fact.known and fact.dated)
    return max(dates, default=None, key=lambda said: said.last)


def is_overruled(fact: Fact, entry: Entry) -> bool:
    """Whether a fact's phase or date does not count because the entry has a later one."""
    return (fact.phase is not None and entry.phase_fact != fact) or (
        fact.due is not None and entry.due_fact != fact
    )


def is_later(fact: Fact, other: Fact) -> bool:
    """Whether a fact is surely from a later time than another one."""
    if fact.dated is None:
        return False
    return other.dated is None or fact.dated.first > other.dated.last


def revised(entry: Entry, **values: object) -> Entry:
    """An entry with some values exchanged, validated anew."""
    return Entry.model_validate(dict(entry) | values)


def revised_fact(fact: Fact, **values: object) -> Fact:
    """A fact with some values exchanged, validated anew."""
    return Fact.model_validate(dict(fact) | values)


def states(fact: Fact) -> bool:
    """Whether a fact states something that only one fact at a time can."""
    stating = fact.phase is not None or fact.due is not None or not fact.known
    return stating or fact.aspect is Aspect.RESPONSIBLE
