"""What one process publishes reaches the others at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from knowledge.storage.database import Database
from knowledge.storage.following import follow
from knowledge.storage.store import Store
from tests.support.builders import an_entry
from tests.support.clock import MOMENT
from tests.support.postgresql import cut_connections, only_postgresql

pytestmark = only_postgresql

BY: dict[str, Any] = {"author": "Amt", "reason": "Stand", "now": MOMENT}


class Watched(Store):
    """A store that tells when it was refreshed."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._refreshed = asyncio.Condition()

    async def refresh(self) -> bool:
        changed = await super().refresh()
        async with self._refreshed:
            self._refreshed.notify_all()
        return changed

    async def until(self, revision: int) -> None:
        async with asyncio.timeout(10), self._refreshed:
            await self._refreshed.wait_for(lambda: self.snapshot.revision == revision)


@asynccontextmanager
async def following(database: Database) -> AsyncIterator[Watched]:
    """A store that is kept up to date until the end of the block."""
    store = Watched(database)
    task = asyncio.create_task(follow(store, database))
    try:
        yield store
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_publication_is_taken_over_without_asking(database: Database) -> None:
    writer = Store(database)
    async with following(database) as store:
        for number in (1, 2, 3):
            await writer.publish([an_entry(f"EF-{number}")], **BY)
            await store.until(number)
        assert set(store.snapshot.entries) == {"EF-1", "EF-2", "EF-3"}


async def test_what_was_published_before_is_taken_over_first(database: Database) -> None:
    await Store(database).publish([an_entry()], **BY)
    async with following(database) as store:
        await store.until(1)


async def test_after_a_lost_connection_it_listens_again(database: Database) -> None:
    writer = Store(database)
    async with following(database) as store:
        await writer.publish([an_entry("EF-1")], **BY)
        await store.until(1)
        cut_connections(database)
        await database.engine.dispose()
        await writer.publish([an_entry("EF-2")], **BY)
        await store.until(2)
