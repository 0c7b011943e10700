"""`massnahmenbot check`: what is in the way of a start is said before it is tried."""

import asyncio
import os
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import insert

from bot.checks import check_start
from bot.settings import Settings, load
from knowledge.storage.database import Database, upgrade
from knowledge.storage.tables import member
from tests.support.clock import MOMENT

NOWHERE = "http://127.0.0.1:9/bot"


@pytest.fixture
def settings(folder: Path) -> Settings:
    """Settings in an empty folder, with a Telegram where nothing answers."""
    return load(bot_token=SecretStr("1:x"), bot_api_url=NOWHERE)


pytestmark = pytest.mark.usefixtures("folder")


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


def test_check_says_for_whom_the_bot_is_and_how_long_questions_are_kept() -> None:
    told = told_by_check(load(bot_api_url=NOWHERE))
    assert "ok       Readers: everybody" in told
    assert "ok       Questions: kept for 90 days" in told
    told = told_by_check(load(bot_api_url=NOWHERE, allowed_chats="5,-6", question_log_days=0))
    assert "ok       Readers: members, and 2 of ALLOWED_CHATS" in told
    assert "ok       Questions: not kept" in told


def test_a_bot_without_any_admin_is_a_problem() -> None:
    told = told_by_check(load(bot_api_url=NOWHERE))
    assert (
        "problem  Admins: there are none: set ADMIN_IDS to the user id of the first one"
    ) in told


def test_admins_are_counted_in_settings_and_database() -> None:
    async def make() -> None:
        database = Database("sqlite:///massnahmenbot.db")
        await database.migrate()
        async with database.writing() as connection:
            rows = [
                {"user_id": 1, "role": "admin", "label": "Leitung", "since": MOMENT},
                {"user_id": 2, "role": "admin", "label": "Vertretung", "since": MOMENT},
                {"user_id": 3, "role": "editor", "label": "Amt 50", "since": MOMENT},
                {"user_id": 4, "role": "king", "label": "Wer", "since": MOMENT},
            ]
            await connection.execute(insert(member), rows)
        await database.close()

    assert "ok       Admins: 2" in told_by_check(load(bot_api_url=NOWHERE, admin_ids="5,1"))
    asyncio.run(make())
    assert "ok       Admins: 3" in told_by_check(load(bot_api_url=NOWHERE, admin_ids="5,1"))


def test_a_misspelt_setting_is_a_problem_and_the_name_of_another_program_is_none(
    folder: Path,
) -> None:
    lines = ("QUESTION_LOGDAYS=0", "ALLOWED_CHAT=5", "admin_id=7", "POSTGRES_USER=x", "HOME=/x")
    (folder / ".env").write_text("\n".join(lines), encoding="utf-8")
    told = [line for line in told_by_check(load(bot_api_url=NOWHERE)) if "ignored" in line]
    assert told == [
        f"problem  Settings: {name} is unknown and ignored: {meant} may be meant"
        for name, meant in (
            ("ADMIN_ID", "ADMIN_IDS"),
            ("ALLOWED_CHAT", "ALLOWED_CHATS"),
            ("QUESTION_LOGDAYS", "QUESTION_LOG_DAYS"),
        )
    ]
