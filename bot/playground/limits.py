"""Telegram's published sending limits.

https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this: about one message
a second to one chat with short bursts, 20 a minute to one group, 30 a second overall.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from bot.playground.wire import too_many_requests


@dataclass(frozen=True, slots=True)
class Limits:
    """How many messages are taken.

    Attributes:
        private_per_second: Sustained rate to one private chat.
        private_burst: Messages a rested private chat takes at once.
        group_per_minute: Messages to one group in any 60 seconds.
        overall_per_second: Messages to all chats in any second.
    """

    private_per_second: float = 1.0
    private_burst: int = 5
    group_per_minute: int = 20
    overall_per_second: int = 30

    def __post_init__(self) -> None:
        if min(self.private_per_second, self.private_burst) <= 0:
            raise ValueError("the private limits must be positive")
        if min(self.group_per_minute, self.overall_per_second) < 1:
            raise ValueError("the group and overall limits must be at least 1")


class Limiter:
    """Counts sends and edits and refuses those above the limits.

    Args:
        limits: The limits, None to take everything.
    """

    def __init__(self, limits: Limits | None) -> None:
        self.limits = limits
        self._rested_at: dict[int, float] = {}
        self._groups: dict[int, deque[float]] = {}
        self._overall: deque[float] = deque()

    def set(self, limits: Limits | None) -> None:
        """Replace the limits and forget what was counted."""
        self.limits = limits
        self.forget()

    def forget(self) -> None:
        """Start counting anew: after the clock was set, old moments mean nothing."""
        self._rested_at.clear()
        self._groups.clear()
        self._overall.clear()

    def take(self, chat_id: int, *, group: bool, now: float) -> None:
        """Count one message; a refused one is not counted.

        Raises:
            ApiError: 429 with the whole seconds to wait.
        """
        if self.limits is None:
            return
        wait = max(
            _window_wait(self._overall, self.limits.overall_per_second, 1.0, now),
            self._group_wait(chat_id, self.limits, now)
            if group
            else self._private_wait(chat_id, self.limits, now),
        )
        if wait > 0:
            raise too_many_requests(max(1, math.ceil(wait)))
        self._overall.append(now)
        if group:
            self._groups[chat_id].append(now)
        else:
            rested = max(self._rested_at.get(chat_id, now), now)
            self._rested_at[chat_id] = rested + 1 / self.limits.private_per_second

    def _group_wait(self, chat_id: int, limits: Limits, now: float) -> float:
        sent = self._groups.setdefault(chat_id, deque())
        return _window_wait(sent, limits.group_per_minute, 60.0, now)

    def _private_wait(self, chat_id: int, limits: Limits, now: float) -> float:
        tolerance = (limits.private_burst - 1) / limits.private_per_second
        return self._rested_at.get(chat_id, now) - now - tolerance


def _window_wait(sent: deque[float], most: int, window: float, now: float) -> float:
    """The seconds until a sliding window has room, 0 if it has."""
    while sent and sent[0] <= now - window:
        sent.popleft()
    return sent[len(sent) - most] + window - now if len(sent) >= most else 0.0
