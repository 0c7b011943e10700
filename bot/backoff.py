"""How long to wait before trying again what failed."""

from __future__ import annotations

import asyncio

from telegram.error import RetryAfter, TelegramError

from bot.errors import pause_of

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds between two attempts after trouble: doubled each time."""


class Backoff:
    """Pauses that grow from one failure to the next, and are short again after a success.

    Attributes:
        seconds: The next pause.
    """

    def __init__(self) -> None:
        """Begin with the shortest pause."""
        self.seconds = FIRST_PAUSE

    def heed(self, error: TelegramError) -> None:
        """Make the next pause at least as long as Telegram wants it."""
        if isinstance(error, RetryAfter):
            self.seconds = max(self.seconds, pause_of(error).total_seconds())

    async def wait(self) -> None:
        """Pause, the next time for longer."""
        await asyncio.sleep(self.seconds)
        self.seconds = min(2 * self.seconds, LONGEST_PAUSE)

    def reset(self) -> None:
        """Begin anew: it worked."""
        self.seconds = FIRST_PAUSE
