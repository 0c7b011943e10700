"""The bot and a local Telegram in one process: try everything without a token."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from bot.lifecycle import run
from bot.playground import TOKEN, Limits, Playground, SystemClock
from bot.settings import OFF, Settings

ADMIN = 1003
"""User id of the playground's "Admin"."""


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
        today: The day that it is in the demo, instead of the real one.
        database_url: Where to keep the data; a fresh file for this run if None.
        announce: Called with the page's address as soon as questions are answered.
    """
    clock = SystemClock()
    if today is not None:
        present = datetime.now(settings.zone).time()
        clock.set(datetime.combine(today, present, settings.zone).timestamp())
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with TemporaryDirectory(prefix="massnahmenbot-") as folder:
        url = database_url or f"sqlite+aiosqlite:///{Path(folder) / 'demo.db'}"
        async with Playground(clock=clock, limits=Limits()).serve(port) as base_url:
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
                ready=lambda: announce(f"{base_url}/"),
            )
