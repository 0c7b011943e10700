"""Asking Telegram for updates."""

import asyncio

import httpx
import pytest
from structlog.testing import capture_logs
from telegram import Bot, Update
from telegram.error import TelegramError

from bot.backoff import Backoff
from bot.inbox import NotStoredError
from bot.playground import TOKEN, ManualClock, Playground, serve
from bot.polling import receive
from tests.bot.playground.helpers import World


@pytest.mark.parametrize(
    ("error", "passed_on"),
    [
        (ValueError("was jemand schrieb"), ["zweite"]),
        (NotStoredError("database is locked"), ["erste", "zweite"]),
    ],
)
async def test_only_what_cannot_be_stored_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch, error: Exception, passed_on: list[str]
) -> None:
    monkeypatch.setattr(Backoff, "wait", lambda _: asyncio.sleep(0))
    errors, taken, done = [error], list[str](), asyncio.Event()

    async def put(update: Update) -> None:
        if errors:
            raise errors.pop()
        assert update.message
        taken.append(str(update.message.text))
        if taken[-1] == "zweite":
            done.set()

    clock = ManualClock()
    playground = Playground(clock=clock)
    async with (
        serve(playground) as address,
        httpx.AsyncClient(base_url=address, trust_env=False) as http,
        Bot(TOKEN, base_url=f"{address}/bot") as bot,
    ):
        world = World(playground, clock, http)
        for text in ("erste", "zweite"):
            await world.say(text)
        with capture_logs() as logs:
            receiving = asyncio.create_task(receive(bot, put))
            await asyncio.wait_for(done.wait(), 10)
            receiving.cancel()
            await asyncio.wait([receiving])
    assert taken == passed_on
    assert "was jemand schrieb" not in str(logs)
    passed_over = not isinstance(error, TelegramError)
    assert ("update passed over" in {entry["event"] for entry in logs}) is passed_over
