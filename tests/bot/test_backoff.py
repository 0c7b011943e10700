"""How long is paused after trouble."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from telegram.error import NetworkError, RetryAfter

from bot.backoff import FIRST_PAUSE, LONGEST_PAUSE, Backoff


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was paused; nobody really waits."""
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return pauses


async def test_pauses_double_up_to_the_longest(slept: list[float]) -> None:
    pausing = Backoff()
    for _ in range(7):
        pausing.heed(NetworkError("away"))
        await pausing.wait()
    assert slept[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert slept[-2:] == [LONGEST_PAUSE, LONGEST_PAUSE]


async def test_after_a_success_pauses_are_short_again(slept: list[float]) -> None:
    pausing = Backoff()
    await pausing.wait()
    pausing.reset()
    await pausing.wait()
    assert slept == [FIRST_PAUSE, FIRST_PAUSE]


async def test_what_telegram_wants_is_the_least(slept: list[float]) -> None:
    pausing = Backoff()
    for wanted in (timedelta(seconds=70), timedelta(milliseconds=1)):
        pausing.heed(RetryAfter(wanted))
        await pausing.wait()
    assert slept == [70.0, LONGEST_PAUSE]
