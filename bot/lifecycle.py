"""Running the bot: start, receive, stop in an order that loses nothing."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

import structlog
from telegram.error import InvalidToken, NetworkError

from bot.application import (
    Clock,
    TelegramApplication,
    build_application,
    build_clockwork,
    introduce,
    open_bench,
    system_clock,
)
from bot.errors import polling_failed
from bot.inbox import Inbox
from bot.instance import only_instance
from bot.settings import Settings
from handlers.registry import ALLOWED_UPDATES

log = structlog.get_logger(__name__)

STOP_WITHIN = 4.0
"""Seconds that handlers get to finish; what is cut off is taken up at the next start."""

LONG_POLL = 20
"""Seconds that Telegram holds a request for updates open."""


LONGEST_PAUSE = 30.0
"""Seconds between two attempts to reach Telegram at start, at the most."""


class TokenError(Exception):
    """Telegram does not know the token."""


async def run(
    settings: Settings,
    *,
    clock: Clock = system_clock,
    stop: asyncio.Event | None = None,
    ready: Callable[[], None] | None = None,
) -> None:
    """Receive and answer updates by long polling until SIGTERM, SIGINT or `stop`.

    Args:
        settings: With a token.
        clock: The present moment.
        stop: Set it to stop; for callers that handle signals themselves.
        ready: Called when updates are being received.

    Raises:
        AlreadyRunningError: if another process does so for the same database.
        TokenError: if Telegram refuses the token.
        DatabaseError: if the database cannot be used.
    """
    if stop is None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    bench = await open_bench(
        database_url=settings.database_url,
        zone=settings.zone,
        home=settings.home_body,
        clock=clock,
        shipped=settings.knowledge_folder,
    )
    try:
        async with only_instance(bench.database):
            inbox = Inbox(bench.database, clock)
            application = build_application(settings, bench, inbox)
            updater = application.updater
            assert updater is not None
            if not await _initialize(application, stop):
                return
            clockwork = build_clockwork(bench, inbox, settings.zone)
            waiting = await inbox.recover(application.bot)
            await application.start()
            await updater.start_polling(
                timeout=LONG_POLL,
                bootstrap_retries=-1,
                allowed_updates=list(ALLOWED_UPDATES),
                error_callback=polling_failed,
            )
            clockwork.start()
            log.info("running", bot=application.bot.username, taken_up=waiting)
            if ready is not None:
                ready()
            await introduce(application.bot)
            await stop.wait()
            log.info("stopping")
            clockwork.stop()
            try:
                async with asyncio.timeout(STOP_WITHIN):
                    await updater.stop()
                    await application.stop()
            except TimeoutError:
                log.warning("handlers did not finish in time; they are taken up at next start")
            await application.shutdown()
    finally:
        await bench.database.close()
    log.info("stopped")


async def _initialize(application: TelegramApplication, stop: asyncio.Event) -> bool:
    """Make contact with Telegram, however long that takes; False if stopped meanwhile."""
    pause = 1.0
    while True:
        try:
            await application.initialize()
        except InvalidToken as exc:
            await application.bot.shutdown()
            raise TokenError from exc
        except NetworkError as exc:
            # A failed start leaves PTB's HTTP clients open.
            await application.bot.shutdown()
            log.warning("Telegram cannot be reached, trying again", reason=str(exc), seconds=pause)
        else:
            return True
        try:
            async with asyncio.timeout(pause):
                await stop.wait()
        except TimeoutError:
            pause = min(2 * pause, LONGEST_PAUSE)
        else:
            return False
