"""What waits for a chat is gathered when its hour comes: by entry, or as an overview of all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain, groupby
from zlib import crc32

import structlog

from knowledge.notification.contents import (
    FactsAdded,
    Reminder,
    Withdrawn,
    entry_of,
    expected,
    gathered,
    told_in,
    topmost_withdrawn,
)
from knowledge.notification.interests import DEFAULT_SETTINGS, ChatSettings, Pace
from knowledge.notification.notices import Notice, NoticeKind
from knowledge.notification.working_time import moment_of, next_moment
from knowledge.snapshot import Snapshot, natural
from scheduler.rules import Rules
from scheduler.validity import reason_to_drop

log = structlog.get_logger(__name__)

MOST_GATHERED = 8
"""Notices in one digest, without what was withdrawn with its plan: in short they fit into one
message, whatever they say."""

MOST_AT_ONCE = 4
"""Messages at one moment to a chat that is told at once; of more an overview is made."""

_OF_NO_ENTRY = frozenset({NoticeKind.ANSWER_CHANGED, NoticeKind.ENTRIES_ADDED})

_ORDER = {kind: place for place, kind in enumerate(NoticeKind)}
"""In which order is told what happened to an entry at one moment."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that waits for a digest.

    Attributes:
        notice: What is told; its `not_before` plays no part.
        planned_at: Since when it waits.
    """

    notice: Notice
    planned_at: datetime


@dataclass(frozen=True, slots=True)
class Digest:
    """What becomes of notices that waited.

    Attributes:
        chat_id: Whose they are.
        notice: What carries them; None where they are not true, not wanted, or told by others.
        keys: Their keys.
    """

    chat_id: int
    notice: Notice | None
    keys: tuple[str, ...]


def digest_time(settings: ChatSettings, moment: datetime, subdivision: str) -> datetime:
    """When a notice that waits since a moment is due: at the chat's next hour for digests.

    An hour in quiet time, or on a day that is none for the chat, comes when it may be written
    to again. Chats that are told at once get what is only ever gathered (nudges) at the end of
    their quiet hours. During a pause nothing is due.
    """
    moment = settings.after_pause(moment)
    hour = settings.quiet_until if settings.pace is Pace.AT_ONCE else time(settings.hour)
    # Eight days back: the hour of a week ago may have been put off until now by holidays.
    day = moment.astimezone(settings.zone).date() - timedelta(days=8)
    while True:
        if settings.pace is not Pace.WEEKLY or day.weekday() == settings.weekday:
            slot = next_moment(moment_of(day, hour, settings.zone), settings.hours(subdivision))
            if slot >= moment:
                return slot
        day += timedelta(days=1)


def digests(
    waiting: Iterable[Waiting],
    settings: Mapping[int, ChatSettings],
    snapshot: Snapshot,
    as_wanted: Callable[[Notice], Notice | None],
    *,
    now: datetime,
    rules: Rules,
) -> list[Digest]:
    """Gather what is due, per chat; nudges by themselves, because they ask for something.

    A chat that is told at once gets a message for each entry, or overviews if these are many.

    Args:
        waiting: What waits.
        settings: How chats want to be told.
        snapshot: The newest state: what is not true any more is left out.
        as_wanted: What of a notice the chat still wants; None if nothing.
        now: The present moment.
        rules: Which reminders there are.
    """
    due = sorted((one for one in waiting if _is_due(one, settings, now, rules)), key=_place)
    found = []
    for (chat_id, is_nudge), pile in groupby(due, key=_pile):
        looked_at, true = [], []
        for notice in (one.notice for one in pile):
            try:
                wanted = as_wanted(notice)
                if wanted and reason_to_drop(wanted, snapshot, now=now, rules=rules) is None:
                    true.append(wanted)
            except Exception:
                # What waits for others, and for this chat, is told all the same.
                log.exception("a notice cannot be looked at, it waits", notice=notice.key)
            else:
                looked_at.append(notice)
        if is_nudge:
            carriers = [_gathered(NoticeKind.NUDGE, told, now) for told in _batches(true)]
        else:
            at_once = settings.get(chat_id, DEFAULT_SETTINGS).pace is Pace.AT_ONCE
            carriers = list(_messages(true, snapshot, now, at_once=at_once))
        carried = [Digest(chat_id, carrier, _keys(told_in(carrier))) for carrier in carriers]
        told = {key for digest in carried for key in digest.keys}
        left = _keys(one for one in looked_at if one.key not in told)
        found += [*carried, Digest(chat_id, None, left)]
    return found


def _messages(
    notices: Iterable[Notice], snapshot: Snapshot, now: datetime, *, at_once: bool
) -> Iterator[Notice]:
    """What a chat is sent: a message for each matter, or overviews, the earliest date first."""
    matters = [_without_repetition(matter, snapshot) for matter in _matters(notices)]
    if not at_once or len(matters) > MOST_AT_ONCE:
        matters.sort(key=lambda m: (_day(m, snapshot), natural(entry_of(m[0]))))
        matters = [[*chain(*matters)]]
    for told in chain(*map(_batches, matters)):
        if at_once and len(told) == 1:
            yield replace(told[0], not_before=now)
        else:
            yield _gathered(NoticeKind.DIGEST, told, now)


def _matters(notices: Iterable[Notice]) -> list[list[Notice]]:
    """Notices by what they are about: an entry, with what was withdrawn together with it.

    That a date was missed is told after how it came about.
    """
    listed = list(notices)
    topmost = topmost_withdrawn(listed)
    found: dict[str, list[Notice]] = defaultdict(list)
    for one in listed:
        key = entry_of(one)
        found[one.key if one.kind in _OF_NO_ENTRY else topmost.get(key, key)].append(one)
    return [
        sorted(matter, key=lambda one: _place_in_matter(one, about))
        for about, matter in found.items()
    ]


def _place_in_matter(one: Notice, about: str) -> tuple[bool, bool, bool]:
    """First the entry itself, then what was withdrawn with it, then what else is told of that."""
    is_other = entry_of(one) != about
    is_told_of_it = is_other and not isinstance(one.content, Withdrawn)
    return is_other, is_told_of_it, isinstance(one.content, Reminder)


def _without_repetition(matter: Sequence[Notice], snapshot: Snapshot) -> list[Notice]:
    """What is told of an entry, without reminders of a date that is told as a new one anyway."""
    entry = snapshot.entries.get(entry_of(matter[0]))
    is_new = any(
        one.kind is NoticeKind.MILESTONE_MOVED
        or (isinstance(one.content, FactsAdded) and one.content.new)
        for one in matter
    )
    told = entry.due if is_new and entry else None
    return [
        one
        for one in matter
        if one.kind is not NoticeKind.MILESTONE_COMING or expected(one, Reminder).due != told
    ]


def _day(matter: Sequence[Notice], snapshot: Snapshot) -> date:
    """The day of a reminder, or on which an entry is due; the end of time where there is none."""
    for one in matter:
        if isinstance(one.content, Reminder):
            return one.content.due.last
    entry = snapshot.entries.get(entry_of(matter[0]))
    return entry.due.last if entry and entry.due else date.max


def _batches(notices: Sequence[Notice]) -> Iterator[Sequence[Notice]]:
    """What fits into one message each; what was withdrawn with its plan is told in one with it."""
    topmost = topmost_withdrawn(notices)
    batch: list[Notice] = []
    withdrawn, room = set[str](), MOST_GATHERED
    for one in notices:
        key = entry_of(one)
        is_withdrawn = isinstance(one.content, Withdrawn)
        if not (is_withdrawn and topmost[key] != key and topmost[key] in withdrawn):
            if not room:
                yield batch
                batch, withdrawn, room = [], set(), MOST_GATHERED
            room -= 1
            withdrawn |= {key} if is_withdrawn else set()
        batch.append(one)
    if batch:
        yield batch


def _is_due(
    waiting: Waiting, settings: Mapping[int, ChatSettings], now: datetime, rules: Rules
) -> bool:
    """Whether the hour of a notice has come, and its chat may be written to at this moment.

    What is gathered counts as told: so nothing is put together that has to wait.
    """
    chosen = settings.get(waiting.notice.chat_id, DEFAULT_SETTINGS)
    if chosen.next_moment(now, rules.subdivision) > now or waiting.planned_at > now:
        return False
    if chosen.pace is Pace.AT_ONCE and waiting.notice.kind is not NoticeKind.NUDGE:
        return True
    return digest_time(chosen, waiting.planned_at, rules.subdivision) <= now


def _pile(waiting: Waiting) -> tuple[int, bool]:
    return waiting.notice.chat_id, waiting.notice.kind is NoticeKind.NUDGE


def _place(waiting: Waiting) -> tuple[tuple[int, bool], datetime, int]:
    return _pile(waiting), waiting.planned_at, _ORDER[waiting.notice.kind]


def _keys(notices: Iterable[Notice]) -> tuple[str, ...]:
    return tuple(notice.key for notice in notices)


def _gathered(kind: NoticeKind, notices: Sequence[Notice], not_before: datetime) -> Notice:
    # Made of what it carries: two digests of one chat are two, even if the clock was set back.
    mark = crc32("\n".join(notice.key for notice in notices).encode())
    day = not_before.astimezone(UTC).date()
    key = f"{kind}:{day}:{mark:08x}"
    return Notice(notices[0].chat_id, key, kind, gathered(notices), not_before)
