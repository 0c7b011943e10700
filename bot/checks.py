"""What `massnahmenbot check` does: see whether `run` could start, and say what is in its way."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from bot import failures, logs
from bot.application import read_admins, read_snapshot
from bot.settings import TELEGRAM, Settings, lookalikes
from knowledge.snapshot import Snapshot
from knowledge.storage.database import Database, OlderSchemaError


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one check.

    Attributes:
        what: What was looked at.
        text: What was found.
        is_good: Whether the bot can start with it.
    """

    what: str
    text: str
    is_good: bool = False


async def check_start(settings: Settings, *, announce: Callable[[str], None]) -> bool:
    """Look at everything that the bot needs, changing nothing.

    Args:
        settings: Readable; what they lead to is looked at.
        announce: Is told what was found, a line each.

    Returns:
        Whether everything is in order.
    """
    can_start = True
    async for result in _results(settings):
        announce(f"{'ok      ' if result.is_good else 'problem '} {result.what}: {result.text}")
        can_start = can_start and result.is_good
    return can_start


async def _results(settings: Settings) -> AsyncIterator[Result]:
    days = f"home body {settings.home_body}, days begin in {settings.timezone}"
    yield Result("Settings", days, is_good=True)
    chats, kept = len(settings.allowed_chats), settings.question_log_days
    for_whom = f"members, and {chats} of ALLOWED_CHATS" if chats else "everybody"
    yield Result("Readers", for_whom, is_good=True)
    yield Result("Questions", f"kept for {kept} days" if kept else "not kept", is_good=True)
    for result in (*_env_file(), *lookalike_settings(), *await _database(settings)):
        yield result
    yield await _token(settings)


def missing_home_body(settings: Settings, snapshot: Snapshot) -> list[Result]:
    """Whether the body that the bot is to serve is none; it answers about the others."""
    if settings.home_body in snapshot.entries:
        return []
    return [Result("Home body", f"there is no entry {settings.home_body}: set HOME_BODY")]


def missing_admins(admins: Collection[int]) -> list[Result]:
    """Whether there is nobody who could invite anybody, or hear of trouble."""
    if admins:
        return []
    return [Result("Admins", "there are none: set ADMIN_IDS to the user id of the first one")]


def lookalike_settings() -> list[Result]:
    """What was probably meant as a setting, and is none."""
    return [
        Result("Settings", f"{name} is unknown and ignored: {meant} may be meant")
        for name, meant in lookalikes().items()
    ]


def _env_file() -> list[Result]:
    file = Path(".env")
    if file.exists() and file.stat().st_mode & 0o077:
        return [Result(".env", "others on this machine can read the token in it: chmod 600 .env")]
    return []


async def _database(settings: Settings) -> list[Result]:
    try:
        closed = _closed_place(Database(settings.database_url))
        if closed is not None:
            return [Result("Database", f"{closed} is not there, or cannot be written to")]
        snapshot = await read_snapshot(settings)
        admins = await read_admins(settings)
    except OlderSchemaError as exc:
        return [Result("Database", f"will be upgraded from schema {exc.schema}", is_good=True)]
    except failures.KNOWN as exc:
        return [Result("Database", failures.sentence(exc))]
    state = f"at revision {snapshot.revision}" if snapshot.revision else "for a new database"
    return [
        Result("Database", f"{len(snapshot.entries)} entries {state}", is_good=True),
        *missing_home_body(settings, snapshot),
        *(missing_admins(admins) or [Result("Admins", str(len(admins)), is_good=True)]),
    ]


def _closed_place(database: Database) -> Path | None:
    """The SQLite file, or its folder, if the bot could not write there; reading tells nothing."""
    if not database.is_sqlite:
        return None
    file = Path(database.url.database or "")
    folder = file.parent.absolute()
    if not os.access(folder, os.W_OK):
        return folder
    return file if database.exists() and not os.access(file, os.W_OK) else None


async def _token(settings: Settings) -> Result:
    token = settings.bot_token.get_secret_value()
    if not token:
        return Result("Token", "BOT_TOKEN is not set: get one from @BotFather")
    try:
        async with Bot(token, base_url=settings.bot_api_url) as bot:
            return Result("Token", f"it belongs to @{bot.username}", is_good=True)
    except InvalidToken:
        return Result("Token", "Telegram does not know this token: copy it again from @BotFather")
    except TelegramError as exc:
        server = "Telegram" if settings.bot_api_url == TELEGRAM else settings.bot_api_url
        return Result("Token", f"{server} cannot be reached: {logs.redact(str(exc), token)}")
