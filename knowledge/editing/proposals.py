"""Proposals: what edits would make of the knowledge base, to be looked at and published."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from knowledge.consistency import check_change
from knowledge.differences import Difference, compare
from knowledge.editing.edits import Create, Edit, EditError, Obstacle, Sourced, Withdraw
from knowledge.entries import Aspect, Entry, Fact, Source
from knowledge.facts import is_overruled, revised, revised_fact
from knowledge.snapshot import Snapshot, Statement


@dataclass(frozen=True, slots=True)
class Proposal:
    """What edits would make of the knowledge base.

    Attributes:
        before: The knowledge base on whose state they were decided.
        after: The knowledge base as it would be.
        changed: New and changed entries.
        withdrawn: Entries that would be taken away.
        base: Number of the revision whose state was seen when deciding.
        source: The source that the edits rest on, if they rest on one.
        overruled: New facts whose phase or date would not count, because the knowledge base
            has one from a later time.
    """

    before: Snapshot
    after: Snapshot
    changed: tuple[Entry, ...]
    withdrawn: tuple[Entry, ...]
    base: int
    source: Source | None
    overruled: tuple[Fact, ...]

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Everything that would differ, by entry."""
        return tuple(
            difference
            for entry in (*self.changed, *self.withdrawn)
            for difference in compare(self.before.get(entry.key), self.after.get(entry.key))
        )

    @property
    def told_beside(self) -> tuple[Fact, ...]:
        """Facts that name others as responsible where somebody new is.

        What an entry says of several stays for their sake, and what others say of it is theirs.
        """
        found: dict[str, Fact] = {}
        for entry in self.changed:
            told = [
                statement.fact
                for statement in self.after.statements(entry.key)
                if statement.aspect is Aspect.RESPONSIBLE and statement.fact.known
            ]
            if any(fact.id not in self.before.facts for fact in told):
                found |= {fact.id: fact for fact in told if fact.id in self.before.facts}
        return tuple(found.values())

    @property
    def still_told(self) -> tuple[Statement, ...]:
        """What still has the former date of an entry that is moved, there or where it belongs to.

        Facts keep their words: of a moved date others go on to tell the former one, until somebody
        changes them, too. Those that the edits bring or change are among the differences.
        """
        found: dict[str, Statement] = {}
        for entry in self.changed:
            former = self.before.get(entry.key)
            moved = former is not None and former.due != entry.due
            if former is None or not moved or former.due is None or former.due.month is None:
                continue  # years and quarters stand in texts for many reasons
            # A month is named by itself, and not as part of a day: "15. März 2026".
            wording = re.compile(rf"(?<!\w)(?<!\d\. ){re.escape(former.due.german())}(?!\w)")
            for owner in (entry, *self.after.ancestors(entry.key)):
                for statement in self.after.statements(owner.key):
                    fact = statement.fact
                    untouched = self.before.facts.get(fact.id, (None,))[0] == fact
                    if untouched and fact.known and wording.search(fact.text):
                        found.setdefault(fact.id, statement)
        return tuple(found.values())


def propose(edits: Iterable[Edit], snapshot: Snapshot, *, seen: int | None = None) -> Proposal:
    """Carry out edits, one after the other, without publishing anything.

    Args:
        edits: What to do.
        snapshot: The knowledge base to do it to.
        seen: Number of the revision whose state the editor saw, by default the snapshot's. In
            another process the snapshot can be older than that; the older of both counts.

    Raises:
        EditError: if an edit is impossible, or nothing would change.
        InconsistentError: if the entries would not fit together any more.
    """
    edits = tuple(edits)
    entries = dict(snapshot.entries)
    taken = set(snapshot.facts)
    for edit in edits:
        match edit:
            case Create():
                entries[edit.entry] = _created(edit, entries, snapshot.withdrawn)
            case Withdraw():
                entries = dict(_without(edit, entries))
            case _:
                entry = edit.revise(_entry_of(edit, entries), taken)
                entries[edit.entry] = entry
                taken.update(fact.id for fact in entry.facts)
    changed = tuple(e for key, e in entries.items() if not _same(snapshot.entries.get(key), e))
    withdrawn = tuple(e for key, e in snapshot.entries.items() if key not in entries)
    if not changed and not withdrawn:
        raise EditError(Obstacle.NOTHING_CHANGES, edits[0].entry if edits else "")
    check_change(snapshot.entries.values(), entries.values())
    sources = [edit.sources[0] for edit in edits if isinstance(edit, Sourced)]
    return Proposal(
        before=snapshot,
        after=snapshot.updated(changed, [entry.key for entry in withdrawn]),
        changed=changed,
        withdrawn=withdrawn,
        base=snapshot.revision if seen is None else min(seen, snapshot.revision),
        source=sources[-1] if sources else None,
        overruled=tuple(
            fact
            for entry in changed
            for fact in entry.facts
            if fact.id not in snapshot.facts and is_overruled(fact, entry)
        ),
    )


def _created(edit: Create, entries: Mapping[str, Entry], withdrawn: Container[str]) -> Entry:
    if edit.entry in entries or edit.entry in withdrawn:
        raise EditError(Obstacle.KEY_TAKEN, edit.entry)
    if edit.parent == edit.entry:
        raise EditError(Obstacle.TO_ITSELF, edit.entry)
    return Entry(
        key=edit.entry,
        kind=edit.kind,
        parent=edit.parent,
        title=edit.title,
        number=edit.number,
    )


def _without(edit: Withdraw, entries: Mapping[str, Entry]) -> Iterator[tuple[str, Entry]]:
    """The entries that stay, freed of references to those that go."""
    gone = {_entry_of(edit, entries).key}
    while below := [e.key for e in entries.values() if e.parent in gone and e.key not in gone]:
        if not edit.below:
            raise EditError(Obstacle.HAS_BELOW, edit.entry, below)
        gone.update(below)
    for key, entry in entries.items():
        if key not in gone:
            yield key, _forgetting(entry, gone)


def _forgetting(entry: Entry, gone: Container[str]) -> Entry:
    links = tuple(link for link in entry.links if link.target not in gone)
    facts = tuple(
        revised_fact(fact, also=tuple(m for m in fact.also if m.entry not in gone))
        if any(mention.entry in gone for mention in fact.also)
        else fact
        for fact in entry.facts
    )
    unchanged = links == entry.links and facts == entry.facts
    return entry if unchanged else revised(entry, links=links, facts=facts)


def _entry_of(edit: Edit, entries: Mapping[str, Entry]) -> Entry:
    if edit.entry not in entries:
        raise EditError(Obstacle.NO_ENTRY, edit.entry)
    return entries[edit.entry]


def _same(old: Entry | None, new: Entry) -> bool:
    return old is new or old == new
