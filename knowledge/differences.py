"""What differs between two versions of an entry: for previews, histories and notices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest

from knowledge.entries import Aspect, Entry, Fact, Kind, Link, Phase, Rhythm
from knowledge.partial_date import PartialDate


class Part(StrEnum):
    """What of an entry differs.

    `PHASE` and `DUE` follow from facts and stand beside them: they are what people want to be
    told first. `ORDER` is about things that are the same and stand in another order.
    """

    ENTRY = "entry"
    KIND = "kind"
    TITLE = "title"
    NUMBER = "number"
    PARENT = "parent"
    PHASE = "phase"
    DUE = "due"
    RHYTHM = "rhythm"
    ALIAS = "alias"
    LINK = "link"
    FACT = "fact"
    ORDER = "order"


Value = str | Kind | Phase | PartialDate | Rhythm | Link | Fact | Entry | Sequence[object] | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was.

    Attributes:
        entry: Key of the entry.
        part: What of it.
        old: What it was, None if there was nothing.
        new: What it is, None if there is nothing any more.
    """

    entry: str
    part: Part
    old: Value
    new: Value

    @property
    def aspect(self) -> Aspect | None:
        """The aspect of the facts that differ."""
        fact = self.new or self.old
        return fact.aspect if isinstance(fact, Fact) else None


def by_entry(differences: Iterable[Difference]) -> list[tuple[str, list[Difference]]]:
    """Differences by key of the entry, in the order in which they come."""
    groups: dict[str, list[Difference]] = defaultdict(list)
    for difference in differences:
        groups[difference.entry].append(difference)
    return list(groups.items())


def compare(old: Entry | None, new: Entry | None) -> tuple[Difference, ...]:
    """All differences between two versions of an entry, the most telling first.

    An entry that is new or gone is one difference. A fact that takes the place of another of
    the same aspect makes one difference with it, also under another id. Nothing differs if and
    only if the versions are equal.
    """
    if old is None or new is None:
        entry = old or new
        return () if entry is None else (Difference(entry.key, Part.ENTRY, old, new),)
    return tuple(_compare(old, new))


def _compare(old: Entry, new: Entry) -> Iterator[Difference]:
    values: tuple[tuple[Part, Value, Value], ...] = (
        (Part.KIND, old.kind, new.kind),
        (Part.TITLE, old.title, new.title),
        (Part.NUMBER, old.number, new.number),
        (Part.PARENT, old.parent, new.parent),
        (Part.PHASE, old.phase, new.phase),
        (Part.DUE, old.due, new.due),
        (Part.RHYTHM, old.rhythm, new.rhythm),
    )
    for part, was, becomes in values:
        if was != becomes:
            yield Difference(new.key, part, was, becomes)
    for old_fact, new_fact in _facts(old.facts, new.facts):
        yield Difference(new.key, Part.FACT, old_fact, new_fact)
    listed: tuple[tuple[Part, Sequence[Value], Sequence[Value]], ...] = (
        (Part.ALIAS, old.aliases, new.aliases),
        (Part.LINK, old.links, new.links),
    )
    for part, were, become in listed:
        yield from (
            Difference(new.key, part, value, None) for value in were if value not in become
        )
        yield from (
            Difference(new.key, part, None, value) for value in become if value not in were
        )
    for were, become in (
        *((were, become) for _, were, become in listed),
        ([fact.id for fact in old.facts], [fact.id for fact in new.facts]),
    ):
        kept = [value for value in were if value in become]
        if kept != [value for value in become if value in were]:
            yield Difference(new.key, Part.ORDER, tuple(were), tuple(become))


def _facts(old: Sequence[Fact], new: Sequence[Fact]) -> Iterator[tuple[Fact | None, Fact | None]]:
    """Facts that differ, each with the one that it was or that took its place."""
    former = {fact.id: fact for fact in old}
    current = {fact.id: fact for fact in new}
    for fact in new:
        if fact.id in former and former[fact.id] != fact:
            yield former[fact.id], fact
    gone = [fact for fact in old if fact.id not in current]
    added = [fact for fact in new if fact.id not in former]
    for aspect in Aspect:
        yield from zip_longest(
            [fact for fact in gone if fact.aspect is aspect],
            [fact for fact in added if fact.aspect is aspect],
        )
