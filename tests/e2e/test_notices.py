"""Notices of the real bot: beside answers, over a stop, to chats that leave, return or move."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from knowledge.notification.notices import Notice, NoticeState
from knowledge.notification.outbox import Outbox
from knowledge.storage.database import Database
from tests.e2e.stage import GROUP, STAFF, Stage
from tests.support.builders import a_notice

pytestmark = pytest.mark.e2e


def announce(stage: Stage, notices: Iterable[Notice]) -> None:
    """Put notices into the outbox of the running bot, as another process would."""

    async def add() -> None:
        database = Database(stage.database_url)
        await database.migrate()
        await Outbox(database).add(notices)
        await database.close()

    asyncio.run(add())


def counts(stage: Stage) -> dict[NoticeState, int]:
    async def count() -> dict[NoticeState, int]:
        database = Database(stage.database_url)
        counted = await Outbox(database).counts()
        await database.close()
        return counted

    return asyncio.run(count())


def announcement(chat_id: int, text: str) -> Notice:
    return a_notice(
        chat_id=chat_id, key=text, content={"text": text}, not_before=datetime.now(UTC)
    )


def person(stage: Stage, name: str) -> int:
    number: int = stage.sim("POST", "users", first_name=name, started=True)["id"]
    return number


def told(stage: Stage, chat: int) -> list[str]:
    """The announcements in a chat."""
    texts = [m["text"] for m in stage.messages(chat) if m["from_bot"]]
    heading = "Mitteilung der Redaktion\n\n"
    return [text.removeprefix(heading) for text in texts if text.startswith(heading)]


def test_an_announcement_arrives_once_and_as_it_was_written(running: Stage) -> None:
    chat = person(running, "Anna")
    since = running.last_event()
    announce(running, [announcement(chat, "Am <b>3. März</b> & später"), announcement(chat, "2")])
    running.wait(since=since, chat=chat, count=2)
    assert told(running, chat) == ["Am <b>3. März</b> & später", "2"]


def test_answers_are_given_while_notices_have_to_wait(running: Stage) -> None:
    chat = person(running, "Bert")
    running.sim(
        *("POST", "faults"),
        kind="error",
        method="sendMessage",
        chat_id=chat,
        error_code=429,
        retry_after=5,
    )
    since = running.last_event()
    announce(running, [announcement(chat, "erst später")])
    while not running.sim("GET", "faults")["faults"][-1]["struck"]:
        pass
    assert "2170/24" in running.ask("drucksache 2170/24", user=STAFF)["text"]
    assert told(running, chat) == []
    running.wait(since=since, chat=chat)
    assert told(running, chat) == ["erst später"]


def test_who_blocks_the_bot_gets_nothing_until_he_returns(running: Stage) -> None:
    chat = person(running, "Carl")
    running.sim("POST", f"users/{chat}/block")
    before = counts(running)[NoticeState.DROPPED]
    announce(running, [announcement(chat, "1"), announcement(chat, "2")])
    while counts(running)[NoticeState.DROPPED] < before + 2:
        pass
    running.sim("POST", f"users/{chat}/unblock")
    since = running.last_event()
    running.ask("drucksache 2170/24", user=chat)
    announce(running, [announcement(chat, "3")])
    running.wait(since=since, chat=chat, count=2)
    assert told(running, chat) == ["3"]


def test_a_group_that_becomes_a_supergroup_is_told_there(running: Stage) -> None:
    new = running.sim("POST", f"chats/{GROUP}/migrate")["id"]
    since = running.last_event()
    announce(running, [announcement(GROUP, "an alle")])
    running.wait(since=since, chat=new)
    assert told(running, new) == ["an alle"]


def test_a_stop_in_a_broadcast_loses_nothing_and_repeats_nothing(stage: Stage) -> None:
    chats = [person(stage, f"Person {number}") for number in range(60)]
    announce(stage, [announcement(chat, "!") for chat in chats])
    with stage.bot() as bot:
        stage.wait(since=0, chat=chats[3])
        assert bot.stop() == 0, bot.output
    waiting = counts(stage)[NoticeState.WAITING]
    assert 0 < waiting < len(chats)
    assert counts(stage)[NoticeState.CLAIMED] == 0
    with stage.bot():
        stage.wait(since=0, chat=chats[-1])
    assert [told(stage, chat) for chat in chats] == [["!"]] * len(chats)
