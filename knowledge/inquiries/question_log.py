"""What was asked and what came of it, without who asked: shows editors where facts are missing."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from knowledge.answering.answers import Answer
from knowledge.answering.asides import Aside
from knowledge.answering.confidence import Band
from knowledge.inquiries.unanswered import LONGEST_LISTED, is_legible
from knowledge.redaction import redacted
from knowledge.storage.database import Database
from knowledge.storage.row_ids import is_id, new_id
from knowledge.storage.tables import asked_question

LISTING, NEWS, LACKING, UNNAMED = "listing", "news", "lacking", "unnamed"
"""Outcomes of questions that were answered with a list, with what changed, or with an answer that
says what is not known; and of those that point back at nothing."""

_NOT_KEPT = frozenset(
    {Aside.PERSONAL, Aside.GREETING, Aside.THANKS, Aside.SUBSCRIBING, Aside.ENDING}
)
"""Personal cases are nobody's business; greetings, thanks and commands in words teach nothing."""


class QuestionLog:
    """Questions of the last days, each with its outcome and the hour in which it was asked."""

    def __init__(self, database: Database, *, days: int) -> None:
        """Use a database.

        Args:
            database: Where questions are kept.
            days: How long; 0 switches the log off.
        """
        self._database = database
        self._days = days

    @property
    def days(self) -> int:
        """For how many days questions are kept; 0 if they are not."""
        return self._days

    def draw_id(self) -> int | None:
        """A number for the next question, or None if the log is off.

        It is drawn rather than counted, so that an answer can carry it without waiting for the
        database, and so that it tells nothing about order or time.
        """
        return new_id() if self._days else None

    async def write(self, number: int | None, text: str, found: Answer, now: datetime) -> None:
        """Note a question that was answered; without a number nothing is noted.

        A database that is busy costs the log its row, not the person the answer.

        Args:
            number: From `draw_id`.
            text: What was typed.
            found: What was answered.
            now: The present moment, of which only the hour is kept: the minute would lead from
                a question to a message in a chat.
        """
        kept = redacted(text)
        if number is None or not kept or found.question.aside in _NOT_KEPT:
            return
        with suppress(SQLAlchemyError):
            async with self._database.writing() as connection:
                await connection.execute(
                    insert(asked_question).values(
                        id=number,
                        text=kept,
                        outcome=_outcome(found),
                        entry=found.topic.key if found.topic else None,
                        asked_at=now.replace(minute=0, second=0, microsecond=0),
                    )
                )

    async def text(self, number: int) -> str | None:
        """What was asked, as it is kept; None if the log has no such question any more."""
        if not is_id(number):
            return None
        async with self._database.reading() as connection:
            return await connection.scalar(
                select(asked_question.c.text).where(asked_question.c.id == number)
            )

    async def unanswered(self, *, limit: int) -> list[tuple[str, int]]:
        """Questions to which nothing, or not all, was found, the most frequent first.

        What has no words, or is longer than a question, is left out.

        Returns:
            Each with how often it was asked.
        """
        columns, times = asked_question.c, func.count()
        counted = (
            select(columns.text, times)
            .where(
                columns.outcome.in_((Band.NONE, LACKING)),
                func.length(columns.text) <= LONGEST_LISTED,
            )
            .group_by(columns.text)
            .order_by(times.desc(), columns.text)
        )
        async with self._database.reading() as connection:
            legible = (
                (text, number)
                for text, number in await connection.execute(counted)
                if is_legible(text)
            )
            return list(islice(legible, limit))

    async def forget_old(self, now: datetime) -> int:
        """Delete what is older than the log's days, or everything if it is off.

        Returns:
            How many questions that were.
        """
        oldest = now - timedelta(days=self._days)
        async with self._database.writing() as connection:
            result = await connection.execute(
                delete(asked_question).where(asked_question.c.asked_at <= oldest)
            )
        return result.rowcount


def _outcome(found: Answer) -> str:
    if found.listing is not None:
        return LISTING
    if found.news is not None:
        return NEWS
    if found.band is Band.ANSWER and found.lacks_something:
        return LACKING
    if found.question.aside is not None:
        return str(found.question.aside)
    return UNNAMED if found.band is Band.NONE and found.question.follow_up else str(found.band)
