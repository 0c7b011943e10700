"""Processing updates: those of one chat in order, those of different chats at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from weakref import WeakValueDictionary

from telegram import Update
from telegram.ext import BaseUpdateProcessor

from bot.inbox import Inbox

MOST_AT_ONCE = 16
"""Updates whose handlers run at the same time.

Telegram takes 30 messages a second and some tenths of a second for each, which keeps about ten
handlers busy. More would only share the processor, and each may answer twice after a crash.
"""

MOST_WAITING = 1_000_000
"""PTB's own limit counts waiting updates, too: it must not let one chat hold up the others."""


class Lanes(BaseUpdateProcessor):
    """One lane per chat; an update leaves the inbox when its handlers are done."""

    def __init__(self, inbox: Inbox) -> None:
        """Use an inbox."""
        super().__init__(max_concurrent_updates=MOST_WAITING)
        self._inbox = inbox
        self._places = asyncio.Semaphore(MOST_AT_ONCE)
        self._running: set[asyncio.Task[None]] = set()
        self._lanes: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to release."""

    async def do_process_update(self, update: object, coroutine: Awaitable[None]) -> None:
        """Run the handlers of an update after those of earlier ones of the same chat."""
        if not isinstance(update, Update):
            await coroutine
            return
        chat = update.effective_chat
        sender = update.effective_user
        number = chat.id if chat else sender.id if sender else 0
        lane = self._lanes.setdefault(number, asyncio.Lock())
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            async with lane, self._places:
                await self._inbox.begin(update.update_id)
                began = time.monotonic()
                await coroutine
                self._inbox.metrics.ended(update, time.monotonic() - began)
        finally:
            self._running.discard(task)
        # Not in a `finally`: what a stopping process cuts off must be taken up again.
        await self._inbox.finish(update.update_id)

    async def cut_off(self) -> None:
        """Cancel what is still running; it stays in the inbox."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
