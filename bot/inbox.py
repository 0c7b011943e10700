"""Updates are written down before Telegram is told that they arrived.

python-telegram-bot confirms a batch of updates as soon as the last of it is in its queue. A
crash would lose whatever waits there. Here putting an update into the queue stores it first,
and it is erased when its handlers are done. After a crash the stored ones are taken up again:
nothing is lost, and only what was being answered at that moment can be answered twice.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from telegram import Bot, Update
from telegram.error import TelegramError

from knowledge.database import Database
from knowledge.tables import received_update

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 3
"""After so many starts with an update unfinished it is taken to be what ends the process."""

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 30, 120, 300))
"""How long to wait before each new attempt to answer while Telegram does not take the reply."""

MOST_POSTPONEMENTS = len(PAUSES)

REMEMBERED = timedelta(days=2)
"""How long finished updates are known; Telegram offers an update again for 24 hours."""


class NotStoredError(TelegramError):
    """An update could not be written down, so its arrival must not be confirmed."""


class Inbox(asyncio.Queue[object]):
    """The application's update queue, backed by the database."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        """Start empty; `recover` brings back what an earlier run left."""
        super().__init__()
        self._database = database
        self._clock = clock
        self._postponed: dict[int, int] = {}
        self._again: set[int] = set()

    async def put(self, item: object) -> None:
        """Store an update and queue it; one that is known already is dropped.

        Telegram offers updates again whose confirmation it did not get.
        """
        if isinstance(item, Update) and not await self._store(item):
            log.info("update known already", update_id=item.update_id)
            return
        await super().put(item)

    async def recover(self, bot: Bot) -> int:
        """Queue what an earlier run received but did not finish; returns how many."""
        waiting = (
            select(received_update.c.update_id, received_update.c.content)
            .where(received_update.c.content.is_not(None))
            .order_by(received_update.c.update_id)
        )
        given_up = received_update.c.attempts >= MOST_ATTEMPTS
        async with self._database.writing() as connection:
            ended = await connection.execute(
                update(received_update)
                .where(given_up, received_update.c.content.is_not(None))
                .values(content=None)
                .returning(received_update.c.update_id)
            )
            for (update_id,) in ended:
                log.error("update given up after several starts", update_id=update_id)
            await connection.execute(
                update(received_update)
                .where(received_update.c.content.is_not(None))
                .values(attempts=received_update.c.attempts + 1)
            )
            rows = (await connection.execute(waiting)).all()
        for _, content in rows:
            await super().put(Update.de_json(json.loads(content or "{}"), bot))
        return len(rows)

    def postpone(
        self, item: Update, *, pause: timedelta | None = None, most: int = MOST_POSTPONEMENTS
    ) -> bool:
        """Take an update up again later, because its reply could not be delivered.

        Args:
            item: The update whose handlers are just running.
            pause: How long Telegram wants us to wait, if it said so.
            most: How often this may happen to the update.

        Returns:
            False if that was tried often enough: the update then counts as dealt with.
        """
        attempt = self._postponed.get(item.update_id, 0)
        if attempt >= min(most, MOST_POSTPONEMENTS):
            return False
        self._postponed[item.update_id] = attempt + 1
        self._again.add(item.update_id)
        seconds = max(PAUSES[attempt], pause or timedelta()).total_seconds()
        asyncio.get_running_loop().call_later(seconds, self.put_nowait, item)
        return True

    async def finish(self, update_id: int) -> None:
        """Erase an update that was dealt with; only its number is kept for a while.

        One that was postponed meanwhile stays.
        """
        if update_id in self._again:
            self._again.discard(update_id)
            return
        self._postponed.pop(update_id, None)
        async with self._database.writing() as connection:
            await connection.execute(
                update(received_update)
                .where(received_update.c.update_id == update_id)
                .values(content=None)
            )

    async def forget_finished(self, now: datetime) -> None:
        """Delete the numbers of updates that Telegram will not offer again."""
        async with self._database.writing() as connection:
            await connection.execute(
                delete(received_update).where(
                    received_update.c.content.is_(None),
                    received_update.c.received_at < now - REMEMBERED,
                )
            )

    async def _store(self, item: Update) -> bool:
        try:
            async with self._database.writing() as connection:
                await connection.execute(
                    insert(received_update).values(
                        update_id=item.update_id,
                        received_at=self._clock(),
                        content=item.to_json(),
                    )
                )
        except IntegrityError:
            return False
        except SQLAlchemyError as exc:
            # A Telegram error makes the updater ask for the same updates again, later.
            raise NotStoredError(f"update {item.update_id} not stored: {exc}") from exc
        return True
