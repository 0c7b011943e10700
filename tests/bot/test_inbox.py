"""Updates are written down before they are queued, and erased when they are done."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from typing import Any, Never

import pytest
from sqlalchemy import Row, func, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection
from telegram import Bot, Update
from telegram.error import TelegramError

from bot import inbox as inbox_module
from bot.inbox import (
    MOST_ATTEMPTS,
    MOST_POSTPONEMENTS,
    REMEMBERED,
    Inbox,
    NotStoredError,
    forget_finished,
)
from bot.instance import NOBODY, Reception, an_instance
from bot.metrics import Metrics
from knowledge.storage.database import Database
from knowledge.storage.tables import received_update
from tests.support.clock import FakeClock
from tests.support.postgresql import only_postgresql
from tests.support.services import an_inbox

BOT = Bot("1:x")
PERSON = {"id": 7, "is_bot": False, "first_name": "Zoë 🤷"}


def a_message(update_id: int, words: str = "Was ist ECCAR?", chat: int = 7) -> Update:
    message: dict[str, Any] = {
        "message_id": update_id,
        "date": 1_760_000_000,
        "chat": {"id": chat, "type": "private", "first_name": "Zoë 🤷"},
        "from": PERSON,
        "text": words,
        "entities": [{"type": "bold", "offset": 0, "length": 3}],
    }
    update = Update.de_json({"update_id": update_id, "message": message}, BOT)
    assert update is not None
    return update


def a_press(update_id: int) -> Update:
    query = {"id": "9", "from": PERSON, "chat_instance": "x", "data": "1:a:EF-7:"}
    update = Update.de_json({"update_id": update_id, "callback_query": query}, BOT)
    assert update is not None
    return update


async def rows(database: Database) -> list[Row[Any]]:
    async with database.reading() as connection:
        query = select(received_update).order_by(received_update.c.update_id)
        return list(await connection.execute(query))


async def unfinished(database: Database) -> list[int]:
    return [row.update_id for row in await rows(database) if row.content is not None]


async def test_an_update_is_stored_before_it_is_queued(
    database: Database, clock: FakeClock
) -> None:
    stored: list[int] = []

    class Watched(Inbox):
        async def get(self) -> object:
            item = await super().get()
            stored.extend(await unfinished(database))
            return item

    inbox = Watched(database, clock, bot_id=1, owner=NOBODY, metrics=Metrics())
    async with asyncio.TaskGroup() as tasks, asyncio.timeout(10):
        waiting = tasks.create_task(inbox.get())
        tasks.create_task(inbox.put(a_message(1)))
        await waiting
    assert stored == [1]


async def test_an_update_is_stored_with_its_moment_and_queued(
    database: Database, clock: FakeClock
) -> None:
    inbox = an_inbox(database, clock)
    update = a_message(1)
    await inbox.put(update)
    assert inbox.get_nowait() is update
    (row,) = await rows(database)
    assert (row.update_id, row.received_at, row.attempts) == (1, clock(), 0)
    assert json.loads(row.content)["message"]["text"] == "Was ist ECCAR?"


async def test_what_cannot_be_stored_is_not_queued(database: Database, clock: FakeClock) -> None:
    inbox = an_inbox(database, clock)
    async with database.writing() as connection:
        await connection.execute(text("ALTER TABLE received_update RENAME TO gone"))
    with pytest.raises(NotStoredError, match="update 1 not stored") as caught:
        await inbox.put(a_message(1))
    assert inbox.empty()
    # The updater asks again after any error of this kind.
    assert isinstance(caught.value, TelegramError)
    async with database.writing() as connection:
        await connection.execute(text("ALTER TABLE gone RENAME TO received_update"))
    await inbox.put(a_message(1))
    assert inbox.qsize() == 1


async def test_it_is_known_whether_updates_can_be_stored(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    metrics = Metrics(lambda: 5.0)
    inbox = an_inbox(database, clock, metrics=metrics)
    with monkeypatch.context() as patched:
        patched.setattr(database, "writing", locked)
        with pytest.raises(NotStoredError):
            await inbox.put(a_message(1))
    assert metrics.since_refusal == 0
    await inbox.put(a_message(1))
    assert metrics.since_refusal is None


async def test_a_known_update_is_dropped(database: Database, clock: FakeClock) -> None:
    inbox = an_inbox(database, clock)
    await inbox.put(a_message(1))
    await inbox.put(a_message(1))
    await inbox.put(a_message(2))
    assert inbox.qsize() == 2


async def test_the_same_update_at_once_is_queued_once(
    database: Database, clock: FakeClock
) -> None:
    inbox = an_inbox(database, clock)
    await asyncio.gather(*(inbox.put(a_message(1)) for _ in range(10)))
    assert inbox.qsize() == 1


async def test_another_process_drops_what_this_one_knows(
    database: Database, clock: FakeClock
) -> None:
    await an_inbox(database, clock).put(a_message(1))
    later = an_inbox(database, clock)
    await later.put(a_message(1))
    assert later.empty()


async def test_a_finished_update_is_erased_but_remembered(
    database: Database, clock: FakeClock
) -> None:
    inbox = an_inbox(database, clock)
    await inbox.put(a_message(1))
    await inbox.put(a_message(2))
    await inbox.finish(1)
    assert [(row.update_id, row.content is None) for row in await rows(database)] == [
        (1, True),
        (2, False),
    ]
    before = inbox.qsize()
    await inbox.put(a_message(1))
    assert inbox.qsize() == before


async def test_finishing_an_unknown_update_does_no_harm(
    database: Database, clock: FakeClock
) -> None:
    inbox = an_inbox(database, clock)
    await inbox.finish(99)
    assert await rows(database) == []


def locked() -> Never:
    """No transaction can begin."""
    raise OperationalError("BEGIN", {}, Exception("database is locked"))


async def test_nobody_waits_for_ever_whatever_goes_wrong_while_writing(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> AbstractAsyncContextManager[AsyncConnection]:
        raise RuntimeError("Frau Muster fragt")

    inbox = an_inbox(database, clock)
    await inbox.put(a_message(1))
    with monkeypatch.context() as patched:
        patched.setattr(database, "writing", broken)
        async with asyncio.timeout(5):
            with pytest.raises(NotStoredError, match=r"update 2 not stored: RuntimeError$"):
                await inbox.put(a_message(2))
            await inbox.finish(1)
    await inbox.put(a_message(2))
    assert (inbox.qsize(), await unfinished(database)) == (2, [2])


async def test_marks_that_failed_are_made_up_for_at_a_stop(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = an_inbox(database, clock)
    await inbox.put(a_message(1))
    with monkeypatch.context() as patched:
        patched.setattr(database, "writing", locked)
        await inbox.finish(1)
        await inbox.close()  # the database still being away does not hold up the stop
    assert await unfinished(database) == [1]
    await inbox.close()
    assert await unfinished(database) == []


async def seem_to_fail(inbox: Inbox, update: Update, monkeypatch: pytest.MonkeyPatch) -> None:
    """Store an update, and hear of an error all the same."""
    writing = inbox._database.writing

    @asynccontextmanager
    async def cut_off() -> AsyncIterator[AsyncConnection]:
        async with writing() as connection:
            yield connection
        raise OperationalError("COMMIT", {}, Exception("connection lost"))

    with monkeypatch.context() as patched:
        patched.setattr(inbox._database, "writing", cut_off)
        with pytest.raises(NotStoredError):
            await inbox.put(update)


async def test_what_was_stored_though_an_error_was_reported_is_queued_when_it_comes_again(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = an_inbox(database, clock)
    for _ in range(2):
        await seem_to_fail(inbox, a_message(1), monkeypatch)
    assert await unfinished(database) == [1]
    await inbox.put(a_message(1))
    await inbox.put(a_message(1))
    assert inbox.qsize() == 1


@only_postgresql
async def test_what_was_stored_though_an_error_was_reported_is_queued_if_others_are_offered_it(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        an_instance(database, Reception.WEBHOOK) as one,
        an_instance(database, Reception.WEBHOOK) as two,
    ):
        first, second = (
            an_inbox(database, clock, owner=instance.number) for instance in (one, two)
        )
        await seem_to_fail(first, a_message(1), monkeypatch)
        with monkeypatch.context() as patched:
            patched.setattr(database, "writing", locked)
            with pytest.raises(NotStoredError):
                await first.put(a_message(2))  # is offered to the other one, too, which takes it
        for number in (1, 2):
            await second.put(a_message(number))
        for _ in range(2):
            assert [await first.watch(BOT), await second.watch(BOT)] == [0, 0]
        assert [first.qsize(), second.qsize()] == [1, 1]
        await first.put(a_message(1))
        assert first.qsize() == 1
        assert first._uncertain == set()


@only_postgresql
async def test_what_was_stored_unnoticed_and_comes_again_meanwhile_is_queued_once(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = an_inbox(database, clock)
    await seem_to_fail(inbox, a_message(1), monkeypatch)
    writing = database.writing

    @asynccontextmanager
    async def watched() -> AsyncIterator[AsyncConnection]:
        async with writing() as connection:
            yield connection
            await inbox._take_up_unnoticed(BOT)

    monkeypatch.setattr(database, "writing", watched)
    await inbox.put(a_message(1))
    await inbox._take_up_unnoticed(BOT)
    assert inbox.qsize() == 1


@pytest.mark.parametrize("answered", [False, True])
async def test_what_is_being_answered_is_not_queued_again_after_an_error(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, *, answered: bool
) -> None:
    inbox = an_inbox(database, clock)
    await inbox.put(a_message(1))
    await inbox.get()
    with monkeypatch.context() as patched:
        patched.setattr(database, "writing", locked)
        if answered:  # and not marked yet
            await inbox.finish(1)
        with pytest.raises(NotStoredError):
            await inbox.put(a_message(1))
    await inbox.put(a_message(1))
    assert inbox.empty()
    await inbox.finish(1)
    assert inbox._in_hand == set()


async def test_what_was_answered_is_not_queued_again_after_an_error(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = an_inbox(database, clock)
    await inbox.put(a_message(1))
    await inbox.get()
    await inbox.finish(1)
    with monkeypatch.context() as patched:
        patched.setattr(database, "writing", locked)
        with pytest.raises(NotStoredError):
            await inbox.put(a_message(1))
    await inbox.put(a_message(1))
    assert inbox.empty()


async def test_what_is_no_update_is_only_queued(database: Database, clock: FakeClock) -> None:
    inbox = an_inbox(database, clock)
    await inbox.put("stop")
    assert inbox.get_nowait() == "stop"
    assert await rows(database) == []


async def test_unfinished_updates_come_back_in_order(database: Database, clock: FakeClock) -> None:
    before = an_inbox(database, clock)
    for number in (3, 1, 4, 2):
        await before.put(a_message(number))
    await before.finish(4)
    after = an_inbox(database, clock)
    assert await after.recover(BOT) == 3
    taken = [after.get_nowait() for _ in range(3)]
    assert [update.update_id for update in taken if isinstance(update, Update)] == [1, 2, 3]
    assert after.empty()


@pytest.mark.parametrize("update", [a_message(1), a_message(1, "ß & <b> \\ 🤷"), a_press(1)])
async def test_an_update_comes_back_as_it_was(
    database: Database, clock: FakeClock, update: Update
) -> None:
    await an_inbox(database, clock).put(update)
    after = an_inbox(database, clock)
    await after.recover(BOT)
    again = after.get_nowait()
    assert isinstance(again, Update)
    assert again.to_dict() == update.to_dict()
    assert again.get_bot() is BOT


async def test_a_recovered_update_is_not_taken_from_telegram_again(
    database: Database, clock: FakeClock
) -> None:
    await an_inbox(database, clock).put(a_message(1))
    after = an_inbox(database, clock)
    await after.recover(BOT)
    await after.put(a_message(1))
    assert after.qsize() == 1


async def test_after_too_many_starts_an_update_is_given_up(
    database: Database, clock: FakeClock
) -> None:
    await an_inbox(database, clock).put(a_message(1))
    recovered = []
    for _ in range(MOST_ATTEMPTS + 2):
        inbox = an_inbox(database, clock)
        recovered.append(await inbox.recover(BOT))
        await inbox.begin(1)
    assert recovered == [1] * MOST_ATTEMPTS + [0, 0]
    assert await unfinished(database) == []
    again = an_inbox(database, clock)
    await again.put(a_message(1))
    assert again.empty()


async def test_giving_up_one_update_leaves_the_others(
    database: Database, clock: FakeClock
) -> None:
    await an_inbox(database, clock).put(a_message(1))
    for _ in range(MOST_ATTEMPTS):
        inbox = an_inbox(database, clock)
        await inbox.recover(BOT)
        await inbox.begin(1)
    inbox = an_inbox(database, clock)
    await inbox.put(a_message(2))
    assert await an_inbox(database, clock).recover(BOT) == 1
    assert await unfinished(database) == [2]


async def test_a_postponed_update_stays_stored_and_comes_again(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_module, "PAUSES", (timedelta(),) * MOST_POSTPONEMENTS)
    inbox = an_inbox(database, clock)
    update = a_message(1)
    await inbox.put(update)
    for _ in range(2):
        assert await inbox.get() is update
        assert inbox.postpone(update)
        await inbox.finish(1)
        assert await unfinished(database) == [1]
    async with asyncio.timeout(10):
        assert await inbox.get() is update
    await inbox.finish(1)
    assert await unfinished(database) == []


@pytest.mark.parametrize(
    ("most", "times"), [(0, 0), (1, 1), (MOST_POSTPONEMENTS + 9, MOST_POSTPONEMENTS)]
)
async def test_an_update_is_postponed_only_so_often(
    database: Database,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    most: int,
    times: int,
) -> None:
    monkeypatch.setattr(inbox_module, "PAUSES", (timedelta(),) * MOST_POSTPONEMENTS)
    inbox = an_inbox(database, clock)
    update = a_message(1)
    await inbox.put(update)
    for _ in range(times):
        assert inbox.postpone(update, most=most)
        await inbox.finish(1)
    assert not inbox.postpone(update, most=most)
    await inbox.finish(1)
    assert await unfinished(database) == []


async def test_telegrams_own_pause_is_kept(database: Database, clock: FakeClock) -> None:
    inbox = an_inbox(database, clock)
    update = a_message(1)
    loop = asyncio.get_running_loop()
    before = loop.time()
    assert inbox.postpone(update, pause=timedelta(hours=1))
    timers = loop._scheduled  # type: ignore[attr-defined]  # of the standard library's loop
    waits = [timer.when() - before for timer in timers]
    assert any(3600 <= wait < 3660 for wait in waits)
    assert inbox.empty()


async def test_nothing_comes_back_from_an_empty_database(
    database: Database, clock: FakeClock
) -> None:
    assert await an_inbox(database, clock).recover(BOT) == 0


async def test_only_old_and_finished_updates_are_forgotten(
    database: Database, clock: FakeClock
) -> None:
    inbox = an_inbox(database, clock)
    await inbox.put(a_message(1))
    await inbox.put(a_message(2))
    await inbox.finish(1)
    clock.advance(timedelta(seconds=1))
    await inbox.put(a_message(3))
    await inbox.finish(3)
    clock.advance(REMEMBERED)
    await forget_finished(database, clock(), bot_id=1)
    assert [row.update_id for row in await rows(database)] == [2, 3]


async def test_what_a_former_bot_left_unanswered_is_not_kept_for_ever(
    database: Database, clock: FakeClock
) -> None:
    await an_inbox(database, clock, bot_id=2).put(a_message(1))
    clock.advance(timedelta(seconds=1))
    await an_inbox(database, clock, bot_id=2).put(a_message(2))
    clock.advance(REMEMBERED)
    # The second one is answered if that bot comes back with its token.
    await forget_finished(database, clock(), bot_id=1)
    assert await unfinished(database) == [2]


async def test_many_updates_at_once_are_all_stored(database: Database, clock: FakeClock) -> None:
    inbox = an_inbox(database, clock)
    await asyncio.gather(*(inbox.put(a_message(n, chat=n)) for n in range(1, 31)))
    assert inbox.qsize() == 30
    async with database.reading() as connection:
        count = select(func.count()).select_from(received_update)
        assert await connection.scalar(count) == 30


async def test_starts_that_never_come_to_an_update_do_not_count(
    database: Database, clock: FakeClock
) -> None:
    await an_inbox(database, clock).put(a_message(1))
    for _ in range(MOST_ATTEMPTS + 2):
        assert await an_inbox(database, clock).recover(BOT) == 1


async def test_an_update_that_cannot_be_read_does_not_hold_up_the_others(
    database: Database, clock: FakeClock
) -> None:
    inbox = an_inbox(database, clock)
    await inbox.put(a_message(1))
    await inbox.put(a_message(2))
    async with database.writing() as connection:
        await connection.execute(
            update(received_update)
            .where(received_update.c.update_id == 1)
            .values(content="quatsch")
        )
    assert await an_inbox(database, clock).recover(BOT) == 1
    assert await unfinished(database) == [2]


async def test_an_update_with_a_moment_that_ptb_leaves_as_it_is_can_be_kept(
    database: Database, clock: FakeClock
) -> None:
    # An inaccessible message that gets pinned; PTB 22.8's to_json fails on it.
    chat = {"id": 7, "type": "private", "first_name": "A"}
    pinned = {"chat": chat, "message_id": 4, "date": 0}
    message = {"message_id": 1, "date": 1_700_000_000, "chat": chat, "pinned_message": pinned}
    item = Update.de_json({"update_id": 1, "message": message}, BOT)
    await an_inbox(database, clock).put(item)
    assert await an_inbox(database, clock).recover(BOT) == 1


async def test_numbers_of_another_bot_are_other_updates(
    database: Database, clock: FakeClock
) -> None:
    await an_inbox(database, clock).put(a_message(1))
    other = an_inbox(database, clock, bot_id=2)
    await other.put(a_message(1))
    assert other.qsize() == 1


async def test_what_comes_at_once_shares_transactions(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = 0
    writing = database.writing

    @asynccontextmanager
    async def counted() -> AsyncIterator[AsyncConnection]:
        nonlocal begun
        begun += 1
        async with writing() as connection:
            yield connection

    monkeypatch.setattr(database, "writing", counted)
    inbox = an_inbox(database, clock)
    await asyncio.gather(*(inbox.put(a_message(n)) for n in range(1, 31)))
    await asyncio.gather(*(inbox.finish(n) for n in range(1, 31)))
    assert begun <= 4
    assert await unfinished(database) == []


async def test_one_update_that_the_database_does_not_take_keeps_no_other_out(
    database: Database, clock: FakeClock
) -> None:
    inbox = an_inbox(database, clock)
    numbers = (1, 2**70, 2)
    results = await asyncio.gather(
        *(inbox.put(a_message(n)) for n in numbers), return_exceptions=True
    )
    assert [type(result) for result in results] == [type(None), NotStoredError, type(None)]
    assert await unfinished(database) == [1, 2]


async def test_who_is_cut_off_while_storing_leaves_a_stored_update(
    database: Database, clock: FakeClock
) -> None:
    inbox = an_inbox(database, clock)
    putting = [asyncio.create_task(inbox.put(a_message(n))) for n in (1, 2)]
    await asyncio.sleep(0)
    putting[0].cancel()
    await asyncio.gather(*putting, return_exceptions=True)
    await inbox.close()
    assert inbox.qsize() == 1
    assert await unfinished(database) == [1, 2]
    assert await an_inbox(database, clock).recover(BOT) == 2


@only_postgresql
async def test_updates_of_a_process_that_is_there_are_left_to_it(
    database: Database, clock: FakeClock
) -> None:
    async with an_instance(database, Reception.WEBHOOK) as there:
        await an_inbox(database, clock, owner=there.number).put(a_message(1))
        async with an_instance(database, Reception.WEBHOOK) as new:
            inbox = an_inbox(database, clock, owner=new.number)
            assert await inbox.recover(BOT) == 0
            assert [await inbox.watch(BOT) for _ in range(3)] == [0, 0, 0]


@only_postgresql
async def test_updates_of_a_process_that_is_gone_are_taken_over_by_one_other(
    database: Database, clock: FakeClock
) -> None:
    async with an_instance(database, Reception.WEBHOOK) as gone:
        await an_inbox(database, clock, owner=gone.number).put(a_message(1))
    async with (
        an_instance(database, Reception.WEBHOOK) as one,
        an_instance(database, Reception.WEBHOOK) as two,
    ):
        first, second = (
            an_inbox(database, clock, owner=instance.number) for instance in (one, two)
        )
        # It may only have lost its connection: whoever runs already looks twice.
        assert [await first.watch(BOT), await second.watch(BOT)] == [0, 0]
        assert [await first.watch(BOT), await second.watch(BOT)] == [1, 0]
        assert (await rows(database))[0].owner == one.number


@only_postgresql
async def test_who_starts_takes_over_at_once(database: Database, clock: FakeClock) -> None:
    await an_inbox(database, clock, owner=99).put(a_message(1))
    async with an_instance(database, Reception.WEBHOOK) as new:
        inbox = an_inbox(database, clock, owner=new.number)
        assert await inbox.recover(BOT) == 1
        assert await inbox.recover(BOT) == 0
