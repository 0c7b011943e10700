"""Of several schedulers one works, the others stand by.

The leader holds a lock on a database connection of its own. However it goes (stopped, killed,
without power), the server frees the lock with the connection, and another takes it. For a moment
two may believe to lead; that does no harm, because planning and claims are transactions. The
lock keeps their pace one, and spares them work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Final, Never

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.storage.database import Database
from knowledge.storage.outages import Backoff, report
from knowledge.storage.sessions import SessionError, session

log = structlog.get_logger(__name__)

LEADER: Final = 7_316_023
"""The lock; any number, the same in every process."""

STAND_BY: Final = 1.0
"""Seconds between two looks at whether there is a leader. Waiting inside the database instead
would keep a transaction open there."""


async def is_led(connection: AsyncConnection) -> bool:
    """Whether any process leads; of a PostgreSQL database."""
    holders = text(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 "
        "AND classid::bigint = 0 AND objid::bigint = :number AND granted AND database = "
        "(SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    return bool(await connection.scalar(holders, {"number": LEADER}))


Term = Callable[[], AbstractAsyncContextManager[None]]
"""The leader's work: begun when entered, ended when left."""


class Leadership:
    """Whether this process leads, and what it does while it leads."""

    def __init__(self, database: Database) -> None:
        """Stand by; nobody leads before `run`."""
        self._database = database
        self._backoff = Backoff()
        self.is_held = False

    async def run(self, term: Term) -> Never:
        """Work whenever this process leads, until cancelled.

        The work ends at once when the connection is lost that holds the lock.

        Args:
            term: What is done; anew each time that this process becomes the leader.
        """
        while True:
            try:
                await self._lead_once(term)
            except SessionError as exc:
                report(log, "standing by without a database", exc)
            except Exception as exc:
                report(log, "leading failed, standing by", exc)
            await self._backoff.wait()

    async def _lead_once(self, term: Term) -> None:
        """Wait for the lock and work until it is lost."""
        if self._database.is_sqlite:
            # One process has the file to itself.
            await self._work(term, asyncio.Event().wait)
            return
        async with session(self._database) as own:
            self._backoff.reset()
            while not await own.lock(LEADER):  # noqa: ASYNC110 (the event is in the database)
                await asyncio.sleep(STAND_BY)
            await self._work(term, own.lost)

    async def _work(self, term: Term, end: Callable[[], Awaitable[object]]) -> None:
        async with term():
            self.is_held = True
            log.info("leading")
            try:
                await end()
            finally:
                self.is_held = False
                log.info("leading no more")
