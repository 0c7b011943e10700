"""Planning and sending notices, as long as this process leads: what a scheduler does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, Final, Never

import structlog
from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from bot.alarms import Alarms
from bot.application import build_dispatcher, build_planner, build_pusher, scheduling_jobs
from bot.metrics import Metrics
from bot.polling import TokenError
from bot.settings import Settings
from handlers.services import Services
from knowledge.storage.database import Database
from scheduler.clockwork import Job
from scheduler.leadership import Leadership
from scheduler.pacing import Pacing

log = structlog.get_logger(__name__)

STOP_WITHIN: Final = 4.0
"""Seconds that the notice being sent gets; one that is cut off is taken up again."""

KEEP_IN_TOUCH: Final = timedelta(minutes=1)
"""Time between two calls of Telegram by which a scheduler knows whether it could send."""


class Scheduling:
    """Plans and sends notices whenever this process leads."""

    def __init__(
        self,
        settings: Settings,
        services: Services,
        database: Database,
        leadership: Leadership,
        *,
        pacing: Pacing,
        metrics: Metrics,
    ) -> None:
        """Put together; nothing is sent before `start`."""
        self._leadership = leadership
        self._leading: asyncio.Task[Never] | None = None
        self.bot: Bot = build_pusher(settings, metrics)
        # One for all terms: it may still have to note that a notice arrived.
        self._dispatcher = build_dispatcher(services, self.bot, pacing, settings.rules, metrics)
        self._alarms = Alarms(services.people, settings.admin_ids, services.clock)
        planner = build_planner(settings, database, services)
        self.jobs = [
            replace(job, run=partial(self._if_leading, job))
            for job in scheduling_jobs(settings, services, database, planner, metrics)
        ]

    async def start(self) -> None:
        """Lead, or stand by; the bot has been initialized."""
        self._leading = asyncio.create_task(self._leadership.run(self._term))

    @asynccontextmanager
    async def working(self) -> AsyncIterator[Coroutine[Any, Any, None]]:
        """Yields what has to be done while notices are sent, until it is cancelled."""
        yield self._keep_in_touch()

    async def stop(self) -> None:
        """Finish the notice at hand, within a few seconds."""
        if self._leading is not None:
            self._leading.cancel()
            await asyncio.wait({self._leading}, timeout=STOP_WITHIN)
            if not self._leading.done():
                log.warning("a notice was not answered in time; it is taken up again")
                self._leading.cancel()
                with suppress(asyncio.CancelledError):
                    await self._leading
        await self.bot.shutdown()

    @asynccontextmanager
    async def _term(self) -> AsyncIterator[None]:
        """The work of a leader; who has lost the lead begins nothing more, and ends what it did.

        A notice on its way is claimed, so that nobody else sends it meanwhile.
        """
        over = asyncio.Event()
        dispatching = asyncio.create_task(self._dispatcher.run(over))
        try:
            yield
        finally:
            over.set()
            await dispatching

    async def _if_leading(self, job: Job) -> None:
        if not self._leadership.is_held:
            return
        try:
            await job.run()
        except Exception as exc:
            await self._alarms.tell(self.bot, exc, job=job.name)
            raise

    async def _keep_in_touch(self) -> Never:
        """Call Telegram now and then.

        Raises:
            TokenError: if Telegram refuses the token; what waits is then left for the next start.
        """
        while True:
            await asyncio.sleep(KEEP_IN_TOUCH.total_seconds())
            try:
                await self.bot.get_me()
            except InvalidToken as exc:
                raise TokenError from exc
            except TelegramError as exc:
                log.warning("Telegram cannot be reached", reason=str(exc))
