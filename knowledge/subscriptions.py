"""What chats want to be told of, and how: subscriptions and settings.

A chat is a person, a group or a channel; nothing is kept of it but its number and what it chose.
A subscription remembers the state of the knowledge base at its beginning: what was known by then
is never told as news.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.answers import Answer, answer
from knowledge.database import Database
from knowledge.entries import Fact
from knowledge.outbox import (
    NoticeKind,
    NoticeState,
    finishing_values,
)
from knowledge.question_log import normalise
from knowledge.snapshot import Snapshot
from knowledge.tables import chat_settings, outbox, planned_notice, subscription
from knowledge.working_time import BERLIN, Hours, moment_of, next_moment

MOST = 100
"""Subscriptions of one chat: more cannot be shown, and nobody reads what they would bring."""

ENDED = "subscription ended"
"""Reason with which notices are dropped that nobody wants any more."""

_NOT_BY_SUBSCRIPTION = (
    NoticeKind.QUESTION_ANSWERED,
    NoticeKind.ANNOUNCEMENT,
    NoticeKind.NUDGE,
)


class Scope(StrEnum):
    """What a subscription is to.

    `ENTRY`: an entry and the dates directly below it. `BELOW`: an entry and everything below
    it, such as a plan, a field or a body. `EVERYTHING`: all entries. `ANSWER`: what the bot
    answers to a question.
    """

    ENTRY = "entry"
    BELOW = "below"
    EVERYTHING = "everything"
    ANSWER = "answer"


class Interest(StrEnum):
    """What a chat wants to be told of.

    `COMING`: dates that come up. `CHANGED`: dates that are moved, missed, kept or given up.
    `STATUS`: other phases. `FACTS`: new facts and documents.
    """

    COMING = "coming"
    CHANGED = "changed"
    STATUS = "status"
    FACTS = "facts"


ALL_INTERESTS = frozenset(Interest)


class Pace(StrEnum):
    """How often a chat is written to."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class Target:
    """What can be subscribed.

    Attributes:
        scope: What it is.
        entry: Key of the entry; of the last topic, for an answer to a follow-up question.
        question: What was asked, for an answer.
        home: Key of the body for which it was answered.

    Raises:
        ValueError: if scope, entry and question do not fit together.
    """

    scope: Scope
    entry: str | None = None
    question: str | None = None
    home: str | None = None

    def __post_init__(self) -> None:
        if (self.scope in {Scope.ENTRY, Scope.BELOW}) and not self.entry:
            raise ValueError(f"{self.scope} needs an entry")
        if (self.scope is Scope.ANSWER) != bool(self.question):
            raise ValueError("a question belongs to an answer, and to nothing else")

    @classmethod
    def of_answer(cls, text: str, *, topic: str | None, home: str | None) -> Target:
        """The answer to a question, which is kept without contact details.

        Raises:
            ValueError: if nothing of the question can be kept.
        """
        return cls(Scope.ANSWER, topic, normalise(text), home)


@dataclass(frozen=True, slots=True)
class Subscription:
    """Something that a chat wants to be told of.

    Attributes:
        id: Its number.
        chat_id: Whose it is.
        target: What it is to.
        interests: What of that; an answer has none.
        since: When it began.
        revision: The newest revision at that moment: later ones are news.
        answer: Fingerprints of the facts of the answer, by fact id; None before the first look.
    """

    id: int
    chat_id: int
    target: Target
    interests: frozenset[Interest]
    since: datetime
    revision: int
    answer: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """How a chat wants to be told.

    Attributes:
        pace: At once, or gathered once a day or a week.
        hour: The hour of digests, 0 to 23.
        weekday: The day of weekly digests, 0 is Monday.
        quiet_from: When quiet hours begin.
        quiet_until: When they end; equal times mean none.
        working_days: Whether non-working days are quiet, too.
        paused_until: The day on which a pause ends; nothing is sent before it.
        zone: The time zone of all this.
    """

    pace: Pace = Pace.AT_ONCE
    hour: int = 8
    weekday: int = 0
    quiet_from: time = time(18)
    quiet_until: time = time(8)
    working_days: bool = True
    paused_until: date | None = None
    zone: ZoneInfo = BERLIN

    def hours(self, subdivision: str) -> Hours:
        """When the chat may be written to, by the holidays of a federal state."""
        return Hours(
            self.quiet_from,
            self.quiet_until,
            working_days=self.working_days,
            zone=self.zone,
            subdivision=subdivision,
        )

    def next_moment(self, moment: datetime, subdivision: str) -> datetime:
        """The first moment, not before another one, at which the chat may be written to."""
        if self.paused_until is not None:
            moment = max(moment, moment_of(self.paused_until, time(0), self.zone))
        return next_moment(moment, self.hours(subdivision))


DEFAULT_SETTINGS = ChatSettings()


class TooManyError(Exception):
    """A chat has as many subscriptions as it can have."""


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

        Args:
            chat_id: Who wants to be told.
            target: What they want to be told of.
            snapshot: The state that the chat knows: later revisions are news.
            now: The present moment.
            interests: What of the target, where it is new.

        Raises:
            TooManyError: if the chat has too many subscriptions.
        """
        is_answer = target.scope is Scope.ANSWER
        chosen = [] if is_answer else sorted(interests)
        facts = None
        if is_answer:
            facts = fingerprints(
                answer_to(target, snapshot, now.astimezone(self._zone).date()).facts
            )
        async with self._database.writing() as connection:
            count = select(func.count()).where(subscription.c.chat_id == chat_id)
            if (await connection.scalar(count) or 0) >= MOST and not await _find(
                connection, chat_id, target
            ):
                raise TooManyError
            row = (
                await connection.execute(
                    self._database.insert(subscription)
                    .values(
                        chat_id=chat_id,
                        scope=target.scope,
                        entry=target.entry or "",
                        question=target.question or "",
                        home=target.home or "",
                        interests=chosen,
                        since=now,
                        revision=snapshot.revision,
                        answer=facts,
                    )
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
            ).one()
        return _subscription(row)

    async def of_chat(self, chat_id: int) -> list[Subscription]:
        """A chat's subscriptions, the oldest first."""
        async with self._database.reading() as connection:
            rows = await connection.execute(
                select(subscription)
                .where(subscription.c.chat_id == chat_id)
                .order_by(subscription.c.id)
            )
            return [_subscription(row) for row in rows]

    async def change(self, chat_id: int, number: int, interests: Iterable[Interest]) -> bool:
        """Give one of a chat's subscriptions other interests; False if it has no such one."""
        async with self._database.writing() as connection:
            result = await connection.execute(
                update(subscription)
                .where(
                    subscription.c.chat_id == chat_id,
                    subscription.c.id == number,
                    subscription.c.scope != Scope.ANSWER,
                )
                .values(interests=sorted(interests))
            )
        return result.rowcount > 0

    async def end(self, chat_id: int, number: int, *, now: datetime) -> bool:
        """End one of a chat's subscriptions; False if it has no such one.

        A notice of an answer that waits is dropped with it, and with the last subscription
        everything that waits. Before that, what waits may be wanted by another one, and is sent.
        """
        async with self._database.writing() as connection:
            ended = await connection.execute(
                delete(subscription).where(
                    subscription.c.chat_id == chat_id, subscription.c.id == number
                )
            )
            count = select(func.count()).where(subscription.c.chat_id == chat_id)
            last = not await connection.scalar(count)
            await _drop_waiting(connection, chat_id, now, None if last else answer_keys(number))
        return ended.rowcount > 0

    async def end_all(self, chat_id: int, *, now: datetime) -> int:
        """End all of a chat's subscriptions and drop what waits for it; returns how many."""
        async with self._database.writing() as connection:
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

    async def set_up(self, chat_id: int, settings: ChatSettings, *, now: datetime) -> None:
        """Keep how a chat wants to be told; holds for what waits for it already, too."""
        values: dict[str, Any] = {
            "pace": settings.pace,
            "hour": settings.hour,
            "weekday": settings.weekday,
            "quiet_from": settings.quiet_from,
            "quiet_until": settings.quiet_until,
            "working_days": settings.working_days,
            "paused_until": settings.paused_until,
            "zone": settings.zone.key,
        }
        moment = settings.next_moment(now, self._subdivision)
        async with self._database.writing() as connection:
            await connection.execute(
                self._database.insert(chat_settings)
                .values(chat_id=chat_id, **values)
                .on_conflict_do_update(index_elements=[chat_settings.c.chat_id], set_=values)
            )
            await connection.execute(
                update(outbox)
                .where(*_waiting(chat_id), outbox.c.attempts == 0)
                .values(not_before=moment, due_at=moment)
            )

    async def chats(self) -> frozenset[int]:
        """The chats that have subscribed anything."""
        async with self._database.reading() as connection:
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


def answer_to(target: Target, snapshot: Snapshot, today: date) -> Answer:
    """What is answered now to a question that is subscribed."""
    return answer(target.question or "", snapshot, today, topic=target.entry, home=target.home)


def fingerprints(facts: Iterable[Fact]) -> dict[str, str]:
    """What facts say, short enough to be kept: the same text has the same fingerprint."""
    return {fact.id: blake2b(fact.text.encode(), digest_size=6).hexdigest() for fact in facts}


def answer_keys(number: int) -> str:
    """What the keys of all notices about a subscribed answer begin with."""
    return f"{NoticeKind.ANSWER_CHANGED}:{number}:"


def differing(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    """Ids of facts that are new or say something else, then of those that are gone."""
    news = [fact for fact, said in after.items() if before.get(fact) != said]
    return (*news, *(fact for fact in before if fact not in after))


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


async def _drop_waiting(
    connection: AsyncConnection, chat_id: int, now: datetime, keys: str | None = None
) -> None:
    """Drop what waits for a chat because of its subscriptions.

    Args:
        connection: A writing transaction.
        chat_id: The chat.
        now: The present moment.
        keys: Only notices whose key begins so.
    """
    begin = keys or ""
    await connection.execute(
        update(outbox)
        .where(
            *_waiting(chat_id),
            outbox.c.kind.not_in(_NOT_BY_SUBSCRIPTION),
            outbox.c.key.startswith(begin, autoescape=True),
        )
        .values(finishing_values(NoticeState.DROPPED, now, ENDED))
    )
    await connection.execute(
        update(planned_notice)
        .where(
            planned_notice.c.chat_id == chat_id,
            planned_notice.c.sent_as.is_(None),
            planned_notice.c.kind.not_in(_NOT_BY_SUBSCRIPTION),
            planned_notice.c.key.startswith(begin, autoescape=True),
        )
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
