"""What a chat last talked about, so that "und wer ist zuständig?" has something to refer to."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError

from knowledge.storage.database import Database
from knowledge.storage.tables import topic

MEMORY = timedelta(minutes=10)
"""How long a bare follow-up question still refers to the last answer."""


class Topics:
    """The last topic of each chat, kept in the database: a restart changes nothing."""

    def __init__(self, database: Database) -> None:
        """Use a database."""
        self._database = database

    async def remember(self, chat_id: int, entry: str, now: datetime) -> None:
        """Note that an answer about an entry was given to a chat.

        A database that is busy costs a follow-up question its topic, not the chat its answer.
        """
        values: dict[str, Any] = {"entry": entry, "expires_at": now + MEMORY}
        with suppress(SQLAlchemyError):
            await self._write(chat_id, values)

    async def _write(self, chat_id: int, values: dict[str, Any]) -> None:
        async with self._database.writing() as connection:
            await connection.execute(
                self._database.insert(topic)
                .values(chat_id=chat_id, **values)
                .on_conflict_do_update(index_elements=[topic.c.chat_id], set_=values)
            )

    async def recall(self, chat_id: int, now: datetime) -> str | None:
        """Key of the entry that the chat talked about within the last minutes."""
        async with self._database.reading() as connection:
            key: str | None = await connection.scalar(
                select(topic.c.entry).where(topic.c.chat_id == chat_id, topic.c.expires_at > now)
            )
        return key

    async def forget_expired(self, now: datetime) -> int:
        """Delete what is too old to be referred to; returns how many topics that were."""
        async with self._database.writing() as connection:
            result = await connection.execute(delete(topic).where(topic.c.expires_at <= now))
        return result.rowcount
