"""What only PostgreSQL does."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from knowledge.storage.database import Database

only_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
"""Mark of tests of what SQLite has not."""


def cut_connections(database: Database) -> None:
    """End all connections to a database as a network would."""
    engine = create_engine(database.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    ending = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
    with engine.connect() as connection:
        connection.execute(ending, {"name": database.url.database})
    engine.dispose()


async def until_it_waits(task: asyncio.Future[Any], database: Database) -> None:
    """Wait until a task has come to an end, or to a lock that somebody else holds."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with database.reading() as connection:
        while not task.done() and not await connection.scalar(waiting):
            pass  # asking takes a moment, in which the task goes on
