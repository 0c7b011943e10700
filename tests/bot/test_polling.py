"""Asking Telegram for updates."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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


@asynccontextmanager
async def a_world() -> AsyncIterator[tuple[World, Bot]]:
    """A playground, and a bot that asks it for updates."""
    clock = ManualClock()
    playground = Playground(clock=clock)
    async with (
        serve(playground) as address,
        httpx.AsyncClient(base_url=address, trust_env=False) as http,
        Bot(TOKEN, base_url=f"{address}/bot") as bot,
    ):
        yield World(playground, clock, http), bot


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

    async with a_world() as (world, bot):
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


async def test_a_webhook_that_another_program_sets_meanwhile_keeps_nothing_from_us(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Backoff, "wait", lambda _: asyncio.sleep(0))
    taken = asyncio.Queue[Update]()
    async with a_world() as (world, bot):
        await world.say("davor")
        receiving = asyncio.create_task(receive(bot, taken.put))
        await asyncio.wait_for(taken.get(), 10)
        await world.ok("setWebhook", url="http://127.0.0.1:1/")
        await world.say("danach")
        update = await asyncio.wait_for(taken.get(), 10)
        receiving.cancel()
        await asyncio.wait([receiving])
    assert update.message is not None
    assert update.message.text == "danach"
