"""What the planner's notices tell, looked up in the newest state: one class for each sort."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Self

from handlers.messages import cut
from handlers.replies import question_of
from knowledge.entries import Entry, Fact, Kind, Phase
from knowledge.facts import is_overruled
from knowledge.notification.contents import (
    AnswerChanged,
    Change,
    Correction,
    DateGivenUp,
    DateMoved,
    EntriesAdded,
    FactsAdded,
    Nudge,
    OfEntry,
    PhaseChanged,
    Reminder,
    Standing,
    Withdrawn,
    entry_of,
    expected,
    facts_of,
    topmost_withdrawn,
)
from knowledge.notification.interests import answer_to, differing, fingerprints, same_words
from knowledge.notification.notices import Notice, NoticeKind
from knowledge.notification.occasions import SETTLING
from knowledge.partial_date import PartialDate, Period, Precision
from knowledge.snapshot import Snapshot, natural

LONGEST_TITLE = 160
"""UTF-16 units of a name or question in a notice that has no room for facts: eight of them, with
what is said about each, fit into one message."""

LONGEST_PARENT = 50
"""UTF-16 units, likewise, of the name of what a milestone belongs to."""

MOST_FACTS = 3
"""Facts that a notice quotes; of the others it says how many there are."""

MOST_ANNOUNCED = 8
"""New entries of an import that a notice names; of the others it says how many there are."""

_BEARING_ON_DEPENDENTS = SETTLING | {NoticeKind.STATUS_CHANGED}

_HAVE_MILESTONES = frozenset({Kind.PLAN, Kind.FIELD, Kind.MEASURE})


@dataclass(frozen=True, slots=True)
class Quotes:
    """Facts that are quoted.

    Attributes:
        facts: The first of them.
        further: How many more there are.
        owners: Whose they are, by id.
        overruled: Ids of those whose date or phase does not count in their entry: told without
            that, an older source would pass for the newest news.
    """

    facts: tuple[Fact, ...]
    further: int
    owners: Mapping[str, Entry]
    overruled: frozenset[str]

    @classmethod
    def of(cls, facts: Sequence[Fact], snapshot: Snapshot) -> Self:
        """Quote the first of some facts of the newest state."""
        quoted = tuple(facts[:MOST_FACTS])
        owners = {fact.id: snapshot.owner(fact) for fact in quoted}
        overruled = (fact.id for fact in quoted if is_overruled(fact, owners[fact.id]))
        return cls(quoted, max(0, len(facts) - MOST_FACTS), owners, frozenset(overruled))


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that is told.

    Attributes:
        kind: What happened.
        key: Key of the entry, empty for an answer and for several entries.
        title: Name of the entry, or the question.
        follows: Whether it happened to the same entry as what is told before.
        dated: Whether what is told of that entry before names its date already.
    """

    kind: NoticeKind
    key: str
    title: str
    follows: bool = False
    dated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryItem(Item):
    """Something about an entry.

    Attributes:
        entry: The entry, None if it is gone.
        part_of: Name of the plan, field or measure whose milestone it is.
        quotes: Facts of the entry.
    """

    entry: Entry | None
    part_of: str | None
    quotes: Quotes


@dataclass(frozen=True, slots=True, kw_only=True)
class DateItem(EntryItem):
    """Something about an entry that may have a date.

    Attributes:
        due: The date that counts now.
        days: Days from today to the date, negative if it has passed.
    """

    due: PartialDate | None
    days: int

    @property
    def is_vague(self) -> bool:
        """Whether no day is known, so that the last possible one counts."""
        return self.due is not None and self.due.precision is not Precision.DAY

    @property
    def has_passed(self) -> bool:
        """Whether the date lies behind, and what falls due is neither done nor dropped."""
        return self.due is not None and self.days < 0 and not (self.entry and self.entry.is_over)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderItem(DateItem):
    """A date that comes up or has passed.

    Attributes:
        derived: Whether it only follows from a rhythm.
    """

    derived: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeItem(DateItem):
    """What became of an entry.

    Attributes:
        old: The date that counted before.
        phase: The phase before.
        new: Whether the entry itself is new.
        dependents: What hangs on the entry.
        parts: Names of what belonged to the entry and was withdrawn with it, by key.
    """

    old: PartialDate | None
    phase: Phase | None
    new: bool
    dependents: tuple[Entry, ...]
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_narrowed(self) -> bool:
        """Whether the date only became more precise."""
        if self.due is None or self.old is None:
            return False
        return Period.around(self.old).covers(self.due)

    @property
    def is_widened(self) -> bool:
        """Whether the date only became less precise."""
        if self.due is None or self.old is None:
            return False
        return Period.around(self.due).covers(self.old)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionItem(EntryItem):
    """What holds of an entry instead of what a chat was told.

    Attributes:
        old: The date that the chat was told.
        phase: The phase that it was told.
        gone: Whether facts that it was told of do not hold any more.
        fell: What facts said that it was told of and that does not hold any more.
        back: Whether it was told that the entry is withdrawn.
        along: How many other entries went with one that is not there any more.
    """

    old: PartialDate | None
    phase: Phase | None
    gone: bool
    fell: tuple[str, ...]
    back: bool
    along: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntriesItem(Item):
    """Entries that an import brought.

    Attributes:
        entries: Those that are named.
        further: How many more there are.
    """

    entries: tuple[Entry, ...]
    further: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerItem(Item):
    """That a question is answered otherwise now.

    Attributes:
        quotes: Facts that are new in the answer.
        same_words: Ids of those that say another phase or date in the words of before.
        restated: Entries of which it does not say any more what it said.
        gone: Whether other facts that it told do not hold any more.
        withdrawn: Names of the entries that it was about and that are gone, by key.
    """

    quotes: Quotes
    same_words: frozenset[str]
    restated: tuple[Entry, ...]
    gone: bool
    withdrawn: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceItem(Item):
    """That nothing is stated about an entry.

    Attributes:
        months: For how long.
    """

    months: int


def items(told: Sequence[Notice], snapshot: Snapshot, today: date) -> list[Item]:
    """What notices tell, an entry named once, and what was withdrawn with it as parts of it.

    What else is told of such a part, as that something was no truth, is told by itself.
    """
    topmost = topmost_withdrawn(told)
    parts: dict[str, dict[str, str]] = defaultdict(dict)
    listed = []
    for one in told:
        key = entry_of(one)
        if isinstance(one.content, Withdrawn) and topmost[key] != key:
            parts[topmost[key]][key] = _title(one.content, None)
        else:
            listed.append(one)
    found: list[Item] = []
    dated = False
    for one in listed:
        item = _item(one, snapshot, today)
        if isinstance(item, ChangeItem):
            of_item = parts[item.key]
            item = replace(item, parts={key: of_item[key] for key in sorted(of_item, key=natural)})
        follows = bool(found and item.key and found[-1].key == item.key)
        found.append(replace(item, follows=follows, dated=follows and dated))
        dated = found[-1].dated or _names_date(item)
    return found


def _names_date(item: Item) -> bool:
    """Whether what is told of an entry says its date; new facts do so of a new entry only."""
    if item.kind is NoticeKind.FACT_ADDED:
        return isinstance(item, ChangeItem) and item.new
    return isinstance(item, EntryItem)


def shortened(item: Item, share: int = 1) -> Item:
    """An item with names that leave room for others.

    Args:
        item: The item.
        share: Names are that many times shorter than they mostly have to be.
    """
    title, other = LONGEST_TITLE // share, LONGEST_PARENT // share
    item = replace(item, title=_shortened(item.title, title))
    if isinstance(item, EntryItem) and item.part_of:
        item = replace(item, part_of=_shortened(item.part_of, other))
    if isinstance(item, ChangeItem):
        item = replace(item, parts=_all_shortened(item.parts, other))
    if isinstance(item, AnswerItem):
        item = replace(item, withdrawn=_all_shortened(item.withdrawn, other))
    return item


def _all_shortened(names: Mapping[str, str], longest: int) -> dict[str, str]:
    return {key: _shortened(name, longest) for key, name in names.items()}


def _shortened(name: str, longest: int) -> str:
    begin = cut(name, longest)
    return name if begin == name else f"{begin}…"


def _item(notice: Notice, snapshot: Snapshot, today: date) -> Item:
    match notice.content:
        case AnswerChanged() as content:
            return _answer(content, snapshot, today)
        case EntriesAdded() as content:
            return _new_entries(content, snapshot)
        case Correction() as content:
            return _correction(content, snapshot)
        case Nudge() as content:
            return _silence(content, snapshot)
        case Reminder() as content:
            return _reminder(notice.kind, content, snapshot, today)
        case _:
            return _change(notice, snapshot, today)


def _reminder(
    kind: NoticeKind, content: Reminder, snapshot: Snapshot, today: date
) -> ReminderItem:
    """A date that comes up or has passed, with the fact that states it."""
    entry = snapshot.entries.get(content.entry)
    stated = entry.due_fact if entry and not content.derived else None
    return ReminderItem(
        kind=kind,
        key=content.entry,
        title=_title(content, entry),
        entry=entry,
        part_of=_part_of(entry, snapshot),
        quotes=Quotes.of([stated] if stated else [], snapshot),
        due=content.due,
        days=(content.due.last - today).days,
        derived=content.derived,
    )


def _change(notice: Notice, snapshot: Snapshot, today: date) -> ChangeItem:
    """What became of an entry; of a new one its phase and date are quoted in any case."""
    content = expected(notice, Change)
    entry = snapshot.entries.get(content.entry)
    new = isinstance(content, FactsAdded) and content.new
    facts = _facts(facts_of(notice), entry, with_stated=new)
    due = entry.due if entry else None
    bears_on_dependents = notice.kind in _BEARING_ON_DEPENDENTS
    return ChangeItem(
        kind=notice.kind,
        key=content.entry,
        title=_title(content, entry),
        entry=entry,
        part_of=_part_of(entry, snapshot),
        quotes=Quotes.of(facts, snapshot),
        due=due,
        days=(due.last - today).days if due else 0,
        old=content.old if isinstance(content, DateMoved | DateGivenUp) else None,
        phase=content.old if isinstance(content, PhaseChanged) else None,
        new=new,
        dependents=snapshot.dependents(content.entry) if bears_on_dependents else (),
    )


def _correction(content: Correction, snapshot: Snapshot) -> CorrectionItem:
    """What holds of an entry instead of what a chat was told.

    Facts are quoted where they were not among those that it said then; of an entry that is back
    they all were known before.
    """
    entry = snapshot.entries.get(content.entry)
    told = content.told if isinstance(content.told, Standing) else Standing()
    facts = {fact.id: fact for fact in entry.facts} if entry and told.said is not None else {}
    differ = differing(told.said or {}, fingerprints(facts.values()))
    return CorrectionItem(
        kind=NoticeKind.CORRECTION,
        key=content.entry,
        title=_title(content, entry),
        entry=entry,
        part_of=_part_of(entry, snapshot),
        quotes=Quotes.of([facts[fact] for fact in differ if fact in facts], snapshot),
        old=told.due,
        phase=told.phase,
        gone=any(fact not in facts for fact in differ),
        fell=tuple(text for fact, text in content.fell.items() if fact in differ),
        back=content.told.withdrawn,
        along=max(0, content.gone - 1),
    )


def _new_entries(content: EntriesAdded, snapshot: Snapshot) -> NewEntriesItem:
    """The entries that an import brought, as far as they are still there."""
    left = [snapshot.entries[key] for key in content.entries if key in snapshot.entries]
    return NewEntriesItem(
        kind=NoticeKind.ENTRIES_ADDED,
        key="",
        title=content.entry,
        entries=tuple(left[:MOST_ANNOUNCED]),
        further=len(left[MOST_ANNOUNCED:]) + content.unlisted,
    )


def _answer(content: AnswerChanged, snapshot: Snapshot, today: date) -> AnswerItem:
    target = content.target
    facts = {fact.id: fact for fact in answer_to(target, snapshot, today).grounds}
    now = fingerprints(facts.values())
    differ = differing(content.before, now)
    news = [facts[fact] for fact in differ if fact in facts]
    about = content.about.items()
    withdrawn = {key: name for key, name in about if key not in snapshot.entries}
    if withdrawn and content.before.keys().isdisjoint(facts):
        news = []  # what else comes near to the question is no answer to it
    left = [content.owners.get(fact) for fact in differ if fact not in facts]
    told = {snapshot.owner(fact).key for fact in news}
    there = snapshot.entries.keys() - told
    restated = [key for key in dict.fromkeys(left) if key is not None and key in there]
    return AnswerItem(
        kind=NoticeKind.ANSWER_CHANGED,
        key="",
        title=question_of(target, snapshot),
        quotes=Quotes.of(news, snapshot),
        same_words=frozenset(
            fact for fact in now if same_words(content.before.get(fact), now[fact])
        ),
        restated=tuple(snapshot.entries[key] for key in restated[:MOST_FACTS]),
        gone=any(key not in restated[:MOST_FACTS] for key in left),
        withdrawn=withdrawn,
    )


def _silence(content: Nudge, snapshot: Snapshot) -> SilenceItem:
    title = _title(content, snapshot.entries.get(content.entry))
    return SilenceItem(
        kind=NoticeKind.NUDGE, key=content.entry, title=title, months=content.months
    )


def _title(content: OfEntry, entry: Entry | None) -> str:
    """The name that an entry had, or has."""
    had = content.title if isinstance(content, Change) else ""
    return had or (entry.title if entry else content.entry)


def _part_of(entry: Entry | None, snapshot: Snapshot) -> str | None:
    """The name of what a milestone belongs to; that of a body tells nothing."""
    if entry is None or entry.kind is not Kind.MILESTONE:
        return None
    parent = snapshot.get(entry.parent or "")
    return parent.title if parent and parent.kind in _HAVE_MILESTONES else None


def _facts(ids: Sequence[str], entry: Entry | None, *, with_stated: bool) -> list[Fact]:
    """Facts of an entry by their ids, maybe with those that state its phase and date, in order."""
    if entry is None:
        return []
    stated = (entry.phase_fact, entry.due_fact) if with_stated else ()
    return [fact for fact in entry.facts if fact.id in ids or fact in stated]
