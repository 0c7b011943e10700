"""`massnahmenbot check`: what is in the way of a start is said before it is tried."""

import asyncio
import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.checks import check_start
from bot.settings import Settings, load
from knowledge.storage.database import Database, upgrade


@pytest.fixture
def settings(folder: Path) -> Settings:
    """Settings in an empty folder, with a Telegram where nothing answers."""
    return load(bot_token=SecretStr("1:x"), bot_api_url="http://127.0.0.1:9/bot")


def told_by_check(settings: Settings) -> list[str]:
    told: list[str] = []
    can_start = asyncio.run(check_start(settings, announce=told.append))
    assert can_start is not any(line.startswith("problem") for line in told)
    return told


@pytest.mark.parametrize(("mode", "is_said"), [(0o644, True), (0o640, True), (0o600, False)])
def test_a_token_that_others_on_the_machine_can_read_is_a_problem(
    settings: Settings, mode: int, is_said: bool
) -> None:
    env = Path(".env")
    env.write_text("HOME_BODY=ERFURT\n", encoding="utf-8")
    env.chmod(mode)
    told = told_by_check(settings)
    assert any(line.endswith("chmod 600 .env") for line in told) is is_said


@pytest.mark.parametrize("closed", ["nowhere", "bot.db"])
def test_check_looks_whether_the_bot_could_write_to_its_database(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    def may_write(path: Path, mode: int) -> bool:  # root, too, whom no mode keeps out
        assert mode == os.W_OK
        return path.exists() and bool(path.stat().st_mode & 0o200)

    monkeypatch.setattr(os, "access", may_write)
    Path("bot.db").touch(0o400)
    database = "nowhere/bot.db" if closed == "nowhere" else closed
    update = {"database_url": f"sqlite:///{database}"}
    (told,) = [
        line for line in told_by_check(settings.model_copy(update=update)) if "Database" in line
    ]
    assert told.startswith("problem  Database: ")
    assert told.endswith(f"{closed} is not there, or cannot be written to")
    assert not Path("nowhere").exists()


def test_an_older_database_is_no_problem_because_a_start_upgrades_it(settings: Settings) -> None:
    async def make() -> None:
        database = Database("sqlite:///bot.db")
        async with database.changing_schema() as connection:
            await connection.run_sync(upgrade, "0009")
        await database.close()

    asyncio.run(make())
    told = told_by_check(settings.model_copy(update={"database_url": "sqlite:///bot.db"}))
    assert "ok       Database: will be upgraded from schema 0009" in told


def test_a_place_that_cannot_be_looked_into_is_a_problem(settings: Settings) -> None:
    update = {"database_url": f"sqlite:///{'x' * 300}.db"}
    told = told_by_check(settings.model_copy(update=update))
    assert any(line.startswith("problem  Database: ") for line in told)
