"""Subscriptions and settings of chats in the database: made, changed, ended, forgotten.

A chat is a person, a group or a channel; nothing is kept of it but its number and what it chose.
A subscription remembers the state of the knowledge base at its beginning: what was known by then
is never told as news.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.notification.audience import Audience
from knowledge.notification.chats import reactivating
from knowledge.notification.contents import AnswerChanged, Unreadable, gathered, told_in
from knowledge.notification.interests import (
    ALL_INTERESTS,
    DEFAULT_SETTINGS,
    ChatSettings,
    Interest,
    Pace,
    Scope,
    Subscription,
    Target,
    answer_to,
    fingerprints,
)
from knowledge.notification.notices import AT_ANY_HOUR, Notice, NoticeKind, NoticeState
from knowledge.notification.outbox import finishing_values, notice_of
from knowledge.snapshot import Snapshot
from knowledge.storage.database import Database, take_turns
from knowledge.storage.tables import chat_settings, outbox, planned_notice, planner, subscription

MOST = 100
"""Subscriptions of one chat: more cannot be shown, and nobody reads what they would bring."""

SETTINGS = tuple(setting.name for setting in fields(ChatSettings))
"""Names of everything that a chat chooses about when it is told."""

ENDED = "subscription ended"
"""Reason with which notices are dropped that nobody wants any more."""

_NOT_BY_SUBSCRIPTION = (
    NoticeKind.QUESTION_ANSWERED,
    NoticeKind.ANNOUNCEMENT,
    NoticeKind.NUDGE,
)


class TooManyError(Exception):
    """A chat has as many subscriptions as it can have."""


class OutdatedError(Exception):
    """What a chat would know is older than what chats have been told of already."""


class Subscriptions:
    """Subscriptions and settings of all chats."""

    def __init__(self, database: Database, *, zone: ZoneInfo, subdivision: str) -> None:
        """Use a database.

        Args:
            database: Where they are kept.
            zone: The zone in which days begin for answers.
            subdivision: The federal state whose holidays count.
        """
        self._database = database
        self._zone = zone
        self._subdivision = subdivision

    async def begin(
        self,
        chat_id: int,
        target: Target,
        *,
        snapshot: Snapshot,
        now: datetime,
        interests: Iterable[Interest] = ALL_INTERESTS,
    ) -> Subscription:
        """Subscribe; what the chat has already stays as it is.

        A chat that could not be written to can be again: it just wrote, and Telegram may not have
        told that the bot is not blocked any more.

        Args:
            chat_id: Who wants to be told.
            target: What they want to be told of.
            snapshot: The state that the chat knows: later revisions are news.
            now: The present moment.
            interests: What of the target, where it is new.

        Raises:
            TooManyError: if the chat has too many subscriptions.
            OutdatedError: if later revisions have been planned: they would never be told.
        """
        is_answer = target.scope is Scope.ANSWER
        values = {
            "chat_id": chat_id,
            "scope": target.scope,
            "entry": target.entry or "",
            "question": target.question or "",
            "home": target.home or "",
            "interests": [] if is_answer else sorted(interests),
            "since": now,
            "revision": snapshot.revision,
            "answer": self._said(target, snapshot, now) if is_answer else None,
        }
        async with self._database.writing() as connection:
            # Planning under way would go on beyond the revision without this chat.
            await take_turns(connection, planner)
            if (await connection.scalar(select(planner.c.revision)) or 0) > snapshot.revision:
                raise OutdatedError
            await connection.execute(reactivating(chat_id))
            count = select(func.count()).where(subscription.c.chat_id == chat_id)
            is_full = (await connection.scalar(count) or 0) >= MOST
            if is_full and not await _find(connection, chat_id, target):
                raise TooManyError
            row = await connection.execute(
                self._database.insert(subscription)
                .values(values)
                .on_conflict_do_update(
                    index_elements=[
                        subscription.c.chat_id,
                        subscription.c.scope,
                        subscription.c.entry,
                        subscription.c.question,
                    ],
                    # Nothing changes, but the row is returned.
                    set_={"interests": subscription.c.interests},
                )
                .returning(*subscription.c)
            )
            return _subscription(row.one())

    def _said(self, target: Target, snapshot: Snapshot, now: datetime) -> dict[str, str]:
        today = now.astimezone(self._zone).date()
        return fingerprints(answer_to(target, snapshot, today).grounds)

    async def of_chat(self, chat_id: int) -> list[Subscription]:
        """A chat's subscriptions, the oldest first."""
        async with self._database.reading() as connection:
            return await _of_chat(connection, chat_id)

    async def switch(
        self, chat_id: int, number: int, interest: Interest, *, on: bool
    ) -> Subscription | None:
        """Switch one interest of one of a chat's subscriptions on or off, unless it is the last.

        The others stay as they are, also where somebody switches them at the same moment. What
        waits is looked at when it may be sent: who only tries the switches loses nothing.

        Returns:
            How it is then; None if the chat has no such one.
        """
        own = (subscription.c.chat_id == chat_id) & (subscription.c.id == number)
        async with self._database.writing() as connection:
            wanted = select(subscription).where(own, subscription.c.scope != Scope.ANSWER)
            row = (await connection.execute(wanted.with_for_update())).one_or_none()
            if row is None:
                return None
            one = _subscription(row)
            interests = one.interests | {interest} if on else one.interests - {interest}
            if not interests:
                return one
            await connection.execute(
                update(subscription).where(own).values(interests=sorted(interests))
            )
        return replace(one, interests=interests)

    async def end(self, chat_id: int, number: int, *, snapshot: Snapshot, now: datetime) -> bool:
        """End one of a chat's subscriptions; False if it has no such one.

        What waits for the chat, and none of its other subscriptions may want, is dropped.

        Args:
            chat_id: The chat.
            number: The subscription's.
            snapshot: The newest state: what the others cover.
            now: The present moment.
        """
        async with self._database.writing() as connection:
            # Planning under way would still write down what it decided to tell the chat.
            await take_turns(connection, planner)
            ended = await connection.execute(
                delete(subscription).where(
                    subscription.c.chat_id == chat_id, subscription.c.id == number
                )
            )
            left = await _of_chat(connection, chat_id)
            await _drop_unwanted(connection, chat_id, left, snapshot, now)
        return ended.rowcount > 0

    async def end_all(self, chat_id: int, *, now: datetime) -> int:
        """End all of a chat's subscriptions and drop what waits for it; returns how many."""
        async with self._database.writing() as connection:
            await take_turns(connection, planner)  # as above
            ended = await connection.execute(
                delete(subscription).where(subscription.c.chat_id == chat_id)
            )
            await _drop_waiting(connection, chat_id, now)
        return ended.rowcount

    async def settings(self, chat_id: int) -> ChatSettings:
        """How a chat wants to be told."""
        async with self._database.reading() as connection:
            row = (
                await connection.execute(
                    select(chat_settings).where(chat_settings.c.chat_id == chat_id)
                )
            ).first()
        return DEFAULT_SETTINGS if row is None else _settings(row)

    async def next_moment(self, chat_id: int, now: datetime) -> datetime:
        """The first moment from now on at which a chat may be written to."""
        return (await self.settings(chat_id)).next_moment(now, self._subdivision)

    async def set_up(
        self,
        chat_id: int,
        settings: ChatSettings,
        *,
        now: datetime,
        chosen: Collection[str] = SETTINGS,
    ) -> ChatSettings:
        """Keep how a chat wants to be told; holds for what waits for it already, too.

        Not for what people send off: that keeps to no hours.

        Args:
            chat_id: The chat.
            settings: How it wants to be told.
            now: The present moment.
            chosen: Which of the settings were chosen: the others stay as they are, also where
                somebody chooses them at the same moment.

        Returns:
            How the chat is told from now on.
        """
        kept = replace(DEFAULT_SETTINGS, **{name: getattr(settings, name) for name in chosen})
        values = {name: getattr(kept, name) for name in SETTINGS} | {"zone": kept.zone.key}
        async with self._database.writing() as connection:
            # What planning under way writes down by the former settings waits then, too.
            await take_turns(connection, planner)
            row = await connection.execute(
                self._database.insert(chat_settings)
                .values(chat_id=chat_id, **values)
                .on_conflict_do_update(
                    index_elements=[chat_settings.c.chat_id],
                    set_={name: values[name] for name in chosen},
                )
                .returning(*chat_settings.c)
            )
            settings = _settings(row.one())
            moment = settings.next_moment(now, self._subdivision)
            await connection.execute(
                update(outbox)
                .where(
                    *_waiting(chat_id), outbox.c.attempts == 0, outbox.c.kind.not_in(AT_ANY_HOUR)
                )
                .values(not_before=moment, due_at=moment)
            )
        return settings

    async def chats(self, connection: AsyncConnection) -> frozenset[int]:
        """The chats that have subscribed anything, as a transaction of the caller sees it."""
        return frozenset(await connection.scalars(select(subscription.c.chat_id).distinct()))

    async def listed(self) -> list[Subscription]:
        """All subscriptions of all chats, in the order in which they began."""
        async with self._database.reading() as connection:
            return await self.all(connection)

    async def all(self, connection: AsyncConnection) -> list[Subscription]:
        """All subscriptions of all chats, in the order in which they began."""
        rows = await connection.execute(select(subscription).order_by(subscription.c.id))
        return [_subscription(row) for row in rows]

    async def all_settings(self, connection: AsyncConnection) -> dict[int, ChatSettings]:
        """The settings of all chats that have any."""
        rows = await connection.execute(select(chat_settings))
        return {row.chat_id: _settings(row) for row in rows}


async def _of_chat(connection: AsyncConnection, chat_id: int) -> list[Subscription]:
    rows = await connection.execute(
        select(subscription).where(subscription.c.chat_id == chat_id).order_by(subscription.c.id)
    )
    return [_subscription(row) for row in rows]


async def _find(connection: AsyncConnection, chat_id: int, target: Target) -> bool:
    found = await connection.scalar(
        select(subscription.c.id).where(
            subscription.c.chat_id == chat_id,
            subscription.c.scope == target.scope,
            subscription.c.entry == (target.entry or ""),
            subscription.c.question == (target.question or ""),
        )
    )
    return found is not None


def _waiting(chat_id: int) -> Sequence[Any]:
    return (outbox.c.chat_id == chat_id, outbox.c.state == NoticeState.WAITING)


def _gathering(chat_id: int) -> Sequence[Any]:
    return (planned_notice.c.chat_id == chat_id, planned_notice.c.sent_as.is_(None))


async def _drop_waiting(connection: AsyncConnection, chat_id: int, now: datetime) -> None:
    """Drop what waits for a chat because of its subscriptions."""
    await connection.execute(
        update(outbox)
        .where(*_waiting(chat_id), outbox.c.kind.not_in(_NOT_BY_SUBSCRIPTION))
        .values(finishing_values(NoticeState.DROPPED, now, ENDED))
    )
    await connection.execute(
        update(planned_notice)
        .where(*_gathering(chat_id), planned_notice.c.kind.not_in(_NOT_BY_SUBSCRIPTION))
        .values(content=None)
    )


def wanted_by(
    left: Sequence[Subscription], reminded: Collection[str], snapshot: Snapshot
) -> Callable[[Notice], Notice | None]:
    """A notice as far as one of some subscriptions may want it, or it depends on none.

    Args:
        left: The subscriptions of a chat.
        reminded: Keys of the entries of whose dates it was reminded.
        snapshot: The newest state.
    """
    audience = Audience(left, snapshot)
    answers = {one.id for one in left if one.target.scope is Scope.ANSWER}

    def as_wanted(notice: Notice) -> Notice | None:
        if notice.kind in _NOT_BY_SUBSCRIPTION or notice.kind is NoticeKind.CORRECTION:
            # Who was told must learn that it does not hold, whatever else is wanted now.
            return notice
        if isinstance(notice.content, Unreadable):
            return notice  # nobody can say that it is not
        if isinstance(notice.content, AnswerChanged):
            return notice if notice.content.subscription in answers else None
        return audience.as_wanted(notice, reminded)

    return as_wanted


async def _drop_unwanted(
    connection: AsyncConnection,
    chat_id: int,
    left: Sequence[Subscription],
    snapshot: Snapshot,
    now: datetime,
) -> None:
    """Drop what waits for a chat and none of the subscriptions that are left to it may want."""
    if not left:
        await _drop_waiting(connection, chat_id, now)
        return
    of_dates = select(planned_notice.c.entry).where(
        planned_notice.c.chat_id == chat_id, planned_notice.c.due.is_not(None)
    )
    reminded = frozenset(await connection.scalars(of_dates))
    as_wanted = wanted_by(left, reminded, snapshot)
    for row in (await connection.execute(select(outbox).where(*_waiting(chat_id)))).all():
        told = told_in(notice_of(row, row.not_before))
        wanted = [one for one in told if as_wanted(one) is not None]
        if not wanted:
            values = finishing_values(NoticeState.DROPPED, now, ENDED)
        elif len(wanted) < len(told):
            values = {"content": gathered(wanted).model_dump(mode="json")}
        else:
            continue
        await connection.execute(update(outbox).where(outbox.c.id == row.id).values(values))
    waits = select(planned_notice).where(
        *_gathering(chat_id), planned_notice.c.content.is_not(None)
    )
    for row in (await connection.execute(waits)).all():
        if as_wanted(notice_of(row, row.planned_at)) is None:
            await connection.execute(
                update(planned_notice)
                .where(planned_notice.c.chat_id == chat_id, planned_notice.c.key == row.key)
                .values(content=None)
            )


def _subscription(row: Row[*tuple[Any, ...]]) -> Subscription:
    return Subscription(
        id=row.id,
        chat_id=row.chat_id,
        target=Target(Scope(row.scope), row.entry or None, row.question or None, row.home or None),
        interests=frozenset(map(Interest, row.interests)),
        since=row.since,
        revision=row.revision,
        answer=row.answer,
    )


def _settings(row: Row[*tuple[Any, ...]]) -> ChatSettings:
    return ChatSettings(
        pace=Pace(row.pace),
        hour=row.hour,
        weekday=row.weekday,
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        working_days=row.working_days,
        paused_until=row.paused_until,
        zone=ZoneInfo(row.zone),
    )
