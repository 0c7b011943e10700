"""Playgrounds for the tests of the playground."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from bot.playground import Limits, ManualClock, Playground, serve
from tests.bot.playground.helpers import World


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """Yield a playground without limits and with a clock that stands still, without a socket."""
    clock = ManualClock()
    playground = Playground(clock=clock)
    transport = httpx.ASGITransport(playground.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        yield World(playground, clock, http)


@pytest.fixture
async def served() -> AsyncIterator[World]:
    """Yield the same behind a real socket, for what only that can show."""
    clock = ManualClock()
    playground = Playground(clock=clock)
    async with serve(playground) as url, httpx.AsyncClient(base_url=url, timeout=20) as http:
        yield World(playground, clock, http)


@pytest.fixture
def limits(world: World) -> Iterator[Limits]:
    """Switch Telegram's limits on for a test."""
    limits = Limits()
    world.playground.core.limiter.set(limits)
    yield limits
    world.playground.core.limiter.set(None)
