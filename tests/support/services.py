"""The real services, with the settings that most tests do not care about."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.application import open_services
from bot.inbox import Inbox
from bot.instance import NOBODY
from bot.metrics import Metrics
from handlers.services import Services
from knowledge.entries import Entry
from knowledge.storage.database import Database
from knowledge.yaml_files import dump
from tests.support.clock import FakeClock


async def services_of(
    database: Database,
    clock: FakeClock,
    *,
    home: str | None = "ERFURT",
    days: int = 90,
    token: str = "1:x",
    admins: Iterable[int] = (),
    shipped: Path | None = None,
) -> Services:
    """Open the services of a bot over a database.

    Args:
        database: Where everything is kept.
        clock: The present moment.
        home: Key of the body that the bot serves.
        days: For how long questions are kept.
        token: The bot's token.
        admins: Who administers it.
        shipped: Folder of the knowledge that comes with it; None for the real one.
    """
    return await open_services(
        database,
        zone=ZoneInfo("Europe/Berlin"),
        home=home,
        question_log_days=days,
        token=token,
        admin_ids=admins,
        subdivision="TH",
        clock=clock,
        shipped=shipped,
        metrics=Metrics(),
    )


def an_inbox(
    database: Database,
    clock: FakeClock,
    *,
    bot_id: int = 1,
    owner: int = NOBODY,
    metrics: Metrics | None = None,
) -> Inbox:
    """The inbox of a bot, by default of one that is alone."""
    return Inbox(database, clock, bot_id=bot_id, owner=owner, metrics=metrics or Metrics())


def shipped_in(folder: Path, entries: Iterable[Entry]) -> Path:
    """A new folder with knowledge that comes with a bot."""
    folder.mkdir()
    (folder / "town.yaml").write_bytes(dump(entries))
    return folder
