"""Whatever arrives: nothing fails, nobody changes what they may not, replies are well-formed."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
import structlog
from pydantic import SecretStr
from sqlalchemy import func, select
from telegram import Update
from telegram.ext import CommandHandler

from bot.application import build_application
from bot.lanes import Lanes
from bot.metrics import Metrics
from bot.playground import TOKEN, Playground
from bot.settings import Settings
from handlers.registry import all_handlers
from knowledge.storage.database import Database
from knowledge.storage.tables import METADATA
from scheduler.pacing import Pacing
from tests.support.clock import FakeClock
from tests.support.in_process import InProcess
from tests.support.services import an_inbox, services_of
from tests.support.updates import ODD_TEXTS, Typist

QUESTIONS = Path(__file__).parents[1] / "data" / "questions.tsv"
ADMIN = 1003

HARMLESS = (
    "query is too old",
    "message is not modified",
    "message to edit not found",
    "there is no text in the message to edit",
)
"""What Telegram says of presses that come twice, or below messages that are gone."""

PROTECTED = ("revision", "entry_version", "member", "invitation", "draft", "upload")
"""Tables that nothing that readers do may change."""


async def bombard(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, **run: Any
) -> tuple[list[str], InProcess, dict[str, int]]:
    """Send random updates; returns complaints of the log, the connection and rows before."""
    playground = Playground(limits=None)
    connection = InProcess(playground)
    monkeypatch.setattr("bot.application.CountedRequest", lambda *_, **__: connection)
    services = await services_of(database, clock, token=TOKEN, admins=run["admins"])
    before = await rows(database)
    inbox = an_inbox(database, clock)
    settings = Settings(bot_token=SecretStr(TOKEN), _env_file=None)
    application = build_application(
        settings, services, inbox, Lanes(inbox), pacing=Pacing(25.0), metrics=Metrics()
    )
    world = playground.core.world
    for person in world.people():
        person.started = True
    commands = {
        name
        for handler in all_handlers(services)
        if isinstance(handler, CommandHandler)
        for name in handler.commands
    }
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()[1:]
    typist = Typist(
        Random(run["seed"]),
        playground.core,
        commands=sorted(commands),
        texts=[*(line.partition("\t")[0] for line in lines), *filter(None, ODD_TEXTS)],
        keys=sorted(services.snapshot.entries),
    )
    await application.initialize()
    unreadable = 0
    with structlog.testing.capture_logs() as logged:
        for _ in range(run["count"]):
            drawn = typist.update()
            try:
                received = Update.de_json(drawn, application.bot)
            except (TypeError, ValueError, KeyError, AttributeError):
                unreadable += 1
                continue
            await application.process_update(received)
    await application.shutdown()
    # The models of two libraries agree on nearly everything.
    assert unreadable <= run["count"] / 100
    bad = {"error", "critical"}
    return [str(line) for line in logged if line["log_level"] in bad], connection, before


# What Telegram sends is not deprecated because a library reads it under another name.
@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "count", [400, pytest.param(50_000, marks=[pytest.mark.long])], ids=["short", "long"]
)
async def test_nothing_that_members_send_makes_the_bot_fail(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    everybody = (1001, 1002, ADMIN)
    complaints, connection, _ = await bombard(
        database, clock, monkeypatch, admins=everybody, seed=2, count=count
    )
    assert complaints == []
    assert faults(connection) == []


def faults(connection: InProcess) -> list[tuple[str, str]]:
    """Calls that Telegram refuses because of what is in them."""
    return [call for call in connection.refused if not any(text in call[1] for text in HARMLESS)]


async def rows(database: Database) -> dict[str, int]:
    """How many rows each table has that readers must not change."""
    async with database.reading() as connection:
        return {
            name: await connection.scalar(select(func.count()).select_from(METADATA.tables[name]))
            or 0
            for name in PROTECTED
        }


# What Telegram sends is not deprecated because a library reads it under another name.
@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "count", [600, pytest.param(50_000, marks=[pytest.mark.long])], ids=["short", "long"]
)
async def test_readers_can_send_whatever_they_like(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    complaints, connection, before = await bombard(
        database, clock, monkeypatch, admins=(), seed=1, count=count
    )
    assert complaints == []
    assert faults(connection) == []
    assert await rows(database) == before
