"""Questions without an answer that people passed on to the editors."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from knowledge.database import Database
from knowledge.questions import LONGEST
from knowledge.tables import handed_over_question


class HandedOverQuestions:
    """The questions that wait for an editor."""

    def __init__(self, database: Database) -> None:
        """Use a database."""
        self._database = database

    async def add(self, chat_id: int, message_id: int, text: str, now: datetime) -> bool:
        """Keep a question, once per message; returns False if it was kept already."""
        # Databases take neither NUL nor half of a surrogate pair.
        text = text.encode("utf-8", "replace").decode().replace("\0", "")[:LONGEST]
        try:
            async with self._database.writing() as connection:
                await connection.execute(
                    insert(handed_over_question).values(
                        chat_id=chat_id, message_id=message_id, text=text, asked_at=now
                    )
                )
        except IntegrityError:
            return False
        return True
