"""The words of what the planner tells: what, when, how certain, by which source, since when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from pydantic import JsonValue
from telegram.constants import MessageLimit

from handlers.messages import cut, length, plain, render
from handlers.replies import question_of
from knowledge.entries import Entry, Fact, Kind, Phase
from knowledge.facts import is_overruled
from knowledge.milestones import Milestone, State
from knowledge.notification.interests import Target, answer_to, differing, fingerprints
from knowledge.notification.notices import (
    AT_ANY_HOUR,
    Content,
    Notice,
    NoticeKind,
    told_in,
    topmost_withdrawn,
)
from knowledge.notification.occasions import SETTLING
from knowledge.partial_date import PartialDate, Period, Precision
from knowledge.snapshot import Snapshot

PLANNED = tuple(kind for kind in NoticeKind if kind not in AT_ANY_HOUR)
"""Kinds of notices that are worded here."""

LONGEST_TITLE = 160
"""UTF-16 units of a name or question in a notice that has no room for facts: eight of them, with
what is said about each, fit into one message."""

LONGEST_PARENT = 50
"""UTF-16 units, likewise, of the name of what a milestone belongs to."""

MOST_FACTS = 3
"""Facts that a notice quotes; of the others it says how many there are."""


_BEARING_ON_DEPENDENTS = SETTLING | {NoticeKind.STATUS_CHANGED}

_HAVE_MILESTONES = frozenset({Kind.PLAN, Kind.FIELD, Kind.MEASURE})


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is told, looked up in the newest state.

    Attributes:
        kind: What happened.
        key: Key of the entry, empty for an answer.
        title: Name of the entry, or the question.
        entry: The entry, None if it is gone.
        facts: Facts that are quoted.
        follows: Whether it happened to the same entry as what is told before.
        parts: Names of what belonged to an entry and was withdrawn with it, by key.
        part_of: Name of the plan, field or measure whose milestone it is.
        further: How many more there are, of facts or of new entries.
        owners: Whose the quoted facts of an answer are, by id.
        due: The date that counts now.
        old: The date that counted before.
        phase: The phase before.
        days: Days from today to the date, negative if it has passed.
        dependents: What hangs on the entry.
        derived: Whether the date only follows from a rhythm.
        new: Whether the entry itself is new.
        restated: Entries of which an answer does not say any more what it said.
        gone: Whether facts of an answer, or that the chat was told of, do not hold any more.
        fell: What facts said that the chat was told of and that does not hold any more.
        back: Whether the chat was told that the entry is withdrawn, and it is there again.
        entries: New entries that are named.
        along: How many other entries went with one that is not there any more.
        months: Months without a statement.
        withdrawn: Names of the entries that a former answer was about and that are gone, by key.
        overruled: The entry of each quoted fact whose date or phase does not count there, by id.
    """

    kind: NoticeKind
    key: str
    title: str
    entry: Entry | None
    facts: tuple[Fact, ...] = ()
    follows: bool = False
    parts: Mapping[str, str] = field(default_factory=dict)
    part_of: str | None = None
    further: int = 0
    owners: Mapping[str, Entry] = field(default_factory=dict)
    due: PartialDate | None = None
    old: PartialDate | None = None
    phase: Phase | None = None
    days: int = 0
    dependents: tuple[Entry, ...] = ()
    derived: bool = False
    new: bool = False
    restated: tuple[Entry, ...] = ()
    gone: bool = False
    fell: tuple[str, ...] = ()
    back: bool = False
    entries: tuple[Entry, ...] = ()
    along: int = 0
    months: int = 0
    withdrawn: Mapping[str, str] = field(default_factory=dict)
    overruled: Mapping[str, Entry] = field(default_factory=dict)

    @property
    def is_vague(self) -> bool:
        """Whether no day is known, so that the last possible one counts."""
        return self.due is not None and self.due.precision is not Precision.DAY

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

    @property
    def has_passed(self) -> bool:
        """Whether the date lies behind, and what falls due is neither done nor dropped."""
        return self.due is not None and self.days < 0 and not (self.entry and self.entry.is_over)


def planned_words(notice: Notice, snapshot: Snapshot, today: date) -> str:
    """Word a notice of the planner as Telegram HTML that fits into one message.

    Args:
        notice: What is told.
        snapshot: The newest state, which the words are made of.
        today: The present day.
    """
    items = _items(told_in(notice), snapshot, today)
    words = render("planned_notice", kind=notice.kind, items=items, brief=False)
    if length(words) > MessageLimit.MAX_TEXT_LENGTH:
        items = [
            replace(
                item,
                title=_shortened(item.title, LONGEST_TITLE),
                part_of=item.part_of and _shortened(item.part_of, LONGEST_PARENT),
                parts={key: _shortened(name, LONGEST_PARENT) for key, name in item.parts.items()},
            )
            for item in items
        ]
        words = render("planned_notice", kind=notice.kind, items=items, brief=True)
    return words


def _items(told: Sequence[Notice], snapshot: Snapshot, today: date) -> list[Item]:
    """What is told, an entry named once, and what was withdrawn with it as parts of it."""
    topmost = topmost_withdrawn(told)
    parts: dict[str, dict[str, str]] = defaultdict(dict)
    for one in told:
        key = str(one.content["entry"])
        if topmost.get(key, key) != key:
            parts[topmost[key]][key] = str(one.content["title"])
    found: list[Item] = []
    for one in told:
        item = _in_context(_item(one.kind, one.content, snapshot, today), snapshot)
        if topmost.get(item.key, item.key) == item.key:
            follows = bool(found and item.key and found[-1].key == item.key)
            found.append(replace(item, follows=follows, parts=parts[item.key]))
    return found


def _shortened(title: str, longest: int) -> str:
    begin = cut(title, longest)
    return title if begin == title else f"{begin}…"


def calendar_notes(milestone: Milestone, stands: State) -> str:
    """What a calendar says about a milestone, without markup."""
    return plain(render("calendar", milestone=milestone, state=stands))


def _item(kind: NoticeKind, content: Content, snapshot: Snapshot, today: date) -> Item:
    if kind is NoticeKind.ANSWER_CHANGED:
        return _answer(content, snapshot, today)
    key = str(content["entry"])
    entry = snapshot.entries.get(key)
    if kind is NoticeKind.ENTRIES_ADDED:
        return _added(key, content, snapshot)
    if kind is NoticeKind.CORRECTION:
        return _correction(key, content, entry)
    facts = _facts(content.get("facts"), entry)
    if content.get("new") is True and entry:
        facts = _with_stated(facts, entry)
    if kind in {NoticeKind.MILESTONE_COMING, NoticeKind.MILESTONE_MISSED}:
        stated = entry.due_fact if entry and not content["derived"] else None
        facts = (stated,) if stated else ()
    due = _date(content.get("due")) or (entry.due if entry else None)
    phase = content.get("old")
    return Item(
        kind,
        key,
        str(content.get("title") or (entry.title if entry else key)),
        entry,
        facts[:MOST_FACTS],
        further=max(0, len(facts) - MOST_FACTS),
        due=due,
        old=_date(phase) if phase not in list(Phase) else None,
        phase=Phase(str(phase)) if phase in list(Phase) else None,
        days=(due.last - today).days if due else 0,
        dependents=snapshot.dependents(key) if kind in _BEARING_ON_DEPENDENTS else (),
        derived=bool(content.get("derived")),
        new=bool(content.get("new")) and kind is NoticeKind.FACT_ADDED,
        months=_number(content.get("months")),
    )


def _added(key: str, content: Content, snapshot: Snapshot) -> Item:
    """The entries that an import brought, as far as they are still there."""
    listed = content.get("entries")
    keys = [str(one) for one in listed] if isinstance(listed, list) else [key]
    entries = tuple(snapshot.entries[one] for one in keys if one in snapshot.entries)
    further = max(0, _number(content.get("count")) - len(keys))
    return Item(NoticeKind.ENTRIES_ADDED, key, key, None, entries=entries, further=further)


def _in_context(item: Item, snapshot: Snapshot) -> Item:
    """An item with what its entry belongs to, and where its facts state what does not count.

    Told without that, an older source would pass for the newest news.
    """
    found: dict[str, Entry] = {}
    for fact in item.facts:
        _, (owner, *_) = snapshot.facts[fact.id]
        entry = snapshot.entries[owner]
        if is_overruled(fact, entry):
            found[fact.id] = entry
    return replace(item, overruled=found, part_of=_part_of(item.entry, snapshot))


def _part_of(entry: Entry | None, snapshot: Snapshot) -> str | None:
    """The name of what a milestone belongs to; that of a body tells nothing."""
    if entry is None or entry.kind is not Kind.MILESTONE:
        return None
    parent = snapshot.get(entry.parent or "")
    return parent.title if parent and parent.kind in _HAVE_MILESTONES else None


def _correction(key: str, content: Content, entry: Entry | None) -> Item:
    """What holds of an entry instead of what a chat was told.

    Facts are quoted where they were not among those that it said then; of an entry that is back
    they all were known before.
    """
    told = content.get("told")
    told = told if isinstance(told, dict) else {}
    said = told.get("said")
    former = {fact: str(one) for fact, one in said.items()} if isinstance(said, dict) else {}
    facts = {fact.id: fact for fact in entry.facts} if entry and isinstance(said, dict) else {}
    differ = differing(former, fingerprints(facts.values()))
    restored = tuple(facts[fact] for fact in differ if fact in facts)
    texts = content.get("fell")
    fell = texts.items() if isinstance(texts, dict) else ()
    return Item(
        NoticeKind.CORRECTION,
        key,
        entry.title if entry else key,
        entry,
        restored[:MOST_FACTS],
        further=max(0, len(restored) - MOST_FACTS),
        old=_date(told.get("due")),
        phase=Phase(str(told["phase"])) if told.get("phase") else None,
        gone=any(fact not in facts for fact in differ),
        fell=tuple(str(text) for fact, text in fell if fact in differ),
        back=bool(told.get("withdrawn")),
        along=max(0, _number(content.get("gone")) - 1),
    )


def _answer(content: Content, snapshot: Snapshot, today: date) -> Item:
    target = Target.of_content(content)
    facts = {fact.id: fact for fact in answer_to(target, snapshot, today).grounds}
    before = content["before"]
    former = {fact: str(said) for fact, said in before.items()} if isinstance(before, dict) else {}
    differ = differing(former, fingerprints(facts.values()))
    news = tuple(facts[fact] for fact in differ if fact in facts)
    about = content.get("about")
    entries = about.items() if isinstance(about, dict) else ()
    withdrawn = {key: str(name) for key, name in entries if key not in snapshot.entries}
    if withdrawn and former.keys().isdisjoint(facts):
        news = ()  # what else comes near to the question is no answer to it
    owners = content.get("owners")
    of = owners if isinstance(owners, dict) else {}
    left = [str(of.get(fact)) for fact in differ if fact not in facts]
    told = {snapshot.owner(fact).key for fact in news}
    restated = [key for key in dict.fromkeys(left) if key in snapshot.entries.keys() - told]
    return Item(
        NoticeKind.ANSWER_CHANGED,
        "",
        question_of(target, snapshot),
        None,
        news[:MOST_FACTS],
        further=max(0, len(news) - MOST_FACTS),
        owners={fact.id: snapshot.owner(fact) for fact in news[:MOST_FACTS]},
        restated=tuple(snapshot.entries[key] for key in restated[:MOST_FACTS]),
        gone=any(key not in restated[:MOST_FACTS] for key in left),
        withdrawn=withdrawn,
    )


def _facts(ids: JsonValue, entry: Entry | None) -> tuple[Fact, ...]:
    wanted: Sequence[JsonValue] = ids if isinstance(ids, list) else ()
    return tuple(fact for fact in (entry.facts if entry else ()) if fact.id in wanted)


def _with_stated(facts: tuple[Fact, ...], entry: Entry) -> tuple[Fact, ...]:
    """Facts of an entry with those that state its phase and date, in its order."""
    stated = (entry.phase_fact, entry.due_fact)
    return tuple(fact for fact in entry.facts if fact in facts or fact in stated)


def _date(text: JsonValue) -> PartialDate | None:
    return PartialDate.parse(text) if isinstance(text, str) else None


def _number(value: JsonValue) -> int:
    return value if isinstance(value, int) else 0
