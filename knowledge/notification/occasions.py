"""What a change gives occasion to tell: one notice per entry and kind, each fact in one only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from knowledge.differences import Part, compare
from knowledge.entries import Aspect, Entry, Fact, Phase
from knowledge.notification.contents import (
    Change,
    DateGivenUp,
    DateMoved,
    FactsAdded,
    PhaseChanged,
    Withdrawn,
)
from knowledge.notification.interests import Interest
from knowledge.notification.notices import NoticeKind
from knowledge.partial_date import PartialDate

INTERESTS: Mapping[NoticeKind, frozenset[Interest]] = {
    NoticeKind.MILESTONE_COMING: frozenset({Interest.COMING}),
    NoticeKind.MILESTONE_MISSED: frozenset({Interest.CHANGED}),
    NoticeKind.MILESTONE_MOVED: frozenset({Interest.CHANGED}),
    NoticeKind.MILESTONE_DONE: frozenset({Interest.CHANGED, Interest.STATUS}),
    NoticeKind.MILESTONE_CANCELLED: frozenset({Interest.CHANGED, Interest.STATUS}),
    NoticeKind.STATUS_CHANGED: frozenset({Interest.STATUS}),
    NoticeKind.FACT_ADDED: frozenset({Interest.FACTS}),
    NoticeKind.ENTRIES_ADDED: frozenset({Interest.FACTS}),
}
"""Any of which interests makes a chat want a kind of notice."""

SETTLING = frozenset(
    {
        NoticeKind.MILESTONE_MOVED,
        NoticeKind.MILESTONE_DONE,
        NoticeKind.MILESTONE_CANCELLED,
    }
)
"""What says by itself what became of a date: beside it, nothing else is told of the date."""

OF_DATES = frozenset({Interest.COMING, Interest.CHANGED})
"""Interests of those who watch dates: what settles one, or bears on it, may concern them."""

STOPPED = frozenset({Phase.DONE, Phase.DROPPED, Phase.POSTPONED})
"""Phases in which an entry's date does not come up as it stands."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something that happened to an entry.

    Attributes:
        kind: What happened.
        about: The entry, and others that its new facts are about; it may be withdrawn.
        content: What the words are made of.
        due: The date that counts no more, or counts again: of interest to those who watch dates,
            and to those who were reminded of it, whatever else they are interested in.
        facts: Ids of the facts that are told.
        parts: Which of date and phase it says, because they differ; where both, `old` and `new`
            of the content are the phase.
    """

    kind: NoticeKind
    about: tuple[Entry, ...]
    content: Change
    due: PartialDate | None = None
    facts: frozenset[str] = field(default=frozenset())
    parts: frozenset[Part] = field(default=frozenset())

    @property
    def key(self) -> str:
        """Key of the entry."""
        return self.about[0].key

    @property
    def bears_on_dependents(self) -> bool:
        """Whether it matters to what hangs on the entry: its date, or that it stops or goes on."""
        if isinstance(self.content, Withdrawn):
            return True
        if self.kind is NoticeKind.STATUS_CHANGED:
            content = self.content
            phases = {content.old, content.new} if isinstance(content, PhaseChanged) else set()
            return bool(phases & STOPPED)
        return self.kind in SETTLING

    @property
    def old(self) -> Phase | PartialDate | None:
        """What counted before, of date and phase the one that the content says."""
        content = self.content
        return content.old if isinstance(content, PhaseChanged | DateMoved | DateGivenUp) else None

    @property
    def interests(self) -> frozenset[Interest]:
        """Any of which makes a chat want to be told."""
        of_date = set() if self.due is None else {Interest.CHANGED}
        return INTERESTS[self.kind] | of_date


def occasions(
    before: Entry | None, after: Entry | None, others: Mapping[str, Entry]
) -> Iterator[Occasion]:
    """What a change of one entry gives occasion to tell.

    Facts that are only worded for finding them (keywords) or stand in another order are no news.

    Args:
        before: The entry as it was; None if there was none.
        after: The entry as it is; None if it was withdrawn.
        others: Entries by key, to find those that facts mention.
    """
    if before is None and after is not None:
        yield from _told(after, after.facts, others, new=True)
        return
    if before is None:
        return
    if after is None:
        yield Occasion(
            NoticeKind.MILESTONE_CANCELLED if before.due else NoticeKind.STATUS_CHANGED,
            (before,),
            Withdrawn(entry=before.key, title=before.title, parent=before.parent, withdrawn=True),
            due=before.due,
        )
        return
    yield from _changed(before, after, others)


def _changed(before: Entry, after: Entry, others: Mapping[str, Entry]) -> Iterator[Occasion]:
    phase = _ids(after.phase_fact) if before.phase is not after.phase else set()
    due = _ids(_told_of_due(after)) if before.due != after.due else set()
    kind = _kind_of_phase(before, after)
    settles = before.phase is not after.phase and before.due != after.due and kind in SETTLING
    if before.phase is not after.phase:
        yield Occasion(
            kind,
            (after,),
            PhaseChanged(
                entry=after.key,
                title=after.title,
                old=before.phase,
                new=after.phase,
                facts=tuple(sorted(phase)),
            ),
            due=before.due if kind in SETTLING or _bears_on_date(before, after) else None,
            facts=frozenset(phase),
            parts=frozenset({Part.PHASE, Part.DUE} if settles else {Part.PHASE}),
        )
    if before.due != after.due and not settles:
        yield Occasion(
            NoticeKind.MILESTONE_MOVED if after.due else NoticeKind.MILESTONE_CANCELLED,
            (after,),
            _other_date(before, after, due),
            due=before.due,
            facts=frozenset(due),
            parts=frozenset({Part.DUE}),
        )
    news = [
        difference.new
        for difference in compare(before, after)
        if difference.part is Part.FACT
        and isinstance(difference.new, Fact)
        and difference.new.id not in phase | due
        and _says(difference.new)
        != (_says(difference.old) if isinstance(difference.old, Fact) else None)
    ]
    if news:
        yield from _told(after, news, others, new=False)


def _other_date(before: Entry, after: Entry, facts: Iterable[str]) -> DateMoved | DateGivenUp:
    ids = tuple(sorted(facts))
    if after.due is None:
        return DateGivenUp(entry=after.key, title=after.title, old=before.due, new=None, facts=ids)
    return DateMoved(entry=after.key, title=after.title, old=before.due, new=after.due, facts=ids)


def _told_of_due(entry: Entry) -> Fact | None:
    """The fact that states the date, or that none is known."""
    unknown = (fact for fact in entry.facts if fact.aspect is Aspect.DUE and not fact.known)
    return entry.due_fact or next(unknown, None)


def _told(
    entry: Entry, facts: Iterable[Fact], others: Mapping[str, Entry], *, new: bool
) -> Iterator[Occasion]:
    told = list(facts)
    mentioned = dict.fromkeys(mention.entry for fact in told for mention in fact.also)
    yield Occasion(
        NoticeKind.FACT_ADDED,
        (entry, *(others[key] for key in mentioned if key in others)),
        FactsAdded(
            entry=entry.key, title=entry.title, new=new, facts=tuple(fact.id for fact in told)
        ),
        facts=frozenset(fact.id for fact in told),
    )


def _kind_of_phase(before: Entry, after: Entry) -> NoticeKind:
    """A dated entry that is done or dropped settles its date; anything else is a status."""
    if before.due or after.due:
        if after.phase is Phase.DONE:
            return NoticeKind.MILESTONE_DONE
        if after.phase is Phase.DROPPED:
            return NoticeKind.MILESTONE_CANCELLED
    return NoticeKind.STATUS_CHANGED


def _bears_on_date(before: Entry, after: Entry) -> bool:
    """Whether another phase alone makes a date count no more, or again."""
    return before.due == after.due and bool({before.phase, after.phase} & STOPPED)


def _says(fact: Fact) -> Fact:
    """A fact without what nobody is shown of it, and what other occasions tell of."""
    return fact.model_copy(update={"id": "X", "keywords": (), "phase": None, "due": None})


def _ids(fact: Fact | None) -> set[str]:
    return set() if fact is None else {fact.id}
