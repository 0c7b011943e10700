"""Everything about a chat is shown and deleted, whichever part keeps it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from knowledge.answering.ellipsis import Topic
from knowledge.editing.uploads import VALID, Uploads
from knowledge.exchange import Choices
from knowledge.inquiries.topics import Topics
from knowledge.notification.chats import Chats
from knowledge.notification.interests import ChatSettings, Pace
from knowledge.notification.outbox import Outbox
from knowledge.people import People, Role
from knowledge.personal_data import DESERTED, PersonalData
from knowledge.storage.database import Database
from knowledge.storage.tables import METADATA
from tests.scheduler.stage import Stage, a_milestone
from tests.support.builders import a_notice
from tests.support.clock import FakeClock
from tests.support.postgresql import only_postgresql


async def a_busy_chat(database: Database, clock: FakeClock, chat_id: int) -> None:
    stage = Stage(database, clock)
    await stage.store.refresh()
    await stage.subscribe(chat_id)
    await stage.subscriptions.set_up(chat_id, ChatSettings(pace=Pace.DAILY), now=clock())
    await Outbox(database).add([a_notice(chat_id=chat_id)])
    await Topics(database).remember(chat_id, Topic("EF-1"), clock())


async def rows_of(database: Database, chat_id: int) -> dict[str, int]:
    counts: dict[str, int] = {}
    async with database.reading() as connection:
        for table in METADATA.sorted_tables:
            if "chat_id" in table.c:
                query = select(func.count()).where(table.c.chat_id == chat_id)
                counts[table.name] = await connection.scalar(query) or 0
    return {name: count for name, count in counts.items() if count}


async def test_what_is_kept_about_a_chat_is_shown_as_plain_data(
    database: Database, clock: FakeClock
) -> None:
    stage = Stage(database, clock)
    await stage.begin(a_milestone(due="2025-11-18"))
    await a_busy_chat(database, clock, 1)
    await a_busy_chat(database, clock, 2)
    clock.advance(timedelta(days=22))
    await stage.plan()
    shown = await PersonalData(database).export(1)
    assert set(shown) == {"subscription", "chat_settings", "outbox", "topic", "planned_notice"}
    assert shown["chat_settings"][0]["quiet_from"] == "18:00:00"
    assert shown["subscription"][0]["since"] == "2025-10-20T09:30:00+00:00"
    assert {row["chat_id"] for rows in shown.values() for row in rows} == {1}
    assert json.loads(json.dumps(shown)) == shown


async def test_forgetting_a_chat_leaves_nothing_of_it_and_everything_of_others(
    database: Database, clock: FakeClock
) -> None:
    await a_busy_chat(database, clock, 1)
    await a_busy_chat(database, clock, 2)
    before = await rows_of(database, 2)
    assert await PersonalData(database).forget(1) == 4
    assert await rows_of(database, 1) == {}
    assert await rows_of(database, 2) == before
    assert await PersonalData(database).export(1) == {}


async def test_a_role_is_shown_and_stays(database: Database, clock: FakeClock) -> None:
    people = People(database, admin_ids=(1,))
    invited = await people.invite(Role.EDITOR, "anna", by=1, now=clock())
    await people.redeem(invited.token, 5, now=clock())
    data = PersonalData(database)
    assert (await data.export(5))["member"][0]["label"] == "anna"
    await data.forget(5)
    assert await people.role(5) is Role.EDITOR


async def test_nothing_comes_to_a_chat_that_is_forgotten(
    database: Database, clock: FakeClock
) -> None:
    stage = Stage(database, clock)
    await stage.begin(a_milestone(due="2025-10-27"))
    await stage.subscribe()
    await PersonalData(database).forget(1)
    await stage.pass_days(10)
    assert await stage.keys() == []


@only_postgresql
async def test_planning_under_way_does_not_overtake_forgetting(
    database: Database, clock: FakeClock
) -> None:
    stage = Stage(database, clock)
    await stage.begin(a_milestone())
    await stage.subscribe()
    await stage.publish(a_milestone(phase="done"))
    await stage.plan_while(lambda: PersonalData(database).forget(1))
    assert await PersonalData(database).export(1) == {}


@only_postgresql
async def test_planning_under_way_does_not_overtake_forgetting_a_deserted_chat(
    database: Database, clock: FakeClock
) -> None:
    stage = Stage(database, clock)
    await stage.begin(a_milestone())
    await stage.subscribe()
    await Chats(database).deactivate(1, "blocked", now=clock())
    await stage.publish(a_milestone(phase="done"))
    await stage.plan_while(lambda: PersonalData(database).forget_deserted(clock() + DESERTED))
    assert await PersonalData(database).export(1) == {}


async def test_of_a_file_under_way_there_are_name_size_and_time(
    database: Database, clock: FakeClock
) -> None:
    await Uploads(database).begin(5, "plan.csv", b"Nr;Titel", Choices(), base=0, now=clock())
    (shown,) = (await PersonalData(database).export(5))["upload"]
    assert (shown["name"], shown["content"]) == ("plan.csv", {"bytes": 8})
    assert shown["expires_at"] == (clock() + VALID).isoformat()
    await PersonalData(database).forget(5)
    assert await Uploads(database).open(5, now=clock()) is None


async def test_open_invitations_belong_to_who_made_them(
    database: Database, clock: FakeClock
) -> None:
    people = People(database, admin_ids=(1, 2))
    for admin in (1, 2):
        await people.invite(Role.EDITOR, f"anna {admin}", by=admin, now=clock())
    data = PersonalData(database)
    assert [row["label"] for row in (await data.export(1))["invitation"]] == ["anna 1"]
    await data.forget(1)
    assert [left.label for left in await people.invitations(clock())] == ["anna 2"]


async def test_a_chat_that_comes_back_while_others_are_forgotten_is_kept(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    chats, data = Chats(database), PersonalData(database)
    for chat_id in (1, 2):
        await a_busy_chat(database, clock, chat_id)
        await chats.deactivate(chat_id, "blocked", now=clock())
    forget, forgotten = PersonalData._forget_deserted, list[int]()

    async def forget_and_have_the_other_back(self: PersonalData, chat_id: int, gone: Any) -> bool:
        forgotten.append(chat_id)
        if len(forgotten) == 1:
            await chats.reactivate(3 - chat_id)
        return await forget(self, chat_id, gone)

    monkeypatch.setattr(PersonalData, "_forget_deserted", forget_and_have_the_other_back)
    assert await data.forget_deserted(clock() + DESERTED) == 1
    first, second = forgotten
    assert await data.export(first) == {}
    assert "subscription" in await data.export(second)


async def test_a_chat_that_has_blocked_the_bot_for_long_is_forgotten_and_others_are_not(
    database: Database, clock: FakeClock
) -> None:
    for chat_id in (1, 2, 3):
        await a_busy_chat(database, clock, chat_id)
    chats, data = Chats(database), PersonalData(database)
    await chats.deactivate(1, "blocked", now=clock())
    await chats.deactivate(2, "blocked", now=clock())
    await chats.reactivate(2)
    assert await data.forget_deserted(clock() + DESERTED - timedelta(seconds=1)) == 0
    assert await data.forget_deserted(clock() + DESERTED) == 1
    assert await data.export(1) == {}
    assert "subscription" in await data.export(2)
    assert "subscription" in await data.export(3)
