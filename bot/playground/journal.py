"""What happened: events for pages and tests, calls of the bot, and a way to wait for either."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from bot.playground.wire import Json

KEPT: Final = 50_000

T = TypeVar("T")


class Signal:
    """Wakes everybody who waits for a change."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.closed = False

    def notify(self) -> None:
        """Tell the waiting that something changed."""
        self._event.set()
        self._event = asyncio.Event()

    def reopen(self) -> None:
        """Allow waiting again: the server comes back with the same world."""
        self.closed = False

    def close(self) -> None:
        """End all waiting, now and until `reopen`: the server goes down."""
        self.closed = True
        self.notify()

    async def until(self, ready: Callable[[], T | None], timeout: float) -> T | None:  # noqa: ASYNC109 (it looks once more then)
        """Wait until `ready` returns something.

        Args:
            ready: Looked at once now and again after each change.
            timeout: Seconds to wait at most.

        Returns:
            What `ready` returned, None after the timeout or when the server goes down.
        """
        try:
            async with asyncio.timeout(timeout):
                while (value := ready()) is None and not self.closed:
                    await self._event.wait()
                return value
        except TimeoutError:
            return ready()


@dataclass(slots=True)
class Journal:
    """Numbered records; the oldest are dropped beyond `KEPT`."""

    records: deque[Json] = field(default_factory=lambda: deque(maxlen=KEPT))
    last_id: int = 0

    def add(self, record: Json) -> Json:
        """Number and keep a record."""
        self.last_id += 1
        numbered = {"id": self.last_id, **record}
        self.records.append(numbered)
        return numbered

    def since(self, number: int, wanted: Callable[[Json], bool] = lambda _: True) -> list[Json]:
        """The wanted records after `number`."""
        fresh = itertools.takewhile(lambda record: record["id"] > number, reversed(self.records))
        return [record for record in reversed(list(fresh)) if wanted(record)]
