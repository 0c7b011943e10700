"""Chats that cannot be written to, and chats that get another number."""

import asyncio
from collections.abc import Awaitable
from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from knowledge.notification import chats as chats_module
from knowledge.notification.chats import Chats
from knowledge.notification.interests import ChatSettings, Pace
from knowledge.notification.notices import NoticeKind, NoticeState
from knowledge.notification.outbox import Claim, Outbox
from knowledge.storage.database import Database
from knowledge.storage.tables import METADATA, chat, draft
from knowledge.storage.tables import outbox as outbox_table
from tests.scheduler.stage import Stage, a_milestone
from tests.support.builders import a_notice
from tests.support.clock import MOMENT, FakeClock
from tests.support.postgresql import only_postgresql, until_it_waits
from tests.support.reachability import deactivated

OLD, NEW, BYSTANDER = -5_000, -1_002_000_000_000_123, 9

ROWS: dict[str, dict[str, Any]] = {
    "chat": {"deactivated_at": MOMENT, "reason": "kicked"},
    "draft": {
        "user_id": 1,
        "state": "open",
        "version": 1,
        "base": 1,
        "content": {},
        "expires_at": MOMENT,
    },
    "handed_over_question": {
        "message_id": 3,
        "text": "Wann?",
        "asked_at": MOMENT,
        "awaited": False,
    },
    "outbox": {
        "key": "k",
        "kind": "digest",
        "content": {},
        "not_before": MOMENT,
        "state": "waiting",
        "due_at": MOMENT,
    },
    "subscription": {
        "scope": "entry",
        "entry": "EF-1",
        "question": "",
        "home": "",
        "interests": ["status"],
        "since": MOMENT,
        "revision": 1,
    },
    "chat_settings": {
        "pace": "daily",
        "hour": 8,
        "weekday": 0,
        "quiet_from": time(18),
        "quiet_until": time(8),
        "working_days": True,
        "zone": "Europe/Berlin",
    },
    "planned_notice": {"key": "k", "kind": "digest", "planned_at": MOMENT},
    "topic": {"entry": "EF-1", "expires_at": MOMENT},
}
"""A row of each table that knows chats, without its number and its chat."""


@pytest.fixture
def chats(database: Database) -> Chats:
    return Chats(database)


async def write(database: Database, name: str, chat_id: int, number: int) -> None:
    table = METADATA.tables[name]
    row = ROWS[name] | {"chat_id": chat_id} | ({"id": number} if "id" in table.c else {})
    async with database.writing() as connection:
        await connection.execute(insert(table), row)


async def claimed(outbox: Outbox, clock: FakeClock) -> Claim:
    claim = await outbox.claim(clock(), lease=timedelta(minutes=1))
    assert claim is not None
    return claim


async def chat_ids(database: Database, name: str) -> list[int]:
    column = METADATA.tables[name].c.chat_id
    async with database.reading() as connection:
        return sorted(await connection.scalars(select(column)))


def test_every_table_that_knows_chats_is_tried() -> None:
    assert set(ROWS) == {name for name, table in METADATA.tables.items() if "chat_id" in table.c}


async def test_a_chat_is_deactivated_until_it_returns(
    chats: Chats, database: Database, clock: FakeClock
) -> None:
    assert await deactivated(database) == frozenset()
    await chats.deactivate(OLD, "Forbidden: " + "x" * 300, now=clock())
    assert await deactivated(database) == {OLD}
    async with database.reading() as connection:
        row = (await connection.execute(select(chat))).one()
    assert (row.deactivated_at, len(row.reason)) == (clock(), 200)
    assert await chats.reactivate(OLD)
    assert not await chats.reactivate(OLD)
    assert not await chats.reactivate(BYSTANDER)
    assert await deactivated(database) == frozenset()


async def test_a_chat_can_leave_again(chats: Chats, clock: FakeClock) -> None:
    for _ in range(2):
        await chats.deactivate(OLD, "blocked", now=clock())
        await chats.deactivate(OLD, "blocked", now=clock())
        assert await chats.reactivate(OLD)


async def test_what_was_on_its_way_to_a_deactivated_chat_is_dropped_and_nothing_else(
    chats: Chats, database: Database, clock: FakeClock
) -> None:
    outbox = Outbox(database)
    await outbox.add([a_notice(chat_id=OLD, key="a"), a_notice(chat_id=OLD, key="b")])
    await outbox.add([a_notice(chat_id=OLD, key="c"), a_notice(chat_id=BYSTANDER)])
    first, bystanders = await claimed(outbox, clock), await claimed(outbox, clock)
    assert (first.notice.chat_id, bystanders.notice.chat_id) == (OLD, BYSTANDER)
    await outbox.mark_sent(first, 70, now=clock())
    await write(database, "draft", OLD, 1)
    await chats.deactivate(OLD, "blocked", now=clock())
    counts = await outbox.counts()
    assert (counts[NoticeState.SENT], counts[NoticeState.DROPPED]) == (1, 2)
    assert counts[NoticeState.CLAIMED] == 1
    assert await chat_ids(database, "draft") == [OLD]


@pytest.mark.parametrize("name", sorted(ROWS))
async def test_a_group_takes_everything_along_to_its_new_number(
    chats: Chats, database: Database, name: str
) -> None:
    await write(database, name, OLD, 1)
    await write(database, name, BYSTANDER, 2)
    await chats.move(OLD, NEW)
    assert await chat_ids(database, name) == [NEW, BYSTANDER]


@pytest.mark.parametrize("name", sorted(ROWS))
async def test_what_the_new_chat_has_already_stands_in_nobodys_way(
    chats: Chats, database: Database, name: str
) -> None:
    await write(database, name, OLD, 1)
    await write(database, name, NEW, 2)
    await chats.move(OLD, NEW)
    assert await chat_ids(database, name) == [NEW]


async def test_rows_that_do_not_clash_move_beside_those_that_do(
    chats: Chats, database: Database
) -> None:
    await write(database, "draft", NEW, 1)
    await write(database, "draft", OLD, 2)
    async with database.writing() as connection:
        closed = ROWS["draft"] | {"chat_id": OLD, "id": 3, "state": "published"}
        await connection.execute(insert(draft), closed)
    await chats.move(OLD, NEW)
    async with database.reading() as connection:
        rows = await connection.execute(select(draft.c.id, draft.c.chat_id).order_by(draft.c.id))
    assert rows.all() == [(1, NEW), (3, NEW)]


@pytest.mark.parametrize("told", [OLD, NEW])
async def test_a_notice_that_one_of_the_two_chats_was_sent_is_not_sent_again(
    chats: Chats, database: Database, clock: FakeClock, told: int
) -> None:
    outbox = Outbox(database)
    await outbox.add([a_notice(chat_id=told)])
    await outbox.mark_sent(await claimed(outbox, clock), 70, now=clock())
    await outbox.add([a_notice(chat_id=OLD + NEW - told)])
    await chats.move(OLD, NEW)
    async with database.reading() as connection:
        row = (await connection.execute(select(outbox_table))).one()
    assert (row.chat_id, row.state) == (NEW, NoticeState.SENT)


async def a_reminder(stage: Stage, gathering: set[int]) -> None:
    """One that both chats are to get: by itself, or in the digest of those that want one."""
    stage.at("2025-12-01T09:00")
    await stage.begin(a_milestone(due="2025-12-12"))
    for number in (OLD, NEW):
        await stage.subscribe(number)
    for number in gathering:
        daily = ChatSettings(pace=Pace.DAILY, hour=10)
        await stage.subscriptions.set_up(number, daily, now=stage.clock())
    stage.at("2025-12-05T09:00")
    await stage.plan()


async def gathered_later(stage: Stage) -> list[int]:
    """Which chats have notices in the outbox after the next digests."""
    stage.at("2025-12-08T09:00")
    await stage.planner.gather(stage.clock())
    return [notice.chat_id for notice in await stage.notices()]


@pytest.mark.parametrize("sent", [False, True])
@pytest.mark.parametrize("gathering", [{OLD}, {NEW}, {OLD, NEW}])
async def test_what_waits_for_a_digest_of_one_of_the_two_chats_is_told_once(
    chats: Chats, database: Database, clock: FakeClock, *, gathering: set[int], sent: bool
) -> None:
    stage = Stage(database, clock)
    await a_reminder(stage, gathering)
    if sent:
        await stage.send_all()
    await chats.move(OLD, NEW)
    assert await gathered_later(stage) == [NEW]


@pytest.mark.parametrize("told", [OLD, NEW])
async def test_what_one_of_the_two_chats_was_told_in_a_digest_is_not_told_the_other(
    chats: Chats, database: Database, clock: FakeClock, told: int
) -> None:
    stage = Stage(database, clock)
    await a_reminder(stage, {told})
    # The other one's is on its way all the time.
    stage.at("2025-12-08T09:00")
    assert await stage.planner.gather(clock()) == 1
    async with database.writing() as connection:
        await connection.execute(
            update(outbox_table)
            .where(outbox_table.c.chat_id == told)
            .values(state=NoticeState.SENT, due_at=None, finished_at=clock())
        )
    await chats.move(OLD, NEW)
    (notice,) = await stage.notices()
    assert (notice.chat_id, notice.kind) == (NEW, NoticeKind.DIGEST)


async def test_what_the_old_number_could_not_be_told_is_still_told_to_the_new_one(
    chats: Chats, database: Database, clock: FakeClock
) -> None:
    stage = Stage(database, clock)
    await a_reminder(stage, {NEW})
    await chats.deactivate(OLD, "no right to write", now=clock())
    await chats.move(OLD, NEW)
    assert await gathered_later(stage) == [NEW]


@pytest.mark.parametrize("fate", ["dropped", "failed"])
async def test_what_the_new_number_could_not_be_told_is_told_if_it_waits_for_the_old_one(
    chats: Chats, database: Database, clock: FakeClock, fate: str
) -> None:
    outbox = Outbox(database)
    await outbox.add([a_notice(chat_id=NEW)])
    if fate == "dropped":
        await chats.deactivate(NEW, "kicked", now=clock())
        await chats.reactivate(NEW)
    else:
        await outbox.mark_failed(await claimed(outbox, clock), "too long", now=clock())
    await outbox.add([a_notice(chat_id=OLD)])
    await chats.move(OLD, NEW)
    assert (await claimed(outbox, clock)).notice == a_notice(chat_id=NEW)


async def test_what_may_have_arrived_at_the_new_number_is_not_sent_again_for_the_old_one(
    chats: Chats, database: Database, clock: FakeClock
) -> None:
    outbox = Outbox(database)
    await outbox.add([a_notice(chat_id=NEW)])
    await outbox.postpone(await claimed(outbox, clock), clock(), unanswered=True)
    await outbox.mark_failed(await claimed(outbox, clock), "twice", now=clock())
    await outbox.add([a_notice(chat_id=OLD)])
    await chats.move(OLD, NEW)
    assert await outbox.claim(clock(), lease=timedelta(minutes=1)) is None


async def test_that_the_old_number_could_not_be_written_to_says_nothing_about_the_new_one(
    chats: Chats, database: Database, clock: FakeClock
) -> None:
    await chats.deactivate(OLD, "no right to write", now=clock())
    await chats.reactivate(NEW)
    await chats.move(OLD, NEW)
    assert await deactivated(database) == frozenset()


async def test_a_new_number_that_cannot_be_written_to_stays_deactivated(
    chats: Chats, database: Database, clock: FakeClock
) -> None:
    for number in (OLD, NEW):
        await chats.deactivate(number, "kicked", now=clock())
    await chats.move(OLD, NEW)
    assert await deactivated(database) == {NEW}


async def test_a_notice_under_way_is_released_to_the_new_chat(
    chats: Chats, database: Database, clock: FakeClock
) -> None:
    outbox = Outbox(database)
    await outbox.add([a_notice(chat_id=OLD)])
    claim = await claimed(outbox, clock)
    await chats.move(OLD, NEW)
    await outbox.release(claim, clock())
    assert (await claimed(outbox, clock)).notice.chat_id == NEW


@only_postgresql
async def test_planning_under_way_leaves_nothing_to_the_former_number(
    chats: Chats, database: Database, clock: FakeClock
) -> None:
    stage = Stage(database, clock)
    await stage.begin(a_milestone())
    await stage.subscribe(OLD)
    await stage.publish(a_milestone(phase="done"))
    await stage.plan_while(lambda: chats.move(OLD, NEW))
    for name in ("subscription", "planned_notice", "outbox"):
        assert await chat_ids(database, name) == [NEW]


@only_postgresql
@pytest.mark.parametrize("other", ["the new one is gone", "the old one is set up"])
async def test_a_move_and_others_do_not_wait_for_each_other_for_ever(
    chats: Chats,
    database: Database,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    other: str,
) -> None:
    stage = Stage(database, clock)
    gone = other == "the new one is gone"
    sent, waiting = (OLD, NEW) if gone else (NEW, OLD)
    await chats.deactivate(OLD, "kicked", now=clock())
    await chats.reactivate(OLD)
    await stage.outbox.add([a_notice(chat_id=sent)])
    await stage.outbox.mark_sent(await claimed(stage.outbox, clock), 70, now=clock())
    await stage.outbox.add([a_notice(chat_id=waiting)])
    await stage.subscriptions.set_up(OLD, ChatSettings(), now=clock())
    begun: list[asyncio.Future[object]] = []
    delete = chats_module._delete_what_is_carried_along

    async def begin_another(*args: Any) -> None:
        other: Awaitable[object] = (
            chats.deactivate(NEW, "kicked", now=clock())
            if gone
            else stage.subscriptions.set_up(OLD, ChatSettings(hour=9), now=clock())
        )
        begun.append(asyncio.ensure_future(other))
        await until_it_waits(begun[0], database)
        await delete(*args)

    monkeypatch.setattr(chats_module, "_delete_what_is_carried_along", begin_another)
    await chats.move(OLD, NEW)
    await begun[0]
    assert await chat_ids(database, "outbox") == [NEW]


@only_postgresql
async def test_planning_under_way_leaves_nothing_on_its_way_to_a_chat_that_is_gone(
    chats: Chats, database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(database, clock)
    await stage.begin(a_milestone())
    await stage.subscribe(OLD)
    await stage.publish(a_milestone(phase="done"))
    begun: list[asyncio.Future[None]] = []
    enqueue = Outbox.enqueue

    async def go_meanwhile(*args: Any) -> int:
        written = await enqueue(*args)
        begun.append(asyncio.ensure_future(chats.deactivate(OLD, "kicked", now=clock())))
        await until_it_waits(begun[0], database)
        return written

    monkeypatch.setattr(Outbox, "enqueue", go_meanwhile)
    await stage.plan()
    await begun[0]
    assert await stage.notices() == []


async def test_a_move_of_a_chat_without_anything_is_no_fault(
    chats: Chats, database: Database
) -> None:
    await write(database, "topic", BYSTANDER, 1)
    await chats.move(OLD, NEW)
    assert await chat_ids(database, "topic") == [BYSTANDER]
