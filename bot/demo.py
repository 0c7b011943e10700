"""The bot and a local Telegram in one process: try everything without a token."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from bot.lifecycle import run
from bot.playground import TOKEN, Limits, Playground, SystemClock
from bot.settings import OFF, Settings
from scheduler.clockwork import Clockwork

ADMIN = 1003
"""User id of the playground's "Admin"."""

MORNING = time(10)
"""When a given day begins: in the evening, notices would wait for the next working day."""


async def demo(
    settings: Settings,
    *,
    port: int,
    today: date | None,
    database_url: str | None,
    announce: Callable[[str], None],
) -> None:
    """Serve the chat page and run the bot behind it until SIGTERM or SIGINT.

    Args:
        settings: Everything but token, server, admins and database is taken from here.
        port: Where the chat page is served; 0 for any free port.
        today: The day that it is in the demo at first, instead of the real one.
        database_url: Where to keep the data; a fresh file for this run if None.
        announce: Called with the page's address as soon as questions are answered.
    """
    clock = SystemClock()
    if today is not None:
        clock.set(datetime.combine(today, MORNING, settings.zone).timestamp())
    jobs: Clockwork | None = None

    async def follow(_: datetime) -> None:
        if jobs is not None:
            await jobs.catch_up()

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with TemporaryDirectory(prefix="massnahmenbot-") as folder:
        url = database_url or f"sqlite+aiosqlite:///{Path(folder) / 'demo.db'}"
        playground = Playground(clock=clock, limits=Limits(), clock_listener=follow)
        async with playground.serve(port) as base_url:

            async def ready(clockwork: Clockwork) -> None:
                nonlocal jobs
                jobs = clockwork
                # What is known now becomes the beginning, however soon the clock is moved.
                await jobs.catch_up()
                announce(f"{base_url}/")

            await run(
                settings.model_copy(
                    update={
                        "bot_token": SecretStr(TOKEN),
                        "bot_api_url": f"{base_url}/bot",
                        "admin_ids": (ADMIN,),
                        "database_url": url,
                        "operations": OFF,
                    }
                ),
                clock=lambda: datetime.fromtimestamp(clock.now(), UTC),
                stop=stop,
                ready=ready,
            )
