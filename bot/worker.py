"""Receiving updates and answering them: what a worker does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

import structlog
from telegram import Bot

from bot.application import TelegramApplication, build_application, introduce
from bot.gate import Gate
from bot.inbox import Inbox
from bot.lanes import Lanes
from bot.metrics import Metrics
from bot.polling import receive
from bot.serving import serving
from bot.settings import Settings
from bot.web import derived_secret, keep_webhook, webhook_app
from handlers.services import Services
from knowledge.storage.database import Database
from scheduler.clockwork import Job
from scheduler.pacing import Pacing

log = structlog.get_logger(__name__)

STOP_WITHIN: Final = 4.0
"""Seconds that handlers get to finish; what is cut off is taken up again."""

LOOK_FOR_ORPHANS: Final = timedelta(seconds=3)
"""How often a worker looks for updates of others that are gone; the second look takes them."""


class Worker:
    """Receives updates and answers them."""

    def __init__(
        self,
        settings: Settings,
        services: Services,
        database: Database,
        *,
        owner: int,
        webhook: bool,
        pacing: Pacing,
        metrics: Metrics,
    ) -> None:
        """Put together; nothing is received before `working`.

        Args:
            settings: With a token, and a webhook's address if there is to be one.
            services: What handlers use.
            database: Where updates are kept.
            owner: The number of this process among those that are there.
            webhook: Whether Telegram delivers; otherwise it is asked.
            pacing: What replies are counted in.
            metrics: What counts the rest.
        """
        self._settings = settings
        self._people = services.people
        self._webhook = webhook
        self._inbox = Inbox(
            database, services.clock, bot_id=settings.bot_id, owner=owner, metrics=metrics
        )
        self._gate = Gate(
            self._inbox,
            services.people,
            services.clock,
            per_minute=settings.rate_per_minute,
            allowed_chats=settings.allowed_chats,
        )
        self._lanes = Lanes(self._inbox)
        self._application: TelegramApplication = build_application(
            settings, services, self._inbox, self._lanes, pacing=pacing, metrics=metrics
        )
        self._introducing: asyncio.Task[None] | None = None
        # On SQLite nobody else receives anything.
        self.jobs = [] if database.is_sqlite else [Job("orphans", LOOK_FOR_ORPHANS, self._watch)]

    @property
    def bot(self) -> Bot:
        """The bot that receives and replies; to be initialized before the start."""
        bot: Bot = self._application.bot
        return bot

    async def start(self) -> None:
        """Take up what was left, and answer."""
        waiting = await self._inbox.recover(self.bot)
        if waiting:
            log.info("updates taken up again", count=waiting)
        await self._application.initialize()
        await self._application.start()
        self._introducing = asyncio.create_task(introduce(self.bot, self._people))

    @asynccontextmanager
    async def working(self) -> AsyncIterator[Coroutine[Any, Any, None]]:
        """Receive updates; yields what has to be done meanwhile, until it is cancelled.

        Afterwards nothing more is accepted.
        """
        if not self._webhook:
            yield receive(self.bot, self._gate.put)
            return
        settings = self._settings
        token = settings.bot_token.get_secret_value()
        secret = settings.webhook_secret.get_secret_value() or derived_secret(token)
        address = settings.listen_address
        app = webhook_app(self.bot, self._gate.put, secret)
        async with serving(app, address.host, address.port) as port:
            log.info("webhook listens", host=address.host, port=port)
            yield keep_webhook(self.bot, url=settings.webhook_url, secret=secret)

    async def stop(self) -> None:
        """Finish what is being answered, within a few seconds."""
        if self._introducing is not None:
            self._introducing.cancel()
            await asyncio.wait({self._introducing})
        await self._gate.close()
        application = self._application
        try:
            async with asyncio.timeout(STOP_WITHIN):
                await application.stop()
        except TimeoutError:
            log.warning("handlers did not finish in time; what they had is taken up again")
            await self._lanes.cut_off()
        if application.running:
            await application.bot.shutdown()  # PTB refuses to shut down what was cut off
        else:
            await application.shutdown()
        await self._inbox.close()

    async def _watch(self) -> None:
        taken = await self._inbox.watch(self.bot)
        if taken:
            log.warning("updates of a worker that is gone taken over", count=taken)
