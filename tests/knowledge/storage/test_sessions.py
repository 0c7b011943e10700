"""Connections of their own: locks that last as long as they do, and being told."""

import asyncio

import pytest
from sqlalchemy import text

from knowledge.storage.database import Database
from knowledge.storage.sessions import SessionError, session
from tests.support.postgresql import cut_connections, only_postgresql

pytestmark = only_postgresql

LOCK = 4711


async def test_a_lock_is_held_by_one_session_until_it_ends(database: Database) -> None:
    async with session(database) as first, session(database) as second:
        assert await first.lock(LOCK)
        assert not await second.lock(LOCK)
        assert await second.lock(LOCK + 1)
    async with session(database) as third:
        assert await third.lock(LOCK)


async def test_a_shared_lock_keeps_out_only_who_wants_it_alone(database: Database) -> None:
    async with session(database) as first, session(database) as second, session(database) as third:
        assert await first.lock(LOCK, shared=True)
        assert await second.lock(LOCK, shared=True)
        assert not await third.lock(LOCK)


async def test_numbered_locks_of_a_kind_do_not_touch_each_other(database: Database) -> None:
    async with session(database) as first, session(database) as second:
        assert await first.lock_of(LOCK, 1)
        assert await second.lock_of(LOCK, 2)
        assert not await second.lock_of(LOCK, 1)


async def test_what_is_said_on_a_channel_is_heard(database: Database) -> None:
    async with session(database) as own:
        await own.listen("neues")
        async with asyncio.TaskGroup() as tasks, asyncio.timeout(10):
            tasks.create_task(own.hear())
            async with database.writing() as connection:
                await connection.execute(text("SELECT pg_notify('neues', '')"))


async def test_a_lost_connection_is_noticed_and_its_locks_are_free(database: Database) -> None:
    async with session(database) as own:
        assert await own.lock(LOCK)
        async with asyncio.timeout(10):
            losing = asyncio.create_task(own.lost())
            await asyncio.sleep(0)
            cut_connections(database)
            await losing
        with pytest.raises(SessionError):
            await own.lock(LOCK)
        async with session(database) as other:
            assert await other.lock(LOCK)


async def test_without_a_database_there_is_no_session(database: Database) -> None:
    nowhere = database.url.set(database="nowhere").render_as_string(hide_password=False)
    with pytest.raises(SessionError, match="cannot be used"):
        async with session(Database(nowhere)):
            pytest.fail("connected")
