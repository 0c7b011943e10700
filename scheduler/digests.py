"""Digests: what waits for a chat is gathered when its hour comes, and goes out as one notice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from zlib import crc32

from pydantic import JsonValue

from knowledge.outbox import Notice, NoticeKind
from knowledge.snapshot import Snapshot
from knowledge.subscriptions import DEFAULT_SETTINGS, ChatSettings, Pace
from knowledge.working_time import moment_of, next_moment
from scheduler.rules import Rules
from scheduler.validity import reason_to_drop


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
        notice: What is sent; None if nothing of it is true any more.
        carries: Keys of the notices that it carries.
        dropped: Keys of those that are not true any more.
    """

    chat_id: int
    notice: Notice | None
    carries: tuple[str, ...]
    dropped: tuple[str, ...]


def digest_time(settings: ChatSettings, moment: datetime, subdivision: str) -> datetime:
    """When a notice that waits since a moment is due: at the chat's next hour for digests.

    An hour in quiet time, or on a day that is none for the chat, comes when it may be written
    to again. Chats that are told at once get what is only ever gathered (nudges) at the end of
    their quiet hours. During a pause nothing is due.
    """
    if settings.paused_until is not None:
        moment = max(moment, moment_of(settings.paused_until, time(0), settings.zone))
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
    due = [
        one
        for one in waiting
        if digest_time(
            settings.get(one.notice.chat_id, DEFAULT_SETTINGS), one.planned_at, rules.subdivision
        )
        <= now
    ]
    due.sort(key=_pile)
    found = []
    for (chat_id, is_nudge), pile in groupby(due, key=_pile):
        chosen = settings.get(chat_id, DEFAULT_SETTINGS)
        notices = [one.notice for one in pile]
        kept = [n for n in notices if not reason_to_drop(n, snapshot, now=now, rules=rules)]
        carries = tuple(notice.key for notice in kept)
        kind = NoticeKind.NUDGE if is_nudge else NoticeKind.DIGEST
        found.append(
            Digest(
                chat_id,
                _gathered(kind, kept, chosen.next_moment(now, rules.subdivision)),
                carries,
                tuple(notice.key for notice in notices if notice.key not in carries),
            )
        )
    return found


def _pile(waiting: Waiting) -> tuple[int, bool]:
    return waiting.notice.chat_id, waiting.notice.kind is NoticeKind.NUDGE


def _gathered(kind: NoticeKind, notices: Sequence[Notice], not_before: datetime) -> Notice | None:
    if not notices:
        return None
    items: list[JsonValue] = [
        {"key": notice.key, "kind": notice.kind, "content": dict(notice.content)}
        for notice in notices
    ]
    # Made of what it carries: two digests of one chat are two, even if the clock was set back.
    mark = crc32("\n".join(notice.key for notice in notices).encode())
    day = not_before.astimezone(UTC).date()
    key = f"{kind}:{day}:{mark:08x}"
    return Notice(notices[0].chat_id, key, kind, {"items": items}, not_before)
