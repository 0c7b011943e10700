"""Chats that can be written to again, and groups that get another number."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import Update
from telegram.ext import Application

from handlers import reachability, start
from handlers.registry import ALLOWED_UPDATES
from handlers.services import Services
from knowledge.notification.outbox import Outbox
from knowledge.storage.database import Database
from tests.handlers.test_presses import Telegram
from tests.support.builders import a_notice
from tests.support.clock import MOMENT, FakeClock
from tests.support.reachability import deactivated
from tests.support.services import services_of

ANNA, GROUP, SUPERGROUP = 7, -5_000, -1_002_000_000_000_123
PERSON = {"id": ANNA, "is_bot": False, "first_name": "Anna"}
BOT = {"id": 1, "is_bot": True, "first_name": "Bot", "username": "bot"}


@pytest.fixture
async def services(database: Database, clock: FakeClock) -> Services:
    return await services_of(database, clock, home=None, days=0)


async def receive(services: Services, **update: Any) -> None:
    """Let the handlers deal with an update."""
    application = (
        Application.builder()
        .token("1:x")
        .request(Telegram([]))
        .get_updates_request(Telegram([]))
        .updater(None)
        .job_queue(None)
        .build()
    )
    application.add_handlers([*reachability.handlers(services), *start.handlers(services)])
    async with application:
        await application.process_update(
            Update.de_json({"update_id": 1} | update, application.bot)
        )


def place(status: str, *, chat: int = ANNA) -> dict[str, Any]:
    member: dict[str, Any] = {"user": BOT, "status": status}
    return {
        "my_chat_member": {
            "chat": {"id": chat, "type": "private" if chat > 0 else "group", "title": "Fraktion"},
            "from": PERSON,
            "date": 1_760_000_000,
            "old_chat_member": {"user": BOT, "status": "left"},
            "new_chat_member": member | ({"until_date": 0} if status == "kicked" else {}),
        }
    }


def service_message(chat: int, **content: Any) -> dict[str, Any]:
    group = {"id": chat, "type": "group", "title": "Fraktion"}
    return {
        "message": {"message_id": 3, "date": 1_760_000_000, "chat": group, "from": PERSON}
        | content
    }


def test_telegram_is_asked_for_the_bots_own_place() -> None:
    assert "my_chat_member" in ALLOWED_UPDATES


@pytest.mark.parametrize("chat", [ANNA, GROUP])
async def test_a_chat_that_takes_the_bot_back_can_be_written_to(
    services: Services, database: Database, chat: int
) -> None:
    await services.chats.deactivate(chat, "kicked", now=MOMENT)
    await receive(services, **place("member", chat=chat))
    assert await deactivated(database) == frozenset()


@pytest.mark.parametrize("status", ["left", "kicked"])
async def test_a_chat_that_throws_the_bot_out_keeps_what_is_under_way(
    services: Services, database: Database, status: str
) -> None:
    await services.chats.deactivate(GROUP, "kicked", now=MOMENT)
    await Outbox(database).add([a_notice()])
    for chat in (ANNA, GROUP):
        await receive(services, **place(status, chat=chat))
    assert await deactivated(database) == {GROUP}
    assert await Outbox(database).claim(MOMENT, lease=MOMENT - MOMENT) is not None


async def test_a_start_brings_a_chat_back(services: Services, database: Database) -> None:
    await services.chats.deactivate(ANNA, "blocked", now=MOMENT)
    command = {"type": "bot_command", "offset": 0, "length": 6}
    chat = {"id": ANNA, "type": "private", "first_name": "Anna"}
    message = service_message(ANNA, text="/start", entities=[command])
    message["message"]["chat"] = chat
    await receive(services, **message)
    assert await deactivated(database) == frozenset()


@pytest.mark.parametrize(
    ("chat", "content"),
    [
        (GROUP, {"migrate_to_chat_id": SUPERGROUP}),
        (SUPERGROUP, {"migrate_from_chat_id": GROUP}),
    ],
)
async def test_a_group_that_becomes_a_supergroup_takes_its_notices_along(
    services: Services, database: Database, chat: int, content: dict[str, int]
) -> None:
    outbox = Outbox(database)
    await outbox.add([a_notice(chat_id=GROUP)])
    for _ in range(2):
        await receive(services, **service_message(chat, **content))
    claim = await outbox.claim(MOMENT, lease=MOMENT - MOMENT)
    assert claim is not None
    assert claim.notice.chat_id == SUPERGROUP
