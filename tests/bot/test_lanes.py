"""Updates of one chat in order, those of different chats at once."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest
from sqlalchemy import select
from telegram import Update

from bot.inbox import Inbox
from bot.lanes import Lanes
from knowledge.storage.database import Database
from knowledge.storage.tables import received_update
from tests.support.clock import FakeClock
from tests.support.services import an_inbox


def a_message(update_id: int, chat: int, sender: int = 7) -> Update:
    message = {
        "message_id": update_id,
        "date": 1_760_000_000,
        "chat": {"id": chat, "type": "private"},
        "from": {"id": sender, "is_bot": False, "first_name": "A"},
        "text": "Was ist ECCAR?",
    }
    update = Update.de_json({"update_id": update_id, "message": message}, None)
    assert update is not None
    return update


def a_query_without_chat(update_id: int, sender: int) -> Update:
    query = {
        "id": str(update_id),
        "from": {"id": sender, "is_bot": False, "first_name": "A"},
        "query": "x",
        "offset": "",
    }
    update = Update.de_json({"update_id": update_id, "inline_query": query}, None)
    assert update is not None
    return update


class Trace:
    """Handlers that note when they begin and end, and wait to be let go."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.gates: dict[str, asyncio.Event] = {}
        self.changed = asyncio.Condition()

    def handler(self, name: str) -> Coroutine[Any, Any, None]:
        self.gates[name] = asyncio.Event()
        return self._run(name)

    def let(self, name: str) -> None:
        self.gates[name].set()

    async def until(self, event: str) -> None:
        async with asyncio.timeout(10), self.changed:
            await self.changed.wait_for(lambda: event in self.events)

    async def _run(self, name: str) -> None:
        await self._note(f"{name} begins")
        await self.gates[name].wait()
        await self._note(f"{name} ends")

    async def _note(self, event: str) -> None:
        async with self.changed:
            self.events.append(event)
            self.changed.notify_all()


@pytest.fixture
def inbox(database: Database, clock: FakeClock) -> Inbox:
    return an_inbox(database, clock)


@pytest.fixture
async def lanes(inbox: Inbox) -> AsyncIterator[Lanes]:
    async with Lanes(inbox) as made:
        yield made


async def unfinished(database: Database) -> list[int]:
    column = received_update.c.update_id
    query = select(column).where(received_update.c.content.is_not(None)).order_by(column)
    async with database.reading() as connection:
        return list(await connection.scalars(query))


async def test_two_messages_of_a_chat_stay_in_order_while_another_chat_runs(
    lanes: Lanes,
) -> None:
    trace = Trace()
    async with asyncio.TaskGroup() as tasks:
        for update, name in (
            (a_message(1, chat=1), "first"),
            (a_message(2, chat=1), "second"),
            (a_message(3, chat=2), "other"),
        ):
            tasks.create_task(lanes.process_update(update, trace.handler(name)))
        await trace.until("first begins")
        await trace.until("other begins")
        assert "second begins" not in trace.events
        trace.let("other")
        await trace.until("other ends")
        assert "second begins" not in trace.events
        trace.let("second")
        trace.let("first")
    ours = [event for event in trace.events if not event.startswith("other")]
    assert ours == ["first begins", "first ends", "second begins", "second ends"]


async def test_many_messages_of_a_chat_stay_in_order(lanes: Lanes) -> None:
    seen: list[int] = []

    async def note(number: int) -> None:
        await asyncio.sleep(0)
        seen.append(number)

    async with asyncio.TaskGroup() as tasks:
        for number in range(30):
            tasks.create_task(lanes.process_update(a_message(number, chat=1), note(number)))
    assert seen == list(range(30))


async def test_two_people_in_a_group_share_a_lane(lanes: Lanes) -> None:
    trace = Trace()
    async with asyncio.TaskGroup() as tasks:
        for number, sender in ((1, 7), (2, 8)):
            update = a_message(number, chat=-100, sender=sender)
            tasks.create_task(lanes.process_update(update, trace.handler(str(number))))
        await trace.until("1 begins")
        trace.let("2")
        await asyncio.sleep(0)
        assert "2 begins" not in trace.events
        trace.let("1")
    assert trace.events == ["1 begins", "1 ends", "2 begins", "2 ends"]


async def test_without_a_chat_each_sender_has_a_lane(lanes: Lanes) -> None:
    trace = Trace()
    async with asyncio.TaskGroup() as tasks:
        for number, sender in ((1, 7), (2, 7), (3, 8)):
            update = a_query_without_chat(number, sender)
            tasks.create_task(lanes.process_update(update, trace.handler(str(number))))
        await trace.until("1 begins")
        await trace.until("3 begins")
        assert "2 begins" not in trace.events
        for name in "123":
            trace.let(name)


async def test_an_update_leaves_the_inbox_when_its_handlers_are_done(
    lanes: Lanes, inbox: Inbox, database: Database
) -> None:
    trace = Trace()
    update = a_message(1, chat=1)
    await inbox.put(update)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(lanes.process_update(update, trace.handler("it")))
        await trace.until("it begins")
        assert await unfinished(database) == [1]
        trace.let("it")
    assert await unfinished(database) == []


async def test_what_is_cut_off_stays_in_the_inbox_and_frees_its_lane(
    lanes: Lanes, inbox: Inbox, database: Database
) -> None:
    trace = Trace()
    cut_off, following = a_message(1, chat=1), a_message(2, chat=1)
    await inbox.put(cut_off)
    await inbox.put(following)
    task = asyncio.create_task(lanes.process_update(cut_off, trace.handler("it")))
    await trace.until("it begins")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    handler = trace.handler("next")
    trace.let("next")
    await lanes.process_update(following, handler)
    assert trace.events == ["it begins", "next begins", "next ends"]
    assert await unfinished(database) == [1]


async def test_an_error_stays_in_its_update(
    lanes: Lanes, inbox: Inbox, database: Database
) -> None:
    async def fail() -> None:
        raise RuntimeError("kaputt")

    trace = Trace()
    failing, following = a_message(1, chat=1), a_message(2, chat=1)
    await inbox.put(failing)
    await inbox.put(following)
    with pytest.raises(RuntimeError, match="kaputt"):
        await lanes.process_update(failing, fail())
    handler = trace.handler("next")
    trace.let("next")
    await lanes.process_update(following, handler)
    assert await unfinished(database) == [1]


async def test_what_is_no_update_has_no_lane(lanes: Lanes) -> None:
    trace = Trace()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(lanes.process_update("a", trace.handler("a")))
        tasks.create_task(lanes.process_update("b", trace.handler("b")))
        await trace.until("a begins")
        await trace.until("b begins")
        trace.let("a")
        trace.let("b")


async def test_an_idle_lane_is_forgotten(lanes: Lanes) -> None:
    trace = Trace()
    for number in range(3):
        handler = trace.handler(str(number))
        trace.let(str(number))
        await lanes.process_update(a_message(number, chat=number), handler)
    assert len(lanes._lanes) == 0


async def test_a_flooding_chat_does_not_block_another(lanes: Lanes) -> None:
    trace = Trace()
    async with asyncio.TaskGroup() as tasks:
        for n in range(100):
            tasks.create_task(lanes.process_update(a_message(n, chat=1), trace.handler(f"a{n}")))
        tasks.create_task(lanes.process_update(a_message(100, chat=2), trace.handler("other")))
        try:
            await trace.until("other begins")
        finally:
            for gate in trace.gates.values():
                gate.set()
