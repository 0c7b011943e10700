"""Announcements: queued once per chat, held back where they are not sent yet."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.notification.announcements import Announcements
from knowledge.notification.chats import Chats
from knowledge.notification.contents import Announcement
from knowledge.notification.interests import Scope, Target
from knowledge.notification.notices import NoticeState
from knowledge.notification.outbox import Outbox
from knowledge.notification.subscriptions import Subscriptions
from knowledge.notification.working_time import BERLIN
from knowledge.people import People, PeopleError, Refusal, Role
from knowledge.personal_data import PersonalData
from knowledge.snapshot import Snapshot
from knowledge.storage.database import Database
from knowledge.storage.tables import outbox as outbox_table
from tests.support.clock import MOMENT
from tests.support.postgresql import only_postgresql, until_it_waits

BOSS, EVA, IDA = 10, 11, 12


@pytest.fixture
async def people(database: Database) -> People:
    """An admin by settings and two editors."""
    people = People(database, [BOSS])
    for user_id, label in ((EVA, "Eva"), (IDA, "Ida")):
        invited = await people.invite(Role.EDITOR, label, by=BOSS, now=MOMENT)
        await people.redeem(invited.token, user_id, now=MOMENT)
    return people


@pytest.fixture
def announcements(database: Database, people: People) -> Announcements:
    return Announcements(
        database,
        people=people,
        chats=Chats(database),
        subscriptions=Subscriptions(database, zone=BERLIN, subdivision="TH"),
        outbox=Outbox(database),
    )


async def test_subscribers_are_told_as_members_are(
    announcements: Announcements, database: Database
) -> None:
    subscriptions = Subscriptions(database, zone=BERLIN, subdivision="TH")
    for chat_id in (-5, EVA):
        await subscriptions.begin(
            chat_id, Target(Scope.EVERYTHING), snapshot=Snapshot([]), now=MOMENT
        )
    assert await announcements.recipients() == {BOSS, EVA, IDA, -5}


async def test_everybody_who_can_be_written_to_is_told_once(
    announcements: Announcements, database: Database
) -> None:
    await Chats(database).deactivate(IDA, "blocked", now=MOMENT)
    assert await announcements.recipients() == {BOSS, EVA}
    assert await announcements.publish("a", "Wartung.", by=BOSS, now=MOMENT) == 2
    assert await announcements.publish("a", "Wartung.", by=BOSS, now=MOMENT) == 0
    assert await announcements.publish("b", "Wartung.", by=BOSS, now=MOMENT) == 2
    claim = await Outbox(database).claim(MOMENT, lease=timedelta(minutes=1))
    assert claim is not None
    assert claim.notice.content == Announcement(text="Wartung.")


async def test_what_is_not_sent_yet_is_held_back(
    announcements: Announcements, database: Database
) -> None:
    outbox, lease = Outbox(database), timedelta(minutes=1)
    await announcements.publish("a", "Wartung.", by=BOSS, now=MOMENT)
    await announcements.publish("b", "Anderes.", by=BOSS, now=MOMENT)
    sent = await outbox.claim(MOMENT, lease=lease)
    assert sent is not None
    await outbox.mark_sent(sent, 7, now=MOMENT)
    under_way = await outbox.claim(MOMENT, lease=lease)
    assert under_way is not None
    before = await outbox.counts()
    assert (before[NoticeState.SENT], before[NoticeState.CLAIMED]) == (1, 1)
    name = sent.notice.key.partition(":")[2]
    held = await announcements.cancel(name, by=BOSS, now=MOMENT)
    after = await outbox.counts()
    assert held == after[NoticeState.DROPPED] == 1 + (under_way.notice.key != sent.notice.key)
    assert (after[NoticeState.SENT], after[NoticeState.CLAIMED]) == (1, 1)
    assert after[NoticeState.WAITING] == before[NoticeState.WAITING] - held
    # One whose sender died is held back, too.
    assert await announcements.cancel(name, by=BOSS, now=MOMENT + lease) == 2 - held
    assert await announcements.cancel(name, by=BOSS, now=MOMENT + lease) == 0
    dropped = outbox_table.c.state == NoticeState.DROPPED
    async with database.reading() as connection:
        kept = list(await connection.scalars(select(outbox_table.c.content).where(dropped)))
    assert kept == [{}, {}]  # what people wrote is erased at once


async def test_an_announcement_is_on_its_way_until_it_is_sent_or_held_back(
    announcements: Announcements, database: Database
) -> None:
    await announcements.publish("a", "Wartung.", by=BOSS, now=MOMENT)
    assert await announcements.on_its_way("a") == 3
    claim = await Outbox(database).claim(MOMENT, lease=timedelta(minutes=1))
    assert claim is not None
    assert await announcements.on_its_way("a") == 3
    await Outbox(database).mark_sent(claim, 7, now=MOMENT)
    assert await announcements.on_its_way("a") == 2
    await announcements.cancel("a", by=BOSS, now=MOMENT)
    assert await announcements.on_its_way("a") == await announcements.on_its_way("b") == 0


async def test_only_admins_announce_and_hold_back(announcements: Announcements) -> None:
    with pytest.raises(PeopleError, match=f"^{Refusal.NOT_ALLOWED}$"):
        await announcements.publish("a", "Wartung.", by=EVA, now=MOMENT)
    assert await announcements.publish("a", "Wartung.", by=BOSS, now=MOMENT) == 3
    with pytest.raises(PeopleError, match=f"^{Refusal.NOT_ALLOWED}$"):
        await announcements.cancel("a", by=EVA, now=MOMENT)


async def arrive(database: Database, chat_id: int) -> None:
    """Let a chat subscribe everything."""
    subscriptions = Subscriptions(database, zone=BERLIN, subdivision="TH")
    await subscriptions.begin(chat_id, Target(Scope.EVERYTHING), snapshot=Snapshot([]), now=MOMENT)


async def leave(database: Database, how: str) -> None:
    """Let a chat that has subscribed everything go, or get the number -6."""
    subscriptions = Subscriptions(database, zone=BERLIN, subdivision="TH")
    match how:
        case "ends":
            await subscriptions.end_all(-5, now=MOMENT)
        case "forgotten":
            await PersonalData(database).forget(-5)
        case "moves":
            await Chats(database).move(-5, -6)


@pytest.mark.parametrize("how", ["ends", "forgotten", "moves"])
async def test_who_leaves_just_before_is_told_where_they_are_or_not_at_all(
    announcements: Announcements,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    await arrive(database, -5)
    writing = database.writing

    @asynccontextmanager
    async def after_that() -> AsyncIterator[AsyncConnection]:
        monkeypatch.setattr(database, "writing", writing)
        await leave(database, how)
        await arrive(database, -7)
        async with writing() as connection:
            yield connection

    monkeypatch.setattr(database, "writing", after_that)
    await announcements.publish("a", "Wartung.", by=BOSS, now=MOMENT)
    assert await chats_told(database) == {BOSS, EVA, IDA, -7} | ({-6} if how == "moves" else set())


@only_postgresql
@pytest.mark.parametrize("how", ["forgotten", "moves"])
async def test_who_leaves_meanwhile_takes_along_what_is_being_written_down(
    announcements: Announcements,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    await arrive(database, -5)
    leaving: list[asyncio.Future[None]] = []
    enqueue = Outbox.enqueue

    async def leave_meanwhile(*args: Any) -> int:
        leaving.append(asyncio.ensure_future(leave(database, how)))
        await until_it_waits(leaving[0], database)
        return await enqueue(*args)

    monkeypatch.setattr(Outbox, "enqueue", leave_meanwhile)
    await announcements.publish("a", "Wartung.", by=BOSS, now=MOMENT)
    await leaving[0]
    assert await chats_told(database) == {BOSS, EVA, IDA} | ({-6} if how == "moves" else set())


async def chats_told(database: Database) -> set[int]:
    async with database.reading() as connection:
        return set(await connection.scalars(select(outbox_table.c.chat_id)))
