"""Only one process may receive updates for one database."""

from __future__ import annotations

import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from sqlalchemy import text

from knowledge.database import Database

_LOCK_NUMBER = 7_316_021  # any number, the same in every process


class AlreadyRunningError(Exception):
    """Another process receives updates for this database."""


@asynccontextmanager
async def only_instance(database: Database) -> AsyncIterator[None]:
    """Hold the right to receive updates; the system frees it even after kill -9.

    SQLite: a lock on a file beside the database. PostgreSQL: an advisory lock.

    Raises:
        AlreadyRunningError: if another process holds it.
    """
    if database.is_sqlite:
        with _file_lock(Path(f"{database.url.database}.lock")):
            yield
        return
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        held = await connection.scalar(
            text("SELECT pg_try_advisory_lock(:number)"), {"number": _LOCK_NUMBER}
        )
        if not held:
            raise AlreadyRunningError
        try:
            yield
        finally:
            await connection.execute(
                text("SELECT pg_advisory_unlock(:number)"), {"number": _LOCK_NUMBER}
            )


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    # Its owner's alone: whoever can open it could hold the lock, and the bot would not start.
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise AlreadyRunningError from exc
        yield
    finally:
        os.close(file)
