"""Who wants to be told of something that happened to entries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from knowledge.editing.proposals import Proposal
from knowledge.entries import Entry, Fact, Kind, Relation
from knowledge.notification.contents import EntriesAdded, entry_of, facts_of
from knowledge.notification.interests import ALL_INTERESTS, Interest, Scope, Subscription
from knowledge.notification.notices import Notice, NoticeKind
from knowledge.notification.occasions import INTERESTS, OF_DATES, SETTLING, Occasion, occasions
from knowledge.snapshot import Snapshot, above


class Audience:
    """Subscriptions, ordered by what they are to."""

    def __init__(
        self,
        subscriptions: Iterable[Subscription],
        snapshot: Snapshot,
        withdrawn: Iterable[Entry] = (),
        changed: Iterable[Entry] = (),
    ) -> None:
        """Use the hierarchy of a snapshot; subscriptions to answers are left out.

        Args:
            subscriptions: Those of all chats.
            snapshot: The newest state.
            withdrawn: Entries that led to it as they last stood: what was below them and went
                with them was also below what is above them.
            changed: Entries that led to it as they stood before: what is withdrawn takes away the
                links of what hung on it.
        """
        self._snapshot = snapshot
        self._withdrawn = {entry.key: entry for entry in withdrawn}
        self._hung: dict[str, dict[str, Entry]] = defaultdict(dict)
        for entry in changed:
            for link in entry.links:
                if link.relation is Relation.DEPENDS_ON and entry.key in snapshot.entries:
                    self._hung[link.target][entry.key] = snapshot.entries[entry.key]
        self._everything: list[Subscription] = []
        self._entry: dict[str, list[Subscription]] = defaultdict(list)
        self._below: dict[str, list[Subscription]] = defaultdict(list)
        for one in subscriptions:
            key = one.target.entry
            if one.target.scope is Scope.EVERYTHING:
                self._everything.append(one)
            elif one.target.scope is Scope.ENTRY and key:
                self._entry[key].append(one)
            elif one.target.scope is Scope.BELOW and key:
                self._below[key].append(one)

    def of_occasion(self, occasion: Occasion) -> Iterator[Subscription]:
        """The subscriptions by which chats want to be told of something that happened.

        Who watches the changes of what hangs on an entry wants to know what becomes of that.
        """
        yield from self.of(occasion.about, occasion.interests)
        if occasion.bears_on_dependents:
            hang = self._snapshot.dependents(occasion.key)
            if occasion.key not in self._snapshot.entries:
                hang = (*hang, *self._hung.get(occasion.key, {}).values())
            yield from self.of(hang, {Interest.CHANGED})

    def of(
        self, entries: Iterable[Entry], interests: Collection[Interest]
    ) -> Iterator[Subscription]:
        """The subscriptions that cover any of some entries, with any of some interests.

        Args:
            entries: What something happened to; they need not be in the snapshot any more.
            interests: What kinds of things happened.
        """
        keys, whole = set[str](), set[str]()
        for entry in entries:
            whole.update((entry.key, *(one.key for one in above(entry, self._find))))
            keys.add(entry.key)
            if entry.kind is Kind.MILESTONE and entry.parent:
                keys.add(entry.parent)
        wanted = frozenset(interests)
        candidates = (
            *(self._everything if keys else ()),
            *(one for key in sorted(whole) for one in self._below.get(key, ())),
            *(one for key in sorted(keys) for one in self._entry.get(key, ())),
        )
        return (one for one in candidates if one.interests & wanted)

    def as_wanted(self, notice: Notice, reminded: Collection[str]) -> Notice | None:
        """A planned notice as far as any subscription covers what it is about, and its kind.

        Of new entries only those are left that are covered. Of an entry that is withdrawn nobody
        knows any more what it was below: that is wanted rather too often than not.

        Args:
            notice: What is planned.
            reminded: Keys of the entries of whose dates the chat was reminded: what becomes of
                these concerns it, too.

        Returns:
            None where none does.

        Raises:
            KeyError: if it is about no entry, or cannot be read.
        """
        if isinstance(notice.content, EntriesAdded):
            wanted = self._wanted_of(notice.content)
            return replace(notice, content=wanted) if wanted.entries else None
        return notice if self._may_want(notice, reminded) else None

    def _may_want(self, notice: Notice, reminded: Collection[str]) -> bool:
        entry = self._snapshot.entries.get(entry_of(notice))
        if entry is None:
            return True
        told = facts_of(notice)
        facts = [one for one in entry.facts if one.id in told]
        about = (entry, *self._mentioned(facts))
        wanted = INTERESTS.get(notice.kind, ALL_INTERESTS)
        if notice.kind in {*SETTLING, NoticeKind.STATUS_CHANGED}:
            wanted |= OF_DATES if entry.key in reminded else {Interest.CHANGED}
            dependents = self._snapshot.dependents(entry.key)
            if any(True for _ in self.of(dependents, {Interest.CHANGED})):
                return True
        return any(True for _ in self.of(about, wanted))

    def _wanted_of(self, added: EntriesAdded) -> EntriesAdded:
        if added.count != len(added.entries):
            return added  # a former version kept the first ones only
        wanted = tuple(key for key in added.entries if self._may_want_new(key))
        return added.model_copy(update={"entries": wanted, "count": len(wanted)})

    def _may_want_new(self, key: str) -> bool:
        entry = self._snapshot.entries.get(key)
        if entry is None:
            return True
        about = (entry, *self._mentioned(entry.facts))
        return any(True for _ in self.of(about, INTERESTS[NoticeKind.ENTRIES_ADDED]))

    def _mentioned(self, facts: Iterable[Fact]) -> Iterator[Entry]:
        """The entries that some facts are about, besides the one that has them."""
        mentioned = (self._snapshot.entries.get(also.entry) for one in facts for also in one.also)
        return (entry for entry in mentioned if entry is not None)

    def _find(self, key: str) -> Entry | None:
        return self._snapshot.entries.get(key) or self._withdrawn.get(key)


def chats_told(proposal: Proposal, subscriptions: Iterable[Subscription]) -> frozenset[int]:
    """The chats that would be told of a proposal, by what they have subscribed.

    Args:
        proposal: What edits would make of the knowledge base.
        subscriptions: Those of all chats.
    """
    before = (proposal.before.get(entry.key) for entry in proposal.changed)
    changed = [entry for entry in before if entry is not None]
    audience = Audience(subscriptions, proposal.after, proposal.withdrawn, changed)
    return frozenset(
        one.chat_id
        for entry in (*proposal.changed, *proposal.withdrawn)
        for occasion in occasions(
            proposal.before.get(entry.key), proposal.after.get(entry.key), proposal.after.entries
        )
        for one in audience.of_occasion(occasion)
    )


def concerns_subscriptions(proposal: Proposal, subscriptions: Sequence[Subscription]) -> bool:
    """Whether somebody may yet be told of what follows from a proposal that is no news by itself.

    Of reminders that a rhythm or another place in the hierarchy leads to, where a subscription
    covers the entry; and of answers, since any of them may change.
    """
    audience = Audience(subscriptions, proposal.after, proposal.withdrawn)
    entries = (
        entry
        for changed in (*proposal.changed, *proposal.withdrawn)
        for entry in (proposal.before.get(changed.key), changed)
        if entry is not None
    )
    is_covered = any(True for _ in audience.of(entries, ALL_INTERESTS))
    return is_covered or any(one.target.scope is Scope.ANSWER for one in subscriptions)
