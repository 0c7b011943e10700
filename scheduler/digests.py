"""Digests: what waits for a chat is gathered when its hour comes, and goes out as one notice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from zlib import crc32

from knowledge.notification.interests import DEFAULT_SETTINGS, ChatSettings, Pace
from knowledge.notification.notices import Notice, NoticeKind, gathered
from knowledge.notification.working_time import moment_of, next_moment
from knowledge.snapshot import Snapshot
from scheduler.rules import Rules
from scheduler.validity import reason_to_drop

MOST_GATHERED = 8
"""Notices in one digest: in short they fit into one message, whatever they say."""


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
        notice: What carries them; None where they are not true any more.
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
    *,
    now: datetime,
    rules: Rules,
) -> list[Digest]:
    """Gather what is due, per chat; nudges by themselves, because they ask for something.

    Args:
        waiting: What waits, in order per chat.
        settings: How chats want to be told.
        snapshot: The newest state: what is not true any more is left out.
        now: The present moment.
        rules: Which reminders there are.
    """
    due = sorted((one for one in waiting if _is_due(one, settings, now, rules)), key=_pile)
    found = []
    for (chat_id, is_nudge), pile in groupby(due, key=_pile):
        kind = NoticeKind.NUDGE if is_nudge else NoticeKind.DIGEST
        true: list[Notice] = []
        untrue: list[Notice] = []
        for one in pile:
            reason = reason_to_drop(one.notice, snapshot, now=now, rules=rules)
            (untrue if reason else true).append(one.notice)
        for begin in range(0, len(true), MOST_GATHERED):
            told = true[begin : begin + MOST_GATHERED]
            found.append(Digest(chat_id, _gathered(kind, told, now), _keys(told)))
        found.append(Digest(chat_id, None, _keys(untrue)))
    return found


def _is_due(
    waiting: Waiting, settings: Mapping[int, ChatSettings], now: datetime, rules: Rules
) -> bool:
    """Whether the hour of a notice has come, and its chat may be written to at this moment.

    What is in a digest counts as told: so none is put together that has to wait.
    """
    chosen = settings.get(waiting.notice.chat_id, DEFAULT_SETTINGS)
    hour = digest_time(chosen, waiting.planned_at, rules.subdivision)
    return hour <= now and chosen.next_moment(now, rules.subdivision) <= now


def _pile(waiting: Waiting) -> tuple[int, bool]:
    return waiting.notice.chat_id, waiting.notice.kind is NoticeKind.NUDGE


def _keys(notices: Iterable[Notice]) -> tuple[str, ...]:
    return tuple(notice.key for notice in notices)


def _gathered(kind: NoticeKind, notices: Sequence[Notice], not_before: datetime) -> Notice:
    # Made of what it carries: two digests of one chat are two, even if the clock was set back.
    mark = crc32("\n".join(notice.key for notice in notices).encode())
    day = not_before.astimezone(UTC).date()
    key = f"{kind}:{day}:{mark:08x}"
    return Notice(notices[0].chat_id, key, kind, gathered(notices), not_before)
