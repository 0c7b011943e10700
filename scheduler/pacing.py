"""When the next push may be sent: arithmetic on moments, without a clock of its own.

Telegram takes about 30 messages a second from a bot, one a second in a chat, and 20 a minute in a
group (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this). What
counts there is when a message arrives, and that lies somewhere between its beginning and its
answer: so a message is counted from its beginning until its time has passed since its answer, and
no delay on the way can push more messages into a second than are allowed.

Replies to people never wait. They are noted here like pushes, and pushes make room for them.

All moments are seconds of a clock that only goes forward and whose zero means nothing.
"""

from __future__ import annotations

import math
from collections import Counter, deque

SECOND, MINUTE = 1.0, 60.0

MOST_PER_MINUTE_IN_GROUP = 20

CATCHING_UP = 1.0
"""Seconds of lateness that are made up for by sending faster; who is later than that was idle."""


class Pacing:
    """The messages of the last minute, and what they leave room for."""

    def __init__(self, rate: float) -> None:
        """Begin with nothing sent.

        Args:
            rate: Pushes per second that are aimed at; in no second are there more messages than
                one above that.
        """
        self._gap = SECOND / rate
        self._most_per_second = math.floor(rate) + 1
        self._next = -math.inf
        self._paused_until = -math.inf
        self._under_way: Counter[int] = Counter()
        self._last_minute: deque[tuple[float, int]] = deque()
        self._by_chat: dict[int, deque[float]] = {}

    def wait(self, now: float) -> float:
        """Seconds until a push may be sent to some chat; 0 if now."""
        self._forget(now)
        return max(0.0, self._next - now, self._paused_until - now, self._crowded(now))

    def wait_for_chat(self, chat_id: int, now: float) -> float:
        """Seconds until a push may be sent to this chat, as far as the chat is concerned."""
        self._forget(now)
        if self._under_way[chat_id]:
            return SECOND
        sent = self._by_chat.get(chat_id)
        if not sent:
            return 0.0
        free = sent[-1] + SECOND
        # Groups and channels have negative numbers.
        if chat_id < 0 and len(sent) >= MOST_PER_MINUTE_IN_GROUP:
            free = max(free, sent[-MOST_PER_MINUTE_IN_GROUP] + MINUTE)
        return max(0.0, free - now)

    def begin(self, chat_id: int, now: float) -> None:
        """Note that a message, push or reply, is being sent."""
        self._under_way[chat_id] += 1
        # What went out is owed for a second: a crowd of replies does not hold up pushes for long.
        owed = now + max(SECOND, self._gap)
        planned = self._next if now - self._next <= CATCHING_UP else now
        self._next = min(planned + self._gap, owed)

    def end(self, chat_id: int, now: float) -> None:
        """Note that it was answered, or will not be."""
        self._under_way[chat_id] -= 1
        if not self._under_way[chat_id]:
            del self._under_way[chat_id]
        self._last_minute.append((now, chat_id))
        self._by_chat.setdefault(chat_id, deque()).append(now)

    def pause(self, until: float) -> None:
        """Let no push be sent before a moment."""
        self._paused_until = max(self._paused_until, until)

    def _crowded(self, now: float) -> float:
        """Seconds until the last second has room for one more."""
        room = self._most_per_second - self._under_way.total()
        if room <= 0:
            return self._gap
        if len(self._last_minute) < room:
            return 0.0
        return self._last_minute[-room][0] + SECOND - now

    def _forget(self, now: float) -> None:
        while self._last_minute and self._last_minute[0][0] <= now - MINUTE:
            _, chat_id = self._last_minute.popleft()
            sent = self._by_chat[chat_id]
            sent.popleft()
            if not sent:
                del self._by_chat[chat_id]
