"""Questions without an answer that people passed on to the editors, until they are settled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.answering.questions import LONGEST
from knowledge.notification.contents import QuestionAnswered
from knowledge.notification.notices import Notice, NoticeKind
from knowledge.notification.outbox import Outbox
from knowledge.storage.database import Database, storable
from knowledge.storage.row_ids import new_id
from knowledge.storage.store import Guard
from knowledge.storage.tables import handed_over_question

UNDECIDED = timedelta(days=1)
"""How long it is known which chat a question came from, if nobody there says whether they want
to be told the answer."""

KEPT = timedelta(days=180)
"""How long a question waits for an editor: half a year later nobody remembers having asked."""

MOST_PER_DAY = 20
"""Questions that one chat may hand over in a day: among thousands of one person editors would not
find those of others."""

MOST_OPEN = 1_000
"""Questions that are read at once; the oldest come first, so that none is passed over for ever."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A question that waits for an editor.

    Attributes:
        id: Its number.
        text: What was asked.
        asked_at: When.
        awaited: Whether somebody wants to be told the answer.
    """

    id: int
    text: str
    asked_at: datetime
    awaited: bool = False


class TooManyError(Exception):
    """A chat has handed over as much as it may in a day."""


class HandedOverQuestions:
    """The questions that wait for an editor; what is settled is deleted.

    How many a chat handed over today is only counted in memory: which chat a question came from
    is forgotten early, and must not be told by a count.
    """

    def __init__(self, database: Database, outbox: Outbox) -> None:
        """Use a database.

        Args:
            database: Where questions are kept.
            outbox: Where answers are put for those who want to be told.
        """
        self._database = database
        self._outbox = outbox
        self._today: date | None = None
        self._counts: Counter[int] = Counter()

    async def add(self, chat_id: int, message_id: int, text: str, now: datetime) -> int | None:
        """Keep a question, once per message.

        Returns:
            Its number, or None if it was kept already.

        Raises:
            TooManyError: if the chat has handed over `MOST_PER_DAY` today.
        """
        if self._today != now.date():
            self._today, self._counts = now.date(), Counter()
        if self._counts[chat_id] >= MOST_PER_DAY:
            raise TooManyError
        text = storable(text)[:LONGEST]
        number = new_id()
        try:
            async with self._database.writing() as connection:
                await connection.execute(
                    insert(handed_over_question).values(
                        id=number,
                        chat_id=chat_id,
                        message_id=message_id,
                        text=text,
                        asked_at=now,
                        awaited=False,
                    )
                )
        except IntegrityError:
            return None
        self._counts[chat_id] += 1
        return number

    async def undecided(self, chat_id: int, message_id: int) -> int | None:
        """The number of a message's question if nobody has said that they want to be told."""
        columns = handed_over_question.c
        wanted = select(columns.id).where(
            columns.chat_id == chat_id, columns.message_id == message_id, ~columns.awaited
        )
        async with self._database.reading() as connection:
            return await connection.scalar(wanted)

    async def decide(self, number: int, chat_id: int, *, awaited: bool) -> bool:
        """Note whether the chat that a question came from wants to be told the answer.

        If it does not, which chat it was is forgotten at once.

        Returns:
            False if the question is settled, or that was decided otherwise long ago.
        """
        columns = handed_over_question.c
        own = (columns.id == number) & (columns.chat_id == chat_id)
        values: dict[str, object] = (
            {"awaited": True}
            if awaited
            else {"awaited": False, "chat_id": None, "message_id": None}
        )
        async with self._database.writing() as connection:
            result = await connection.execute(
                update(handed_over_question).where(own).values(values)
            )
        return result.rowcount > 0

    async def open(self) -> list[HandedOver]:
        """The questions that wait, the oldest first, `MOST_OPEN` at most."""
        columns = handed_over_question.c
        wanted = select(columns.id, columns.text, columns.asked_at, columns.awaited)
        async with self._database.reading() as connection:
            rows = await connection.execute(
                wanted.order_by(columns.asked_at, columns.id).limit(MOST_OPEN)
            )
            return [HandedOver(r.id, r.text, r.asked_at, bool(r.awaited)) for r in rows]

    async def awaiting(self, numbers: Collection[int]) -> int:
        """How many chats are told once some questions are answered, as far as they are open."""
        columns = handed_over_question.c
        wanted = select(func.count(columns.chat_id.distinct())).where(
            columns.id.in_(numbers), columns.awaited
        )
        async with self._database.reading() as connection:
            return await connection.scalar(wanted) or 0

    def answering(self, numbers: Collection[int], *, entry: str, now: datetime) -> Guard:
        """Settle questions together with the publication that answers them.

        Each chat that wants to know is told once per publication, however often it asked. What
        somebody else settled meanwhile is passed over.

        Args:
            numbers: The questions.
            entry: Key of the entry that answers them.
            now: The present moment.
        """

        async def guard(connection: AsyncConnection, revision: int) -> None:
            columns = handed_over_question.c
            rows = await connection.execute(
                delete(handed_over_question)
                .where(columns.id.in_(numbers))
                .returning(columns.chat_id, columns.text, columns.awaited, columns.asked_at)
            )
            askers = {
                row.chat_id: row.text
                for row in sorted(rows, key=lambda row: row.asked_at)
                if row.awaited
            }
            await self._outbox.enqueue(
                connection,
                [
                    Notice(
                        chat_id=chat_id,
                        key=f"{NoticeKind.QUESTION_ANSWERED}:{revision}",
                        kind=NoticeKind.QUESTION_ANSWERED,
                        content=QuestionAnswered(question=text, entry=entry),
                        not_before=now,
                    )
                    for chat_id, text in askers.items()
                ],
            )

        return guard

    async def dismiss(self, numbers: Collection[int]) -> int:
        """Settle questions without an answer; returns how many were still open."""
        async with self._database.writing() as connection:
            result = await connection.execute(
                delete(handed_over_question).where(handed_over_question.c.id.in_(numbers))
            )
        return result.rowcount

    async def forget_old(self, now: datetime) -> int:
        """Delete questions that nobody answered, and chats that nobody needs to know.

        Returns:
            How many questions were deleted.
        """
        columns = handed_over_question.c
        undecided = and_(
            columns.awaited.is_(False),
            columns.asked_at <= now - UNDECIDED,
            or_(columns.chat_id.is_not(None), columns.message_id.is_not(None)),
        )
        async with self._database.writing() as connection:
            await connection.execute(
                update(handed_over_question).where(undecided).values(chat_id=None, message_id=None)
            )
            result = await connection.execute(
                delete(handed_over_question).where(columns.asked_at <= now - KEPT)
            )
        return result.rowcount
