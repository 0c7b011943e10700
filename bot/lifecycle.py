"""Running the bot: start, work, stop in an order that loses nothing."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import structlog

from bot.application import Clock, open_services, system_clock
from bot.checks import lookalike_settings, missing_admins, missing_home_body
from bot.instance import ProcessRole, Reception, an_instance
from bot.metrics import Metrics
from bot.operations import Health, operations_app
from bot.polling import connect
from bot.scheduling import Scheduling
from bot.serving import serving
from bot.settings import Settings
from bot.worker import Worker
from knowledge.storage.database import Database
from knowledge.storage.following import follow
from knowledge.storage.store import Store
from scheduler.clockwork import Clockwork, Job
from scheduler.leadership import Leadership
from scheduler.pacing import Pacing

log = structlog.get_logger(__name__)

Work = Coroutine[Any, Any, None]
"""Goes on until it is cancelled, or raises why it cannot."""

REFRESH = timedelta(seconds=2)
"""How soon a change made by another process is noticed, if nothing tells of it at once."""


async def run(
    settings: Settings,
    *,
    role: ProcessRole = ProcessRole.ALL,
    webhook: bool = False,
    clock: Clock = system_clock,
    stop: asyncio.Event | None = None,
    ready: Callable[[Clockwork], Awaitable[None]] | None = None,
) -> None:
    """Answer updates, send notices, or both, until SIGTERM, SIGINT or `stop`.

    Args:
        settings: With a token, and a webhook's address if there is to be one.
        role: What this process does; on SQLite all of it.
        webhook: Whether Telegram delivers; otherwise it is asked, by long polling.
        clock: The present moment.
        stop: Set it to stop; for callers that handle signals themselves.
        ready: Called when updates are being received, with the recurring jobs: whoever moves the
            clock lets them catch up.

    Raises:
        AlreadyRunningError: if another process does what only one can do for a database.
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
    leadership = Leadership(database)
    health = Health(database, metrics, role, leadership)
    try:
        async with (
            an_instance(database, _reception(role, webhook=webhook)) as instance,
            _operations(settings, health, metrics),
        ):
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
            for doubt in (
                *lookalike_settings(),
                *missing_home_body(settings, services.snapshot),
                *missing_admins(await services.people.admins()),
            ):
                log.warning("doubtful setting", what=doubt.what, reason=doubt.text)
            pacing = Pacing(settings.broadcast_rate)
            parts: list[Worker | Scheduling] = []
            if role.answers:
                parts.append(
                    Worker(
                        settings,
                        services,
                        database,
                        owner=instance.number,
                        webhook=webhook,
                        pacing=pacing,
                        metrics=metrics,
                    )
                )
            if role.schedules:
                parts.append(
                    Scheduling(
                        settings, services, database, leadership, pacing=pacing, metrics=metrics
                    )
                )
            for part in parts:
                if not await _until(stop, connect(part.bot)):
                    return
            async with _working(parts, services.store) as (clockwork, work):
                work.append(instance.keep())
                if not database.is_sqlite:
                    work.append(follow(services.store, database))
                log.info("running", role=str(role), bot=parts[0].bot.username)
                if ready is not None:
                    await ready(clockwork)
                await _until(stop, *work)
    finally:
        await database.close()
    log.info("stopped")


@asynccontextmanager
async def _working(
    parts: Sequence[Worker | Scheduling], store: Store
) -> AsyncIterator[tuple[Clockwork, list[Work]]]:
    """Start what a process does; stop all of it at the end of the block, however that comes.

    Args:
        parts: In touch with Telegram.
        store: Kept up to date.

    Yields:
        The recurring jobs, and what has to be done meanwhile.
    """
    clockwork = Clockwork(
        [Job("refresh", REFRESH, store.refresh), *(job for part in parts for job in part.jobs)]
    )
    for part in parts:
        await part.start()
    clockwork.start()
    try:
        async with AsyncExitStack() as stack:
            yield clockwork, [await stack.enter_async_context(part.working()) for part in parts]
    finally:
        log.info("stopping")
        # What is cut off is waited for: a second interruption, by the end of the event
        # loop, would leave a SQLite connection that never finishes closing.
        await clockwork.stop()
        await asyncio.gather(*(part.stop() for part in parts))


def _reception(role: ProcessRole, *, webhook: bool) -> Reception:
    if not role.answers:
        return Reception.NONE
    return Reception.WEBHOOK if webhook else Reception.POLLING


@asynccontextmanager
async def _operations(settings: Settings, health: Health, metrics: Metrics) -> AsyncIterator[None]:
    """Serve health and metrics, if they are wanted."""
    address = settings.operations_address
    if address is None:
        yield
        return
    app = operations_app(health, metrics)
    async with serving(app, address.host, address.port) as port:
        log.info("health and metrics served", host=address.host, port=port)
        yield


async def _until(stop: asyncio.Event, *work: Work) -> bool:
    """Do some work unless stopped; returns whether any of it came to its end."""
    working = [asyncio.create_task(each) for each in work]
    stopping = asyncio.create_task(stop.wait())
    tasks: list[asyncio.Task[Any]] = [*working, stopping]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        done = [task for task in working if task.done()]
        for task in done:
            await task
        return bool(done)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
