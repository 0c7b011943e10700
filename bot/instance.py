"""Which processes may run on a database together, and which of them are there.

On SQLite one process has the file to itself. On PostgreSQL each holds advisory locks on a
connection of its own, which the server frees when the process is gone:

- *running*: every process, shared; whoever restores a backup, exclusively.
- *receiving*: who asks Telegram for updates, exclusively; to whom they are delivered, shared.
- its own number, by which the others know which updates are in hands that are still there.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from enum import StrEnum
from typing import Final, Never

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.storage.database import Database
from knowledge.storage.outages import Backoff, report
from knowledge.storage.sessions import Session, SessionError, session

log = structlog.get_logger(__name__)

# Any numbers, the same in every process.
_RUNNING, _RECEIVING, _NUMBERS = 7_316_021, 7_316_022, 7_316_024

NOBODY: Final = 0
"""The number of a process that needs none, being alone."""

PATIENCE: Final = 30.0
"""Seconds after a lost connection in which its locks may still seem to be held: the server
learns later than we that it is lost."""


class AlreadyRunningError(Exception):
    """Another process does what only one can do for this database."""


class ProcessRole(StrEnum):
    """What a process does."""

    ALL = "all"
    WORKER = "worker"
    SCHEDULER = "scheduler"

    @property
    def answers(self) -> bool:
        """Whether it receives updates and answers them."""
        return self is not ProcessRole.SCHEDULER

    @property
    def schedules(self) -> bool:
        """Whether it plans and sends notices, or stands by to do so."""
        return self is not ProcessRole.WORKER


class Reception(StrEnum):
    """How a process gets updates."""

    POLLING = "polling"
    WEBHOOK = "webhook"
    NONE = "none"


class Instance:
    """A process's place among those that run on a database.

    Attributes:
        number: What it is known by, NOBODY if it is alone.
    """

    def __init__(self, database: Database, reception: Reception, number: int = NOBODY) -> None:
        """Describe a place; `take` makes it ours."""
        self.number = number
        self._database = database
        self._reception = reception
        self._held = AsyncExitStack()
        self._session: Session | None = None

    async def take(self) -> None:
        """Take the locks of this process.

        Raises:
            AlreadyRunningError: if another process holds one of them.
            SessionError: if there is no connection.
        """
        async with AsyncExitStack() as stack:
            own = await stack.enter_async_context(session(self._database))
            is_ours = (
                await own.lock(_RUNNING, shared=True)
                and await own.lock_of(_NUMBERS, self.number)
                and (
                    self._reception is Reception.NONE
                    or await own.lock(_RECEIVING, shared=self._reception is Reception.WEBHOOK)
                )
            )
            if not is_ours:
                raise AlreadyRunningError
            self._session, self._held = own, stack.pop_all()

    async def keep(self) -> Never:
        """Take the locks again whenever their connection is lost, until cancelled.

        Raises:
            AlreadyRunningError: if another process has taken one of them meanwhile.
        """
        while True:
            if self._session is None:
                await asyncio.Event().wait()  # a lock on a file is not lost
            else:
                await self._session.lost()
                log.warning("the connection that holds our locks is lost")
                await self.release()
                await self._take_again()
                log.info("locks taken again")

    async def release(self) -> None:
        """Give the locks up."""
        self._session = None
        await self._held.aclose()

    async def _take_again(self) -> None:
        reached: float | None = None
        backoff = Backoff()
        while True:
            try:
                await self.take()
            except SessionError as exc:
                report(log, "no connection to hold locks, trying again", exc)
            except AlreadyRunningError:
                now = time.monotonic()
                reached = now if reached is None else reached
                backoff.reset()
                if now - reached > PATIENCE:
                    raise
            else:
                return
            await backoff.wait()


@asynccontextmanager
async def an_instance(database: Database, reception: Reception) -> AsyncIterator[Instance]:
    """Run beside others where that is possible, until the end of the block.

    Raises:
        AlreadyRunningError: if it is not.
        SessionError: if there is no connection to the database.
    """
    if database.is_sqlite:
        with _file_lock(database):
            yield Instance(database, reception)
        return
    instance = Instance(database, reception, 1 + secrets.randbelow(2**31 - 1))
    await instance.take()
    try:
        yield instance
    finally:
        await instance.release()


@asynccontextmanager
async def only_instance(database: Database) -> AsyncIterator[None]:
    """Have a database to oneself until the end of the block.

    Raises:
        AlreadyRunningError: if anything runs on it.
        SessionError: if there is no connection to it.
    """
    if database.is_sqlite:
        with _file_lock(database):
            yield
        return
    async with session(database) as own:
        if not await own.lock(_RUNNING):
            raise AlreadyRunningError
        yield


async def present(connection: AsyncConnection) -> set[int]:
    """The numbers of the processes that are there; of a PostgreSQL database."""
    numbers = await connection.scalars(
        text(
            "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 "
            "AND classid::bigint = :kind AND granted AND database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database())"
        ),
        {"kind": _NUMBERS},
    )
    return set(numbers)


@contextmanager
def _file_lock(database: Database) -> Iterator[None]:
    """Hold a lock on a file beside a SQLite database."""
    # Its owner's alone: whoever can open it could hold the lock, and the bot would not start.
    file = os.open(f"{database.url.database}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise AlreadyRunningError from exc
        yield
    finally:
        os.close(file)
