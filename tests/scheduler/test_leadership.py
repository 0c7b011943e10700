"""Of several schedulers one works at a time, and always one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import pytest

from knowledge.storage.database import Database
from scheduler import leadership
from scheduler.leadership import Leadership, is_led
from tests.support.postgresql import cut_connections, only_postgresql


class Office:
    """Where leaders work; who is in it, and how often somebody came."""

    def __init__(self) -> None:
        self.present: list[str] = []
        self.most = 0
        self.terms = 0
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def term(self, name: str) -> AsyncIterator[None]:
        await self._change(name, enters=True)
        try:
            yield
        finally:
            await self._change(name, enters=False)

    async def _change(self, name: str, *, enters: bool) -> None:
        async with self._changed:
            if enters:
                self.present.append(name)
                self.terms += 1
            else:
                self.present.remove(name)
            self.most = max(self.most, len(self.present))
            self._changed.notify_all()

    async def until(self, *present: str, terms: int) -> None:
        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(
                lambda: self.present == list(present) and self.terms == terms
            )


@asynccontextmanager
async def candidate(database: Database, office: Office, name: str) -> AsyncIterator[Leadership]:
    """Somebody who leads whenever nobody else does, until the end of the block."""
    own = Leadership(database)
    task = asyncio.create_task(own.run(lambda: office.term(name)))
    try:
        yield own
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leadership, "STAND_BY", 0.05)


async def test_who_is_alone_leads_until_told_to_stop(database: Database) -> None:
    office = Office()
    async with candidate(database, office, "A") as own:
        await office.until("A", terms=1)
        assert own.is_held
    assert office.present == []
    assert not own.is_held


async def somebody_leads(database: Database) -> bool:
    async with database.reading() as connection:
        return await is_led(connection)


@only_postgresql
async def test_a_second_one_stands_by_and_takes_over(database: Database) -> None:
    office = Office()
    async with AsyncExitStack() as leading:
        first = await leading.enter_async_context(candidate(database, office, "A"))
        await office.until("A", terms=1)
        async with candidate(database, office, "B") as second:
            assert await somebody_leads(database)
            assert (first.is_held, second.is_held) == (True, False)
            await leading.aclose()
            await office.until("B", terms=2)
    assert office.most == 1
    async with asyncio.timeout(10):
        # PostgreSQL notices a moment later that the leader has left.
        while await somebody_leads(database):
            pass


@only_postgresql
async def test_whose_connection_is_lost_stops_working_and_stands_for_the_lead_again(
    database: Database,
) -> None:
    office = Office()
    async with candidate(database, office, "A"):
        await office.until("A", terms=1)
        cut_connections(database)
        await office.until("A", terms=2)
    assert office.most == 1


async def test_work_that_fails_is_begun_again(database: Database) -> None:
    office, failures = Office(), iter([RuntimeError("kein Strom")])

    @asynccontextmanager
    async def term() -> AsyncIterator[None]:
        for failure in failures:
            raise failure
        async with office.term("A"):
            yield

    task = asyncio.create_task(Leadership(database).run(term))
    await office.until("A", terms=1)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
