"""Notices on their way to chats: written down before they are sent, sent once.

A notice is put into the outbox in the transaction that causes it. A sender claims it for a while
(a lease), sends it, and notes what came of it. If the sender dies in between, the lease runs out
and the notice is claimed again: none is lost, and at most the one that was being sent arrives
twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Row,
    ScalarSelect,
    Update,
    and_,
    case,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.notification.contents import read
from knowledge.notification.notices import (
    WRITTEN_BY_PEOPLE,
    Notice,
    NoticeKind,
    NoticeState,
)
from knowledge.storage.database import Database
from knowledge.storage.tables import chat, outbox

LONGEST_REASON = 200
"""Characters that are kept of a reason."""

REMEMBERED = timedelta(days=400)
"""How long finished notices are known, and therefore not written down again: more than the year
in which an annual date comes round."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A notice that this sender, and nobody else, deals with until its lease runs out.

    Attributes:
        id: Its number.
        attempt: Which attempt this is, from 1.
        unanswered: After how many of them nobody knows whether they arrived.
        notice: What is to be sent.
    """

    id: int
    attempt: int
    unanswered: int
    notice: Notice


class Outbox:
    """The notices that are to be sent, and those that were."""

    def __init__(self, database: Database) -> None:
        """Use a database."""
        self._database = database

    async def enqueue(self, connection: AsyncConnection, notices: Iterable[Notice]) -> int:
        """Write notices down in a transaction of the caller; returns how many are new.

        Those that the chat has, or had, are ignored, as are those of deactivated chats. Notices
        of a chat that may be sent from the same moment are sent in the order given.
        """
        given = list(notices)
        away = set(
            await connection.scalars(
                select(chat.c.chat_id).where(chat.c.deactivated_at.is_not(None))
            )
        )
        rows = [_row(notice) for notice in given if notice.chat_id not in away]
        if not rows:
            return 0
        statement = self._database.insert(outbox).on_conflict_do_nothing(
            index_elements=[outbox.c.chat_id, outbox.c.key]
        )
        written = await connection.execute(statement.returning(outbox.c.id), rows)
        return len(written.all())

    async def cancel(
        self, connection: AsyncConnection, key: str, reason: str, *, now: datetime
    ) -> int:
        """Drop a notice, in a transaction of the caller, for all chats where it is not under way.

        Returns:
            How many chats that were.
        """
        idle = or_(outbox.c.state == NoticeState.WAITING, outbox.c.due_at <= now)
        result = await connection.execute(
            update(outbox)
            .where(outbox.c.key == key, outbox.c.due_at.is_not(None), idle)
            .values(finishing_values(NoticeState.DROPPED, now, reason))
        )
        return result.rowcount

    async def on_its_way(self, key: str) -> int:
        """How many chats a notice may still be sent to."""
        unfinished = (outbox.c.key == key) & outbox.c.due_at.is_not(None)
        async with self._database.reading() as connection:
            return await connection.scalar(select(func.count()).where(unfinished)) or 0

    async def add(self, notices: Iterable[Notice]) -> int:
        """Write notices down in a transaction of its own; returns how many are new."""
        async with self._database.writing() as connection:
            return await self.enqueue(connection, notices)

    async def claim(self, now: datetime, *, lease: timedelta) -> Claim | None:
        """Take over the oldest notice that may be sent, for the time of a lease.

        A chat has at most one notice under way, always its oldest: while that one is claimed or
        waits for its next attempt, the chat's later ones wait, too.

        Args:
            now: The present moment.
            lease: How long nobody else takes it.

        Returns:
            None if nothing may be sent.
        """
        claiming = (
            update(outbox)
            .where(outbox.c.id == _oldest(now))
            .values(state=NoticeState.CLAIMED, due_at=now + lease, attempts=outbox.c.attempts + 1)
            .returning(outbox)
        )
        async with self._database.writing() as connection:
            row = (await connection.execute(claiming)).one_or_none()
        if row is None:
            return None
        return Claim(row.id, row.attempts, row.unanswered, notice_of(row, row.not_before))

    async def mark_sent(self, claim: Claim, message_id: int, *, now: datetime) -> None:
        """Note that a notice arrived.

        That holds also if the lease ran out meanwhile and another sender has it.
        """
        await self._change(_finished(claim, NoticeState.SENT, now).values(message_id=message_id))

    async def mark_dropped(self, claim: Claim, reason: str, *, now: datetime) -> None:
        """Note that a notice is not to be sent any more, and why."""
        await self._change(_finished(claim, NoticeState.DROPPED, now, reason))

    async def mark_failed(self, claim: Claim, reason: str, *, now: datetime) -> None:
        """Note that a notice cannot be sent, and why."""
        await self._change(_finished(claim, NoticeState.FAILED, now, reason))

    async def postpone(self, claim: Claim, until: datetime, *, unanswered: bool = False) -> None:
        """Give a notice back after an attempt in vain.

        Args:
            claim: What was tried.
            until: When the next attempt may begin.
            unanswered: Whether it may have arrived all the same.
        """
        await self._change(
            _held(claim).values(
                state=NoticeState.WAITING,
                due_at=until,
                unanswered=outbox.c.unanswered + int(unanswered),
            )
        )

    async def release(self, claim: Claim, until: datetime) -> None:
        """Give a notice back untried; nobody takes it before a moment."""
        await self._change(
            _held(claim).values(
                state=NoticeState.WAITING, due_at=until, attempts=outbox.c.attempts - 1
            )
        )

    async def put_off(self, claim: Claim, until: datetime) -> None:
        """Give a notice back untried that may not be sent before a moment.

        Unlike one that is released it keeps back none that may be sent before.
        """
        await self._change(
            _held(claim).values(
                state=NoticeState.WAITING,
                not_before=until,
                due_at=until,
                attempts=outbox.c.attempts - 1,
            )
        )

    async def counts(self) -> dict[NoticeState, int]:
        """How many notices are in each state."""
        query = select(outbox.c.state, func.count()).group_by(outbox.c.state)
        async with self._database.reading() as connection:
            counted = {row[0]: row[1] for row in await connection.execute(query)}
        return {state: counted.get(state, 0) for state in NoticeState}

    async def overdue(self, now: datetime) -> timedelta:
        """How long the oldest unfinished notice could have been sent, tried or not; 0 if none."""
        first = select(func.min(outbox.c.not_before)).where(outbox.c.due_at.is_not(None))
        async with self._database.reading() as connection:
            oldest = await connection.scalar(first)
        return max(now - oldest, timedelta()) if oldest else timedelta()

    async def forget_finished(self, now: datetime) -> int:
        """Delete what was finished long ago; returns how many notices that were."""
        async with self._database.writing() as connection:
            result = await connection.execute(
                delete(outbox).where(outbox.c.finished_at <= now - REMEMBERED)
            )
        return result.rowcount

    async def _change(self, change: Update) -> None:
        async with self._database.writing() as connection:
            await connection.execute(change)


def notice_of(row: Row[*tuple[Any, ...]], not_before: datetime) -> Notice:
    """The notice of a row, be it on its way or only planned."""
    kind = NoticeKind(row.kind)
    return Notice(row.chat_id, row.key, kind, read(kind, row.content), not_before)


def _row(notice: Notice) -> dict[str, Any]:
    return {
        "chat_id": notice.chat_id,
        "key": notice.key,
        "kind": notice.kind,
        "content": notice.content.model_dump(mode="json"),
        "not_before": notice.not_before,
        "state": NoticeState.WAITING,
        "due_at": notice.not_before,
    }


def _oldest(now: datetime) -> ScalarSelect[Any]:
    """The oldest notice that may be sent and that no earlier one of its chat keeps back."""
    sendable, earlier = outbox.alias("sendable"), outbox.alias("earlier")
    is_earlier = or_(
        earlier.c.not_before < sendable.c.not_before,
        and_(earlier.c.not_before == sendable.c.not_before, earlier.c.id < sendable.c.id),
    )
    kept_back = exists().where(
        earlier.c.chat_id == sendable.c.chat_id, earlier.c.due_at.is_not(None), is_earlier
    )
    return (
        select(sendable.c.id)
        .where(sendable.c.due_at <= now, sendable.c.not_before <= now, ~kept_back)
        .order_by(sendable.c.not_before, sendable.c.id)
        .limit(1)
        # Others pass by what is locked here. SQLite has locked the file and ignores this.
        .with_for_update(skip_locked=True, of=sendable)
        .scalar_subquery()
    )


def _open(claim: Claim) -> Update:
    return update(outbox).where(outbox.c.id == claim.id, outbox.c.due_at.is_not(None))


def _held(claim: Claim) -> Update:
    """Changes a notice unless its lease ran out and another sender has taken it."""
    return _open(claim).where(outbox.c.attempts == claim.attempt)


def _finished(
    claim: Claim, state: NoticeState, now: datetime, reason: str | None = None
) -> Update:
    finishing = _open(claim) if state is NoticeState.SENT else _held(claim)
    return finishing.values(finishing_values(state, now, reason))


def finishing_values(
    state: NoticeState, now: datetime, reason: str | None = None
) -> dict[str, Any]:
    """What changes in the row of a notice that is finished."""
    nothing = literal({}, outbox.c.content.type)
    by_people = outbox.c.kind.in_(WRITTEN_BY_PEOPLE)
    return {
        "state": state,
        "due_at": None,
        "finished_at": now,
        "reason": None if reason is None else reason[:LONGEST_REASON],
        "content": case((by_people, nothing), else_=outbox.c.content),
    }
