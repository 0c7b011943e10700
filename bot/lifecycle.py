"""Running the bot: start, receive, stop in an order that loses nothing."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog
from telegram import Bot

from bot.application import (
    Clock,
    TelegramApplication,
    build_application,
    build_clockwork,
    build_dispatcher,
    build_planner,
    build_pusher,
    introduce,
    open_services,
    system_clock,
)
from bot.gate import Gate
from bot.inbox import Inbox
from bot.instance import only_instance
from bot.lanes import Lanes
from bot.metrics import Metrics
from bot.operations import Health, operations_app
from bot.polling import Put, connect, receive
from bot.serving import serving
from bot.settings import Settings
from bot.web import derived_secret, keep_webhook, webhook_app
from knowledge.database import Database
from scheduler.clockwork import Clockwork
from scheduler.pacing import Pacing

log = structlog.get_logger(__name__)

STOP_WITHIN = 4.0
"""Seconds that handlers, and the notice being sent, get to finish; what is cut off is taken up
again after the next start."""


async def run(
    settings: Settings,
    *,
    webhook: bool = False,
    clock: Clock = system_clock,
    stop: asyncio.Event | None = None,
    ready: Callable[[Clockwork], Awaitable[None]] | None = None,
) -> None:
    """Receive and answer updates until SIGTERM, SIGINT or `stop`.

    Args:
        settings: With a token, and a webhook's address if there is to be one.
        webhook: Whether Telegram delivers; otherwise it is asked, by long polling.
        clock: The present moment.
        stop: Set it to stop; for callers that handle signals themselves.
        ready: Called when updates are being received, with the recurring jobs: whoever moves the
            clock lets them catch up.

    Raises:
        AlreadyRunningError: if another process does so for the same database.
        TokenError: if Telegram refuses the token.
        DatabaseError: if the database cannot be used.
        OSError: if one of the addresses to listen on cannot be used.
    """
    if stop is None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    database = Database(settings.database_url)
    metrics = Metrics()
    try:
        async with only_instance(database), _operations(settings, database, metrics):
            services = await open_services(
                database,
                zone=settings.zone,
                home=settings.home_body,
                question_log_days=settings.question_log_days,
                token=settings.bot_token.get_secret_value(),
                admin_ids=settings.admin_ids,
                subdivision=settings.subdivision,
                clock=clock,
                shipped=settings.knowledge_folder,
                metrics=metrics,
            )
            inbox = Inbox(database, clock, bot_id=settings.bot_id, metrics=metrics)
            gate = Gate(
                inbox,
                services.people,
                clock,
                per_minute=settings.rate_per_minute,
                allowed_chats=settings.allowed_chats,
            )
            lanes = Lanes(inbox)
            pacing = Pacing(settings.broadcast_rate)
            application = build_application(
                settings, services, inbox, lanes, pacing=pacing, metrics=metrics
            )
            pusher = build_pusher(settings, metrics)
            dispatcher = build_dispatcher(services, pusher, pacing, settings.rules)
            planner = build_planner(settings, database, services)
            clockwork = build_clockwork(services, inbox, planner, settings.zone)
            for bot in (application.bot, pusher):
                if not await _until(stop, connect(bot)):
                    return
            waiting = await inbox.recover(application.bot)
            await application.initialize()
            await application.start()
            clockwork.start()
            introducing = asyncio.create_task(introduce(application.bot, services.people))
            enough = asyncio.Event()
            dispatching = asyncio.create_task(dispatcher.run(enough))
            try:
                async with _receiving(
                    settings, application.bot, gate.put, webhook=webhook
                ) as work:
                    log.info("running", bot=application.bot.username, taken_up=waiting)
                    if ready is not None:
                        await ready(clockwork)
                    await _until(stop, work)
            finally:
                log.info("stopping")
                introducing.cancel()
                enough.set()
                # What was cut off is waited for: a second interruption, by the end of the event
                # loop, would leave a SQLite connection that never finishes closing.
                await asyncio.gather(clockwork.stop(), introducing, return_exceptions=True)
                await gate.close()
                await asyncio.gather(_stop(application, lanes), _finish(dispatching))
                await pusher.shutdown()
                await inbox.close()
    finally:
        await database.close()
    log.info("stopped")


@asynccontextmanager
async def _operations(
    settings: Settings, database: Database, metrics: Metrics
) -> AsyncIterator[None]:
    """Serve health and metrics, if they are wanted."""
    address = settings.operations_address
    if address is None:
        yield
        return
    app = operations_app(Health(database, metrics), metrics)
    async with serving(app, address.host, address.port) as port:
        log.info("health and metrics served", host=address.host, port=port)
        yield


@asynccontextmanager
async def _receiving(
    settings: Settings, bot: Bot, put: Put, *, webhook: bool
) -> AsyncIterator[Coroutine[Any, Any, None]]:
    """Receive updates; yields what has to be done meanwhile, until it is cancelled.

    Afterwards nothing more is accepted.
    """
    if not webhook:
        yield receive(bot, put)
        return
    token = settings.bot_token.get_secret_value()
    secret = settings.webhook_secret.get_secret_value() or derived_secret(token)
    address = settings.listen_address
    app = webhook_app(bot, put, secret)
    async with serving(app, address.host, address.port) as port:
        log.info("webhook listens", host=address.host, port=port)
        yield keep_webhook(bot, url=settings.webhook_url, secret=secret)


async def _until(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Do some work unless stopped; returns whether it came to its end."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            await working
            return True
        return False
    finally:
        for task in (working, stopping):
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task


async def _finish(dispatching: asyncio.Task[None]) -> None:
    await asyncio.wait({dispatching}, timeout=STOP_WITHIN)
    if not dispatching.done():
        log.warning("a notice was not answered in time; it is taken up again")
        dispatching.cancel()
        await asyncio.wait({dispatching})


async def _stop(application: TelegramApplication, lanes: Lanes) -> None:
    try:
        async with asyncio.timeout(STOP_WITHIN):
            await application.stop()
    except TimeoutError:
        log.warning("handlers did not finish in time; they are taken up at the next start")
        await lanes.cut_off()
    if application.running:
        await application.bot.shutdown()  # PTB refuses to shut down what was cut off
    else:
        await application.shutdown()
