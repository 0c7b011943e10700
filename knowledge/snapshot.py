"""The state of the knowledge base at one revision: immutable, complete, searchable."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from knowledge.entries import Aspect, Entry, Fact, Kind, Relation
from knowledge.german import paper_numbers
from knowledge.lexicon import LEXICON
from knowledge.search import Document, Index

MOST_UPDATED = 0.25
"""Share of documents up to which updating an index is less work than building it anew: with
10,000 entries, exchanging 2,000 takes 2.5 s of processor time, building takes 3.9 s."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A fact, seen from one of the entries it is about."""

    entry: str
    aspect: Aspect
    fact: Fact


def above(entry: Entry, find: Callable[[str], Entry | None]) -> Iterator[Entry]:
    """Parent, grandparent and so on; stops where a parent is missing or repeats.

    Args:
        entry: Where to begin.
        find: The entry with a key, if there is one.
    """
    seen = {entry.key}
    while entry.parent and entry.parent not in seen:
        seen.add(entry.parent)
        parent = find(entry.parent)
        if parent is None:
            return
        yield parent
        entry = parent


@dataclass(frozen=True, slots=True)
class Dependency:
    """One step of what an entry hangs on.

    Attributes:
        entry: The entry that is waited for.
        note: In what respect.
    """

    entry: Entry
    note: str | None


@dataclass(frozen=True, slots=True)
class _Mentioned:
    """A statement about one entry that is a fact of another."""

    by: str
    statement: Statement


@lru_cache(maxsize=100_000)
def natural(key: str) -> tuple[tuple[int, str], ...]:
    """Sort key that puts EF-2 before EF-10, and no two keys in the same place."""
    pieces = (
        (int(piece), "") if piece.isdigit() else (-1, piece)
        for piece in re.split(r"(\d+)", key)
        if piece
    )
    return *pieces, (-2, key)  # EF-7 and EF-07 count alike; before all that is longer


def _place(entry: Entry) -> tuple[tuple[int, str], ...]:
    return natural(entry.key)


@dataclass(frozen=True, slots=True)
class _Contents:
    """Entries and what follows from each of them, so that single ones can be exchanged.

    Attributes:
        entries: By key, in natural order.
        facts: By id, with the keys of the entries they are about.
        children: Entries below each key, in natural order.
        mentions: What entries say about another, in natural order of who says it.
        stated: How many facts there are; more than ids, if ids are not unique.
    """

    entries: Mapping[str, Entry] = field(default_factory=dict)
    facts: Mapping[str, tuple[Fact, tuple[str, ...]]] = field(default_factory=dict)
    children: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    mentions: Mapping[str, tuple[_Mentioned, ...]] = field(default_factory=dict)
    stated: int = 0

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> _Contents:
        """Some entries, whatever their order."""
        return cls().exchanged((), sorted(entries, key=_place))

    def exchanged(self, former: Sequence[Entry], latter: Sequence[Entry]) -> _Contents:
        """The contents with some entries in the place of others.

        Args:
            former: Entries that are in there.
            latter: Entries that shall be, in natural order.
        """
        news = {entry.key: entry for entry in latter}
        gone = {entry.key for entry in former}
        entries = {**self.entries, **news}
        for key in gone - news.keys():
            del entries[key]
        if not news.keys() <= self.entries.keys():
            entries = dict(sorted(entries.items(), key=lambda item: natural(item[0])))
        mentions = self._mentions(former, news.values())
        stated = [(entry.key, fact) for entry in news.values() for fact in entry.facts]
        # Who mentions an entry that comes or goes is about one more or less.
        concerned = [
            (mentioned.by, mentioned.statement.fact)
            for key in gone ^ news.keys()
            for mentioned in mentions.get(key, ())
        ]
        facts = dict(self.facts)
        for fact in (fact for entry in former for fact in entry.facts):
            facts.pop(fact.id, None)
        # Of facts that share an id the last stated is found by it, whatever else is concerned.
        for owner, fact in (*concerned, *stated):
            about = (owner, *(m.entry for m in fact.also if m.entry in entries))
            facts[fact.id] = (fact, about)
        return _Contents(
            entries,
            facts,
            self._children(former, news.values()),
            mentions,
            self.stated + len(stated) - sum(len(entry.facts) for entry in former),
        )

    def _children(
        self, former: Iterable[Entry], latter: Iterable[Entry]
    ) -> dict[str, tuple[Entry, ...]]:
        gone = {entry.key for entry in former}
        below: dict[str, list[Entry]] = {entry.parent: [] for entry in former if entry.parent}
        for entry in latter:
            if entry.parent is not None:
                below.setdefault(entry.parent, []).append(entry)
        children = dict(self.children)
        for parent, added in below.items():
            kept = (entry for entry in children.get(parent, ()) if entry.key not in gone)
            children[parent] = tuple(sorted((*kept, *added), key=_place))
        return children

    def _mentions(
        self, former: Iterable[Entry], latter: Iterable[Entry]
    ) -> dict[str, tuple[_Mentioned, ...]]:
        gone = {entry.key for entry in former}
        told: dict[str, list[_Mentioned]] = {
            mention.entry: [] for entry in former for fact in entry.facts for mention in fact.also
        }
        for entry in latter:
            for fact in entry.facts:
                for mention in fact.also:
                    seen_from = Statement(mention.entry, mention.aspect, fact)
                    told.setdefault(mention.entry, []).append(_Mentioned(entry.key, seen_from))
        mentions = dict(self.mentions)
        for key, further in told.items():
            still = (mentioned for mentioned in mentions.get(key, ()) if mentioned.by not in gone)
            mentions[key] = tuple(sorted((*still, *further), key=lambda m: natural(m.by)))
        return mentions


@dataclass(frozen=True, slots=True)
class _Origin:
    """What a snapshot follows from, and the keys of the entries that differ."""

    before: Snapshot
    touched: frozenset[str]


class Snapshot:
    """All entries as of one revision, with everything derived from them.

    Instances never change: a new revision makes a new snapshot, and whoever holds the old one
    keeps a consistent view.
    """

    def __init__(
        self,
        entries: Iterable[Entry] | _Contents = (),
        *,
        revision: int = 0,
        withdrawn: Iterable[str] = (),
        origin: _Origin | None = None,
    ) -> None:
        """Derive hierarchy and statements; the search indexes follow at first use.

        Args:
            entries: All entries that are not withdrawn.
            revision: Number of the newest revision that is contained.
            withdrawn: Keys of entries that existed and are withdrawn.
            origin: For `updated`: what the snapshot follows from.
        """
        self.revision = revision
        self.withdrawn = frozenset(withdrawn)
        contents = entries if isinstance(entries, _Contents) else _Contents.of(entries)
        self.entries = contents.entries
        self.facts = contents.facts
        self._contents = contents
        self._origin = origin
        self._statements: dict[str, tuple[Statement, ...]] = {}

    def updated(
        self,
        changed: Iterable[Entry] = (),
        withdrawn: Iterable[str] = (),
        *,
        revision: int | None = None,
    ) -> Snapshot:
        """The snapshot that follows; this one stays as it is.

        It equals one that is built anew, but its indexes are derived from the ones here, so that
        a change is found at once, however many entries there are.

        Args:
            changed: New entries, and new versions of entries.
            withdrawn: Keys of entries that are taken away.
            revision: Number of the newest revision then; by default the same as here.
        """
        gone = frozenset(withdrawn)
        news = {entry.key: entry for entry in changed if entry.key not in gone}
        touched = gone.union(news)
        contents = self._contents.exchanged(
            [self.entries[key] for key in touched if key in self.entries],
            sorted(news.values(), key=_place),
        )
        if contents.stated > len(contents.facts):
            # Facts share an id: which one is found by it depends on all of them.
            contents = _Contents.of(contents.entries.values())
        return Snapshot(
            contents,
            revision=self.revision if revision is None else revision,
            withdrawn=(self.withdrawn - news.keys()) | gone,
            origin=_Origin(self, touched),
        )

    def prepare(self) -> None:
        """Do now what would be done at first use, and let go of the snapshot before."""
        _ = self.index, self.fact_index
        self._origin = None

    def get(self, key: str) -> Entry | None:
        """The entry with a key, whatever case it was typed in."""
        return self.entries.get(key.strip().upper())

    def children(self, key: str) -> tuple[Entry, ...]:
        """Entries directly below another, in natural order of their keys."""
        return self._contents.children.get(key, ())

    def ancestors(self, key: str) -> Iterator[Entry]:
        """What an entry is below, the nearest first; nothing for an unknown key."""
        entry = self.entries.get(key)
        return above(entry, self.entries.get) if entry is not None else iter(())

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

    def within(self, key: str | None) -> Iterator[Entry]:
        """An entry and everything below it; all entries for None, nothing for an unknown key."""
        if key is None:
            yield from self.entries.values()
        elif (entry := self.get(key)) is not None:
            yield entry
            yield from self.below(entry.key)

    def statements(self, key: str) -> tuple[Statement, ...]:
        """What is known about an entry: its own facts first, then those that mention it."""
        known = self._statements.get(key)
        if known is None and (entry := self.entries.get(key)) is not None:
            # Every question looks at those of many entries: they are put together once.
            known = self._statements[key] = (
                *(Statement(key, fact.aspect, fact) for fact in entry.facts),
                *(mentioned.statement for mentioned in self._contents.mentions.get(key, ())),
            )
        return known or ()

    def owner(self, fact: Fact) -> Entry:
        """The entry whose fact it is, though others may be told of it."""
        return self.entries[self._contents.facts[fact.id][1][0]]

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

    def dependents(self, key: str) -> tuple[Entry, ...]:
        """The entries that hang on an entry directly."""
        return self._dependents.get(key, ())

    @cached_property
    def _dependents(self) -> Mapping[str, tuple[Entry, ...]]:
        found: dict[str, tuple[Entry, ...]] = {}
        for entry in self.entries.values():
            for link in entry.links:
                if link.relation is Relation.DEPENDS_ON:
                    found[link.target] = (*found.get(link.target, ()), entry)
        return found

    @cached_property
    def numbers(self) -> Mapping[str, tuple[str, ...]]:
        """Paper and decision numbers in their normal form, and whose they are.

        Towns count for themselves: several may have a paper of one number.
        """
        keys: dict[str, tuple[str, ...]] = {}
        for entry in self.entries.values():
            for number in paper_numbers(entry.number) or [entry.number] if entry.number else ():
                keys[number] = (*keys.get(number, ()), entry.key)
        return keys

    @cached_property
    def index(self) -> Index:
        """Search over entries: names, and all their facts as text."""
        return self._indexed("index", self.entries, Snapshot._entry_document, Snapshot._near)

    @cached_property
    def fact_index(self) -> Index:
        """Search over single facts, with the names of the entries they are about as text."""
        return self._indexed("fact_index", self.facts, Snapshot._fact_document, Snapshot._told)

    def _indexed(
        self,
        name: str,
        keys: Collection[str],
        document: Callable[[Snapshot, str], Document | None],
        concerned: Callable[[Snapshot, Iterable[str]], set[str]],
    ) -> Index:
        """An index, derived from that of the snapshot before where that is less work.

        Args:
            name: Which index.
            keys: Keys of all its documents.
            document: The document with a key, as a snapshot has it.
            concerned: Keys of the documents that some entries have a part in.
        """
        if self._origin is not None and name in vars(self._origin.before):
            before, touched = self._origin.before, self._origin.touched
            affected = concerned(before, touched) | concerned(self, touched)
            if len(affected) <= MOST_UPDATED * len(keys):
                former: Index = getattr(before, name)
                now = {key: document(self, key) for key in affected}
                return former.updated(
                    changed=[d for key, d in now.items() if d and d != document(before, key)],
                    removed=[key for key, d in now.items() if d is None],
                )
        return Index.build(
            filter(None, (document(self, key) for key in keys)),
            synonyms=LEXICON.synonyms,
            lexicon=LEXICON.words,
        )

    def _entry_document(self, key: str) -> Document | None:
        entry = self.entries.get(key)
        if entry is None:
            return None
        return Document(
            key=entry.key,
            title=entry.title,
            aliases=(entry.key, *((entry.number,) if entry.number else ()), *entry.aliases),
            text=" ".join(
                (
                    *(above.title for above in self.ancestors(entry.key)),
                    *(s.fact.text for s in self.statements(entry.key)),
                    *(k for s in self.statements(entry.key) for k in s.fact.keywords),
                )
            ),
        )

    def _near(self, keys: Iterable[str]) -> set[str]:
        """Entries in whose documents some entries are told: those below, those mentioned."""
        near = set(keys)
        for key in keys:
            near.update(entry.key for entry in self.below(key))
            entry = self.entries.get(key)
            near.update(m.entry for fact in (entry.facts if entry else ()) for m in fact.also)
        return near

    def _fact_document(self, fact_id: str) -> Document | None:
        if fact_id not in self.facts:
            return None
        fact, about = self.facts[fact_id]
        named = (self.entries[key] for key in about)
        names = (name for entry in named for name in (entry.title, *entry.aliases))
        return Document(key=fact.id, title=fact.text, text=" ".join((*fact.keywords, *names)))

    def _told(self, keys: Iterable[str]) -> set[str]:
        """Facts that are about any of some entries."""
        return {statement.fact.id for key in keys for statement in self.statements(key)}
