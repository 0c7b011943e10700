"""What a chat last talked about: "und wer ist zuständig?" and "und in Jena?" refer to it."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError

from knowledge.answering.ellipsis import Topic
from knowledge.redaction import without_contacts
from knowledge.storage.database import Database
from knowledge.storage.tables import topic

MEMORY = timedelta(minutes=10)
"""How long a question may refer to the last answer."""


class Topics:
    """The last topic of each chat, kept in the database: a restart changes nothing."""

    def __init__(self, database: Database) -> None:
        """Use a database."""
        self._database = database

    async def remember(self, chat_id: int, last: Topic, now: datetime) -> None:
        """Note what an answer to a chat was about; what was asked is kept without contact details.

        A database that is busy costs a follow-up question its topic, not the chat its answer.
        """
        values: dict[str, Any] = {
            "entry": last.entry,
            "asked": without_contacts(last.asked),
            "expires_at": now + MEMORY,
        }
        with suppress(SQLAlchemyError):
            await self._write(chat_id, values)

    async def _write(self, chat_id: int, values: dict[str, Any]) -> None:
        async with self._database.writing() as connection:
            await connection.execute(
                self._database.insert(topic)
                .values(chat_id=chat_id, **values)
                .on_conflict_do_update(index_elements=[topic.c.chat_id], set_=values)
            )

    async def recall(self, chat_id: int, now: datetime) -> Topic | None:
        """What the chat talked about within the last minutes."""
        query = select(topic.c.entry, topic.c.asked).where(
            topic.c.chat_id == chat_id, topic.c.expires_at > now
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        return Topic(row.entry, row.asked) if row else None

    async def forget_expired(self, now: datetime) -> int:
        """Delete what is too old to be referred to; returns how many topics that were."""
        async with self._database.writing() as connection:
            result = await connection.execute(delete(topic).where(topic.c.expires_at <= now))
        return result.rowcount
