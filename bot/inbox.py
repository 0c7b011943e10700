"""Updates are written down before Telegram is told that they arrived.

Telegram forgets updates as soon as the next ones are asked for; a crash would lose whatever
waits in memory. Here putting an update into the queue stores it first, and its content is
erased when its handlers are done. After a crash the stored ones are taken up again: nothing is
lost, and only what was being answered at that moment can be answered twice.

With several processes on one database each update belongs to the one that received it. When that
one is gone, another takes it over.

What arrives and what ends while a transaction is under way goes into the next one together: a
busy bot needs few transactions, and an idle one waits for nobody.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import DataError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection
from telegram import Bot, Update
from telegram.error import TelegramError

from bot.instance import NOBODY, present
from bot.metrics import Metrics, Outcome
from knowledge.storage.database import Database
from knowledge.storage.tables import received_update

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 3
"""After so many starts with an update unfinished it is taken to be what ends the process."""

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 30, 120, 300))
"""How long to wait before each new attempt to answer while Telegram does not take the reply."""

MOST_POSTPONEMENTS = len(PAUSES)

REMEMBERED = timedelta(days=2)
"""How long finished updates are known; Telegram offers an update again for 24 hours."""

MOST_TOGETHER = 500
"""Updates in one transaction, so that a flood of them does not hold up what else is written."""


class NotStoredError(TelegramError):
    """An update could not be written down, so its arrival must not be confirmed."""


@dataclass(frozen=True, slots=True)
class _Arrival:
    """An update on its way into the database; `new` is told whether it was not known."""

    update_id: int
    received_at: datetime
    content: str | None
    new: asyncio.Future[bool]


class Inbox(asyncio.Queue[object]):
    """The application's update queue, backed by the database."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        *,
        bot_id: int,
        owner: int,
        metrics: Metrics,
    ) -> None:
        """Start empty; `recover` brings back what an earlier run left.

        Args:
            database: Where updates are kept.
            clock: The present moment.
            bot_id: Whose updates these are: another bot's numbers mean other updates.
            owner: The number of this process among those that are there, or NOBODY.
            metrics: What counts them.
        """
        super().__init__()
        self.metrics = metrics
        self._database = database
        self._clock = clock
        self._bot_id = bot_id
        self._owner = owner
        self._own = received_update.c.bot_id == bot_id
        self._is_unfinished = received_update.c.content.is_not(None)
        # Owners that were gone at the last look.
        self._missed: set[int] = set()
        # On their way into the table, and out of it: one task writes both.
        self._arriving: list[_Arrival] = []
        self._ending: list[asyncio.Future[None]] = []
        self._writing: asyncio.Task[None] | None = None
        # Numbers of updates: those that a transaction may have stored though it seemed to fail;
        self._uncertain: set[int] = set()
        # those taken over from a process that is gone, and not begun yet;
        self._recovered: set[int] = set()
        # those that are ours until their end is written down;
        self._in_hand: set[int] = set()
        # those that ended, which is not written down yet;
        self._dealt_with: set[int] = set()
        # those that their handlers, which still run, have postponed; and how often any was.
        self._again: set[int] = set()
        self._postponed: dict[int, int] = {}

    async def put(self, item: object) -> None:
        """Store an update and queue it; one that is known already is dropped.

        Telegram offers updates again whose confirmation it did not get.
        """
        if isinstance(item, Update):
            if not await self._store(item):
                log.info("update known already", update_id=item.update_id)
                self.metrics.dropped(item, Outcome.KNOWN)
                return
            self.metrics.arrived(item)
        await super().put(item)

    async def recover(self, bot: Bot) -> int:
        """Queue what processes received that are gone, and did not finish; returns how many."""
        return await self._take_over(bot, await self._gone())

    async def watch(self, bot: Bot) -> int:
        """Like `recover`, while running, from processes that were gone the last time, too.

        In between, those have time to come back that only lost their connection. What this
        process stored without noticing is queued as well.
        """
        gone = await self._gone()
        missed, self._missed = self._missed, gone
        taken = await self._take_over(bot, gone & missed)
        await self._take_up_unnoticed(bot)
        return taken

    async def _gone(self) -> set[int]:
        """The owners of unfinished updates that are not there any more."""
        owners = select(received_update.c.owner).distinct()
        async with self._database.reading() as connection:
            found = set(await connection.scalars(owners.where(self._own, self._is_unfinished)))
            if not self._database.is_sqlite:
                found -= await present(connection)
        # We are there, also while our connection is lost.
        return found if self._owner == NOBODY else found - {self._owner}

    async def _take_over(self, bot: Bot, gone: set[int]) -> int:
        if not gone:
            return 0
        taking = (
            update(received_update)
            .where(self._own, self._is_unfinished, received_update.c.owner.in_(gone))
            .values(owner=self._owner)
            .returning(
                received_update.c.update_id, received_update.c.attempts, received_update.c.content
            )
        )
        # Of two that want the same one waits here for the other, and finds nothing left.
        async with self._database.writing() as connection:
            rows = (await connection.execute(taking)).all()
        queued = 0
        for update_id, attempts, content in sorted(rows, key=lambda row: row[0]):
            if attempts >= MOST_ATTEMPTS:
                log.error("update given up: it ended the process", update_id=update_id)
                await self.finish(update_id)
            elif await self._take_up(update_id, content, bot):
                self._recovered.add(update_id)
                queued += 1
        return queued

    async def _take_up_unnoticed(self, bot: Bot) -> None:
        """Queue what a transaction stored that seemed to fail.

        It may have been offered to another process since, which knows it and leaves it to us.
        """
        if not self._uncertain:
            return
        query = select(received_update).where(
            self._own, received_update.c.update_id.in_(self._uncertain)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        for row in rows:
            if row.update_id not in self._uncertain:
                continue  # it was offered to us again meanwhile
            self._uncertain.discard(row.update_id)
            if row.owner == self._owner and row.content is not None:
                log.warning("update was stored after all", update_id=row.update_id)
                await self._take_up(row.update_id, row.content, bot)

    async def _take_up(self, update_id: int, content: str, bot: Bot) -> bool:
        """Queue an update that is stored; one that cannot be read is given up."""
        self._uncertain.discard(update_id)
        item = _update(content, bot)
        if item is None:
            await self.finish(update_id)
            return False
        self._in_hand.add(update_id)
        self.metrics.arrived(item)
        await super().put(item)
        return True

    async def begin(self, update_id: int) -> None:
        """Note that an update is taken up again: one that ends the process must not for ever."""
        if update_id not in self._recovered:
            return
        self._recovered.discard(update_id)
        try:
            async with self._database.writing() as connection:
                await connection.execute(
                    update(received_update)
                    .where(self._own, received_update.c.update_id == update_id)
                    .values(attempts=received_update.c.attempts + 1)
                )
        except SQLAlchemyError as exc:
            log.warning("attempt not counted", update_id=update_id, reason=str(exc))

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
        self.metrics.noted(item, Outcome.POSTPONED)
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
        self._dealt_with.add(update_id)
        marked: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ending.append(marked)
        self._write()
        await marked

    async def close(self) -> None:
        """Wait until what is being written is written, and make up for marks that failed."""
        if self._writing is not None:
            await self._writing
        if self._dealt_with:
            await self._write_together((), ())

    async def _store(self, item: Update) -> bool:
        new: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._arriving.append(_Arrival(item.update_id, self._clock(), _content(item), new))
        self._write()
        return await new

    def _write(self) -> None:
        """See that what waits is written; a task of its own, because who asked may be cut off."""
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())

    async def _write_all(self) -> None:
        try:
            while self._arriving or self._ending:
                arriving = self._arriving[:MOST_TOGETHER]
                del self._arriving[:MOST_TOGETHER]
                ending, self._ending = self._ending, []
                await self._write_together(arriving, ending)
        finally:
            self._writing = None

    async def _write_together(
        self, arriving: Sequence[_Arrival], ending: Sequence[asyncio.Future[None]]
    ) -> None:
        finished = set(self._dealt_with)
        try:
            async with self._database.writing() as connection:
                new = await self._insert(connection, arriving)
                unnoticed = await self._stored_unnoticed(connection, arriving)
                if finished:
                    await connection.execute(
                        update(received_update)
                        .where(self._own, received_update.c.update_id.in_(finished))
                        .values(content=None)
                    )
        except Exception as exc:  # whatever it is, nobody must wait for ever
            if len(arriving) > 1 and isinstance(exc, DataError | OverflowError):
                # One that the database does not take must not keep out the others.
                for arrival in arriving:
                    await self._write_together([arrival], ())
            else:
                # Answers were given; the marks are made up for with the next ones.
                # Only what the database says is known to quote nothing that somebody wrote.
                why = str(exc) if isinstance(exc, SQLAlchemyError) else type(exc).__name__
                log.warning("updates not written", arriving=len(arriving), reason=why)
                self.metrics.written(done=False)
                self._uncertain |= {arrival.update_id for arrival in arriving} - self._in_hand
                for arrival in arriving:
                    # A Telegram error makes whoever receives ask for the same again, later.
                    reason = f"update {arrival.update_id} not stored: {why}"
                    _fail(arrival.new, NotStoredError(reason))
        else:
            self.metrics.written(done=True)
            new |= unnoticed & self._uncertain  # unless it was taken up meanwhile
            self._uncertain -= {arrival.update_id for arrival in arriving}
            self._dealt_with -= finished
            self._in_hand -= finished
            self._in_hand |= new
            for arrival in arriving:
                _settle(arrival.new, arrival.update_id in new)
                new.discard(arrival.update_id)  # the same one twice is new once
        for marked in ending:
            _settle(marked, None)

    async def _insert(self, connection: AsyncConnection, arriving: Sequence[_Arrival]) -> set[int]:
        """Store updates; returns the numbers of those that were not known."""
        if not arriving:
            return set()
        rows = [
            {
                "bot_id": self._bot_id,
                "update_id": arrival.update_id,
                "received_at": arrival.received_at,
                "content": arrival.content,
                "owner": self._owner,
            }
            for arrival in arriving
        ]
        stored = await connection.scalars(
            self._database.insert(received_update)
            .on_conflict_do_nothing()
            .returning(received_update.c.update_id),
            rows,
        )
        return set(stored)

    async def _stored_unnoticed(
        self, connection: AsyncConnection, arriving: Sequence[_Arrival]
    ) -> set[int]:
        """Which updates a transaction stored that seemed to fail: those were never queued."""
        doubted = self._uncertain.intersection(arrival.update_id for arrival in arriving)
        if not doubted:
            return set()
        query = select(received_update.c.update_id).where(
            self._own,
            self._is_unfinished,
            received_update.c.owner == self._owner,
            received_update.c.update_id.in_(doubted),
        )
        return set(await connection.scalars(query))


async def forget_finished(database: Database, now: datetime, *, bot_id: int) -> None:
    """Delete the numbers of updates that Telegram will not offer again.

    What another bot left unfinished goes with them: that one had the database before, and nobody
    else can answer it.

    Args:
        database: Where updates are kept.
        now: The present moment.
        bot_id: Whose updates are answered here.
    """
    columns = received_update.c
    async with database.writing() as connection:
        await connection.execute(
            delete(received_update).where(
                or_(columns.content.is_(None), columns.bot_id != bot_id),
                columns.received_at < now - REMEMBERED,
            )
        )


def _settle(waiting: asyncio.Future[Any], result: object) -> None:
    if not waiting.done():  # who waited may have been cut off
        waiting.set_result(result)


def _fail(waiting: asyncio.Future[bool], error: Exception) -> None:
    if not waiting.done():
        waiting.set_exception(error)


def _content(item: Update) -> str | None:
    """An update as JSON; None for one that cannot be kept and is only handled now."""
    try:
        return json.dumps(item.to_dict(), default=_plain)
    except (TypeError, ValueError):
        log.exception("update cannot be kept", update_id=item.update_id)
        return None


def _update(content: str, bot: Bot) -> Update | None:
    """An update from its JSON; None for one that this version of PTB cannot read."""
    try:
        return Update.de_json(json.loads(content), bot)
    except Exception:
        log.exception("stored update cannot be read")
        return None


def _plain(value: object) -> int:
    """PTB leaves some moments inside nested objects as they are."""
    if isinstance(value, datetime):
        return int(value.timestamp())
    raise TypeError(f"not JSON: {type(value).__name__}")
