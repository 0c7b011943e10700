"""PostgreSQL connections of their own, for what lasts exactly as long as a connection does.

Locks that the server frees when their holder is gone, however it went, and being told of what
others publish. A pool would lend such a connection to somebody else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Final

import psycopg
from psycopg import sql

from knowledge.storage.database import Database, DatabaseError

SILENCE, PROBES, PROBE_EVERY = 5, 3, 2
"""Seconds of silence after which either side asks whether the other is there, how often and in
what distance: who lost power is known to be gone after eleven seconds."""

_CLIENT: Final[dict[str, Any]] = {
    "keepalives_idle": SILENCE,
    "keepalives_count": PROBES,
    "keepalives_interval": PROBE_EVERY,
    "tcp_user_timeout": (SILENCE + PROBES * PROBE_EVERY) * 1000,
    "connect_timeout": 10,
}

_SERVER: Final = {
    "tcp_keepalives_idle": SILENCE,
    "tcp_keepalives_count": PROBES,
    "tcp_keepalives_interval": PROBE_EVERY,
}


class SessionError(DatabaseError):
    """The connection could not be made, or is lost."""


class Session:
    """A connection that nobody else uses."""

    def __init__(self, connection: psycopg.AsyncConnection) -> None:
        """Take over a connection; `session` opens and closes it."""
        self._connection = connection

    async def lock(self, number: int, *, shared: bool = False) -> bool:
        """Take an advisory lock, to hold it as long as the connection is there.

        Args:
            number: The lock, the same in all processes.
            shared: Whether others may hold it in the same way.

        Returns:
            False if somebody else holds it; nothing is waited for.
        """
        function = "pg_try_advisory_lock_shared" if shared else "pg_try_advisory_lock"
        query = sql.SQL("SELECT {}(%s::bigint)").format(sql.Identifier(function))
        return await self._is_true(query, number)

    async def lock_of(self, kind: int, number: int) -> bool:
        """Take one of a kind of advisory locks, like `lock`; both numbers have 31 bits."""
        query = sql.SQL("SELECT pg_try_advisory_lock(%s::integer, %s::integer)")
        return await self._is_true(query, kind, number)

    async def listen(self, channel: str) -> None:
        """Be told from now on of what is said on a channel."""
        with _lost():
            await self._connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))

    async def hear(self) -> None:
        """Wait until something is said on a channel that is listened to.

        Raises:
            SessionError: if the connection is lost.
        """
        with _lost():
            async for _ in self._connection.notifies(stop_after=1):
                pass

    async def lost(self) -> None:
        """Wait until the connection is lost."""
        with suppress(SessionError):
            while True:
                await self.hear()

    async def _is_true(self, query: sql.SQL | sql.Composed, *numbers: int) -> bool:
        with _lost():
            cursor = await self._connection.execute(query, numbers)
            row = await cursor.fetchone()
        return row is not None and row[0] is True


@asynccontextmanager
async def session(database: Database) -> AsyncIterator[Session]:
    """A connection of its own to a PostgreSQL database, until the end of the block.

    Raises:
        SessionError: if there is no connection.
    """
    _, parameters = database.engine.dialect.create_connect_args(database.url)
    with _lost():
        connection = await psycopg.AsyncConnection.connect(
            **(_CLIENT | dict(parameters)), autocommit=True
        )
    try:
        with _lost():
            for name, seconds in _SERVER.items():
                await connection.execute("SELECT set_config(%s, %s, false)", (name, str(seconds)))
        yield Session(connection)
    finally:
        await connection.close()


@contextmanager
def _lost() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as exc:
        raise SessionError(f"The database cannot be used: {exc}") from exc
