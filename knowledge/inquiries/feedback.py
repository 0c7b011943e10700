"""Whether answers helped, as people say with one tap; without who said it."""

from __future__ import annotations

import hmac
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import delete, select

from knowledge.storage.database import Database
from knowledge.storage.tables import feedback

_ID_LENGTH = 32
"""Hexadecimal digits of a hash that are kept: 128 bits, so that no two taps meet by chance."""


@dataclass(frozen=True, slots=True)
class Rating:
    """What somebody says of an answer.

    Attributes:
        helpful: Whether it helped.
        entry: Key of the entry that the answer was about first; None for a list.
        question_id: Number of the question in the log; None if it is not there.
    """

    helpful: bool
    entry: str | None = None
    question_id: int | None = None


class Effect(StrEnum):
    """What a tap did."""

    KEPT = "kept"
    CHANGED = "changed"
    TAKEN_BACK = "taken_back"


class Feedback:
    """Ratings of the last days, one per person and answer."""

    def __init__(self, database: Database, *, key: bytes, days: int) -> None:
        """Use a database.

        Args:
            database: Where ratings are kept.
            key: Secret that stands between a rating and the person who gave it.
            days: How long.
        """
        self._database = database
        self._key = key
        self._days = days

    async def tap(
        self, rating: Rating, *, chat_id: int, message_id: int, user_id: int, today: date
    ) -> Effect:
        """Keep a rating; the same one again takes it back, the other one replaces it."""
        number = self._id(chat_id, message_id, user_id)
        own = feedback.c.id == number
        async with self._database.writing() as connection:
            before = await connection.scalar(select(feedback.c.helpful).where(own))
            if before == rating.helpful:
                await connection.execute(delete(feedback).where(own))
                return Effect.TAKEN_BACK
            values = asdict(rating) | {"given_on": today}
            await connection.execute(
                self._database.insert(feedback)
                .values(id=number, **values)
                .on_conflict_do_update(index_elements=[feedback.c.id], set_=values)
            )
        return Effect.KEPT if before is None else Effect.CHANGED

    def _id(self, chat_id: int, message_id: int, user_id: int) -> str:
        """The same for every tap of a person below an answer, and unreadable without the key."""
        tapped = f"{chat_id}:{message_id}:{user_id}".encode()
        return hmac.digest(self._key, tapped, "sha256").hex()[:_ID_LENGTH]

    async def forget_old(self, today: date) -> int:
        """Delete what is older than the days set; returns how many ratings that were."""
        oldest = today - timedelta(days=self._days)
        async with self._database.writing() as connection:
            result = await connection.execute(
                delete(feedback).where(feedback.c.given_on <= oldest)
            )
        return result.rowcount
