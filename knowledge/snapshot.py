"""The state of the knowledge base at one revision: immutable, complete, searchable."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from knowledge.entries import Aspect, Entry, Fact, Kind, Relation
from knowledge.german import paper_numbers
from knowledge.lexicon import LEXICON
from knowledge.search import Document, Index


@dataclass(frozen=True, slots=True)
class Statement:
    """A fact, seen from one of the entries it is about."""

    entry: str
    aspect: Aspect
    fact: Fact


@dataclass(frozen=True, slots=True)
class Dependency:
    """One step of what an entry hangs on.

    Attributes:
        entry: The entry that is waited for.
        note: In what respect.
    """

    entry: Entry
    note: str | None


def natural(key: str) -> tuple[tuple[int, str], ...]:
    """Sort key that puts EF-2 before EF-10."""
    return tuple(
        (int(piece), "") if piece.isdigit() else (-1, piece)
        for piece in re.split(r"(\d+)", key)
        if piece
    )


class Snapshot:
    """All entries as of one revision, with everything derived from them.

    Instances never change: a new revision makes a new snapshot, and whoever holds the old one
    keeps a consistent view.
    """

    def __init__(self, entries: Iterable[Entry] = (), *, revision: int = 0) -> None:
        """Derive hierarchy, statements and both search indexes.

        Args:
            entries: All entries that are not withdrawn.
            revision: Number of the newest revision that is contained.
        """
        self.revision = revision
        self.entries: Mapping[str, Entry] = {
            entry.key: entry for entry in sorted(entries, key=lambda entry: natural(entry.key))
        }
        self._children: dict[str, list[Entry]] = defaultdict(list)
        self._statements: dict[str, list[Statement]] = defaultdict(list)
        self.facts: dict[str, tuple[Fact, tuple[str, ...]]] = {}
        for entry in self.entries.values():
            if entry.parent is not None:
                self._children[entry.parent].append(entry)
            for fact in entry.facts:
                self._statements[entry.key].append(Statement(entry.key, fact.aspect, fact))
                about = (entry.key, *(m.entry for m in fact.also if m.entry in self.entries))
                self.facts[fact.id] = (fact, about)
        for entry in self.entries.values():
            for fact in entry.facts:
                for mention in fact.also:
                    seen_from = Statement(mention.entry, mention.aspect, fact)
                    self._statements[mention.entry].append(seen_from)

    def get(self, key: str) -> Entry | None:
        """The entry with a key, whatever case it was typed in."""
        return self.entries.get(key.strip().upper())

    def children(self, key: str) -> tuple[Entry, ...]:
        """Entries directly below another, in natural order of their keys."""
        return tuple(self._children.get(key, ()))

    def ancestors(self, key: str) -> Iterator[Entry]:
        """Parent, grandparent and so on; stops where a parent is missing or repeats."""
        seen = {key}
        entry = self.entries.get(key)
        while entry is not None and entry.parent and entry.parent not in seen:
            seen.add(entry.parent)
            entry = self.entries.get(entry.parent)
            if entry is not None:
                yield entry

    def below(self, key: str) -> Iterator[Entry]:
        """Everything below an entry, depth first."""
        ahead = list(reversed(self.children(key)))
        seen = {key}
        while ahead:
            entry = ahead.pop()
            if entry.key not in seen:
                seen.add(entry.key)
                yield entry
                ahead.extend(reversed(self.children(entry.key)))

    def statements(self, key: str) -> tuple[Statement, ...]:
        """What is known about an entry: its own facts first, then those that mention it."""
        return tuple(self._statements.get(key, ()))

    def dependencies(self, key: str) -> tuple[Dependency, ...]:
        """The chain of what an entry hangs on, nearest first, each entry once."""
        found: list[Dependency] = []
        seen = {key}
        ahead = [key]
        while ahead:
            entry = self.entries.get(ahead.pop(0))
            for link in entry.links if entry else ():
                target = self.entries.get(link.target)
                if link.relation is Relation.DEPENDS_ON and target and target.key not in seen:
                    seen.add(target.key)
                    ahead.append(target.key)
                    found.append(Dependency(target, link.note))
        return tuple(found)

    def linked(self, key: str, relation: Relation) -> tuple[Entry, ...]:
        """Entries that an entry refers to in one way."""
        entry = self.entries.get(key)
        targets = (
            (link.target for link in entry.links if link.relation is relation) if entry else ()
        )
        return tuple(self.entries[target] for target in targets if target in self.entries)

    def of_kind(self, kind: Kind) -> tuple[Entry, ...]:
        """All entries of a kind, in natural order of their keys."""
        return tuple(entry for entry in self.entries.values() if entry.kind is kind)

    @cached_property
    def numbers(self) -> Mapping[str, str]:
        """Paper and decision numbers in their normal form, and whose they are."""
        return {
            number: entry.key
            for entry in self.entries.values()
            if entry.number
            for number in paper_numbers(entry.number) or [entry.number]
        }

    @cached_property
    def index(self) -> Index:
        """Search over entries: names, and all their facts as text."""
        return Index.build(
            (
                Document(
                    key=entry.key,
                    title=entry.title,
                    aliases=(
                        entry.key,
                        *((entry.number,) if entry.number else ()),
                        *entry.aliases,
                    ),
                    text=" ".join(
                        (
                            *(above.title for above in self.ancestors(entry.key)),
                            *(s.fact.text for s in self.statements(entry.key)),
                            *(k for s in self.statements(entry.key) for k in s.fact.keywords),
                        )
                    ),
                )
                for entry in self.entries.values()
            ),
            synonyms=LEXICON.synonyms,
            lexicon=LEXICON.words,
        )

    @cached_property
    def fact_index(self) -> Index:
        """Search over single facts, with the names of the entries they are about as text."""
        return Index.build(
            (
                Document(
                    key=fact.id,
                    title=fact.text,
                    aliases=fact.keywords,
                    text=" ".join(
                        name
                        for key in about
                        for name in (self.entries[key].title, *self.entries[key].aliases)
                    ),
                )
                for fact, about in self.facts.values()
            ),
            synonyms=LEXICON.synonyms,
            lexicon=LEXICON.words,
        )
