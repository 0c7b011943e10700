"""Broadcasts over HTTP while everything goes wrong: none lost, hardly any twice."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.delivery import Delivery
from bot.playground import TOKEN, Playground
from bot.playground.faults import Fault
from handlers.messages import Reply
from knowledge.notification.chats import Chats
from knowledge.notification.contents import Announcement, expected
from knowledge.notification.notices import Notice, NoticeState
from knowledge.notification.outbox import Outbox
from knowledge.storage.database import Database
from scheduler.dispatch import LEASE, Dispatcher
from scheduler.pacing import Pacing
from tests.e2e import sender
from tests.e2e.stage import PATIENCE
from tests.support.builders import a_notice
from tests.support.clock import FakeClock

pytestmark = pytest.mark.e2e

IMPATIENT = 0.2
"""Seconds after which the library of the fault storm gives up on an answer."""

RATE = 150.0
"""Messages per second: fast, and yet a broadcast outlasts all the kills."""


def people(playground: Playground, count: int) -> list[int]:
    """Persons who have written to the bot before."""
    found = [playground.core.world.add_user(f"Person {n}") for n in range(count)]
    for person in found:
        person.started = True
    return [person.id for person in found]


def received(playground: Playground, chats: list[int]) -> Counter[int]:
    """How many messages of the bot are in each chat, without those that have none."""
    world = playground.core.world
    return Counter(chat for chat in chats for message in world.chats[chat].messages.values())


async def kill_in_a_broadcast(database: Database, *, chats: int, kills: int) -> int:
    """Kill the sender over and over; returns how many messages came twice.

    Whether any is lost, or more than one per kill comes twice, is looked at here.
    """
    # Forked from a process that has imported everything: fifty starts take no minutes.
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload([sender.__name__])
    playground, dice = Playground(), random.Random(1)
    persons = people(playground, chats)
    outbox = Outbox(database)
    await outbox.add(a_notice(chat_id=person) for person in persons)
    database_url = database.url.render_as_string(hide_password=False)
    async with playground.serve() as url:

        async def begun(ahead: float = 0.0) -> multiprocessing.process.BaseProcess:
            ready = processes.Event()
            process = processes.Process(
                target=sender.send_all, args=(database_url, f"{url}/bot", ready, RATE, ahead)
            )
            process.start()
            assert await asyncio.to_thread(ready.wait, PATIENCE)
            return process

        for _ in range(kills):
            process = await begun()
            # At any moment of its work, on average after half of its share of the broadcast.
            await asyncio.sleep(dice.uniform(0.02, 0.02 + chats / kills / RATE))
            process.kill()
            await asyncio.to_thread(process.join)
        open_still = (await outbox.counts())[NoticeState.WAITING]
        assert open_still > chats // 20, "the kills came too late to show anything"
        last = await begun(ahead=LEASE.total_seconds() * 2)
        await asyncio.to_thread(last.join)
        assert last.exitcode == 0
    counts = await outbox.counts()
    assert counts[NoticeState.SENT] == chats
    messages = received(playground, persons)
    assert set(messages) == set(persons), "lost"
    twice = messages.total() - chats
    assert twice <= kills
    return twice


async def test_kills_in_a_broadcast_lose_nothing(database: Database) -> None:
    await kill_in_a_broadcast(database, chats=120, kills=3)


@pytest.mark.long
async def test_fifty_kills_in_a_broadcast_lose_nothing_and_repeat_one_message_each_at_most(
    database: Database, record_property: Callable[[str, object], None]
) -> None:
    twice = await kill_in_a_broadcast(database, chats=2_000, kills=50)
    record_property("2,000 chats, 50 times kill -9", f"0 lost, {twice} twice")


STORM = (
    Fault(kind="error", error_code=429, retry_after=1),
    Fault(kind="error", error_code=500),
    Fault(kind="error", error_code=502),
    Fault(kind="close_before"),
    Fault(kind="close_after"),
    Fault(kind="malformed"),
    Fault(kind="delay", seconds=2 * IMPATIENT),
)
"""What strikes a fifth of all calls; a delay is a time-out after which the message arrives."""


async def broadcast_in_a_storm(database: Database, *, chats: int) -> tuple[int, int, int]:
    """Send while a fifth of all calls fail.

    Returns:
        How many calls failed, how many messages came twice, and how many notices count as failed
        although they came, because nobody can know that.
    """
    clock, passed, playground = FakeClock(), 0.0, Playground()
    persons = people(playground, chats)
    for number, fault in enumerate(STORM):
        share = 1 - 0.8 ** (1 / len(STORM))
        playground.core.faults.schedule(
            Fault(
                kind=fault.kind,
                method="sendMessage",
                times=None,
                ratio=share,
                seed=number,
                error_code=fault.error_code,
                retry_after=fault.retry_after,
                seconds=fault.seconds,
            )
        )
    outbox = Outbox(database)
    await outbox.add(a_notice(chat_id=person) for person in persons)

    async def as_written(notice: Notice) -> Reply:
        return Reply(expected(notice, Announcement).text)

    async with (
        playground.serve() as url,
        Bot(TOKEN, base_url=f"{url}/bot", request=HTTPXRequest(read_timeout=IMPATIENT)) as bot,
    ):
        dispatcher = Dispatcher(
            outbox,
            Chats(database),
            Delivery(bot),
            as_written,
            Pacing(1_000),
            clock=clock,
            elapsed=lambda: passed,
            dice=random.Random(1),
        )
        open_still = chats
        while open_still:
            wait = await dispatcher.step()
            passed += wait
            clock.advance(timedelta(seconds=wait))
            if wait:
                counts = await outbox.counts()
                open_still = counts[NoticeState.WAITING] + counts[NoticeState.CLAIMED]
        # What was delayed is under way for a moment yet.
        await playground.core.signal.until(
            lambda: len(received(playground, persons)) == chats or None, PATIENCE
        )
    struck = sum(int(fault["struck"]) for fault in playground.core.faults.as_json())
    messages = received(playground, persons)
    assert set(messages) == set(persons), "lost"
    assert counts[NoticeState.DROPPED] == 0
    return struck, messages.total() - chats, counts[NoticeState.FAILED]


async def test_a_fault_storm_loses_nothing(database: Database) -> None:
    struck, twice, _ = await broadcast_in_a_storm(database, chats=60)
    assert struck > 5
    assert twice <= struck


@pytest.mark.long
async def test_a_long_fault_storm_loses_nothing(
    database: Database, record_property: Callable[[str, object], None]
) -> None:
    struck, twice, failed = await broadcast_in_a_storm(database, chats=2_000)
    assert struck > 400
    record_property(
        f"2,000 chats, {struck} calls failed",
        f"0 lost, {twice} twice, {failed} arrived without anybody knowing",
    )
