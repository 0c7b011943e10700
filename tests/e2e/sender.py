"""A process that does nothing but send what is in the outbox, and is made to be killed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event

from bot.application import build_pusher
from bot.delivery import Delivery
from bot.metrics import Metrics
from bot.settings import Settings
from handlers.messages import Reply
from knowledge.notification.chats import Chats
from knowledge.notification.contents import Announcement, expected
from knowledge.notification.notices import Notice, NoticeState
from knowledge.notification.outbox import Outbox
from knowledge.storage.database import Database
from scheduler.dispatch import Dispatcher
from scheduler.pacing import Pacing
from tests.e2e.stage import TOKEN


def send_all(database_url: str, api_url: str, ready: Event, rate: float, ahead: float) -> None:
    """Send until nothing is open.

    Args:
        database_url: Where the outbox is.
        api_url: Where Telegram is.
        ready: Set when sending begins.
        rate: Messages per second.
        ahead: Seconds that this process's clock is fast: leases of killed ones are over sooner.
    """
    asyncio.run(_send_all(database_url, api_url, ready, rate, ahead))


async def _send_all(
    database_url: str, api_url: str, ready: Event, rate: float, ahead: float
) -> None:
    database = Database(database_url)
    outbox = Outbox(database)
    settings = Settings(bot_token=TOKEN, bot_api_url=api_url)
    async with build_pusher(settings, Metrics()) as pusher:
        dispatcher = Dispatcher(
            outbox,
            Chats(database),
            Delivery(pusher),
            _as_written,
            Pacing(rate),
            clock=lambda: datetime.now(UTC) + timedelta(seconds=ahead),
        )
        ready.set()
        while True:
            wait = await dispatcher.step()
            counts = await outbox.counts() if wait else {}
            if counts and not counts[NoticeState.WAITING] + counts[NoticeState.CLAIMED]:
                break
            await asyncio.sleep(wait)
    await database.close()


async def _as_written(notice: Notice) -> Reply:
    return Reply(expected(notice, Announcement).text)
