"""Starting the bot: what it says of settings that hardly anybody can mean, and goes on."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.lifecycle import run
from bot.playground import TOKEN, Playground
from bot.settings import OFF, load
from tests.support.clock import FakeClock
from tests.support.in_process import InProcess

pytestmark = [
    pytest.mark.usefixtures("folder"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

Line = MutableMapping[str, Any]


async def logged_at_start(
    database_url: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, **settings: object
) -> list[Line]:
    """Start and stop at once; what the log then has."""
    connection = InProcess(Playground(limits=None))
    monkeypatch.setattr("bot.application.CountedRequest", lambda *_, **__: connection)
    given = {"bot_token": TOKEN, "database_url": database_url, "operations": OFF} | settings
    stop = asyncio.Event()
    stop.set()
    with capture_logs() as lines:
        await run(load(**given), clock=clock, stop=stop)
    return lines


def doubts(lines: list[Line]) -> dict[str, str]:
    return {line["what"]: line["reason"] for line in lines if line["event"] == "doubtful setting"}


async def test_a_home_body_that_there_is_not_is_warned_of(
    database_url: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = await logged_at_start(database_url, clock, monkeypatch, home_body="nix")
    assert doubts(lines)["Home body"] == "there is no entry NIX: set HOME_BODY"
    lines = await logged_at_start(database_url, clock, monkeypatch, home_body="erfurt")
    assert "Home body" not in doubts(lines)


async def test_a_bot_without_any_admin_is_warned_of(
    database_url: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = await logged_at_start(database_url, clock, monkeypatch)
    assert doubts(lines)["Admins"].startswith("there are none: set ADMIN_IDS")
    lines = await logged_at_start(database_url, clock, monkeypatch, admin_ids="1")
    assert doubts(lines) == {}


async def test_a_misspelt_setting_is_warned_of(
    database_url: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUESTION_LOGDAYS", "0")
    lines = await logged_at_start(database_url, clock, monkeypatch, admin_ids="1")
    assert doubts(lines) == {
        "Settings": "QUESTION_LOGDAYS is unknown and ignored: QUESTION_LOG_DAYS may be meant"
    }
