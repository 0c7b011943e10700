"""How long to wait before trying again what failed."""

from __future__ import annotations

from telegram.error import RetryAfter, TelegramError

from bot.errors import pause_of
from knowledge.storage import outages

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds between two attempts after trouble: doubled each time."""


class Backoff(outages.Backoff):
    """Pauses that are as long as Telegram wants them, too."""

    def __init__(self) -> None:
        """Begin with the shortest pause."""
        super().__init__(FIRST_PAUSE, LONGEST_PAUSE)

    def heed(self, error: TelegramError) -> None:
        """Make the next pause at least as long as Telegram wants it."""
        if isinstance(error, RetryAfter):
            self.seconds = max(self.seconds, pause_of(error).total_seconds())
