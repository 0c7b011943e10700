"""`massnahmenbot backup` and `restore`: files, rights and exit codes."""

import asyncio
import errno
import os
import stat
from contextlib import nullcontext
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.backups import new_file
from bot.cli import app
from bot.instance import only_instance
from knowledge.maintenance.backup import BackupError
from knowledge.storage.database import Database
from knowledge.storage.store import Store
from tests.support.builders import an_entry
from tests.support.clock import MOMENT

URL = "sqlite:///massnahmenbot.db"
NEW = ("--database-url", "sqlite:///new.db")


@pytest.fixture(autouse=True)
def folder(folder: Path) -> Path:
    """A folder with a database in which the commands run."""

    async def set_up() -> None:
        database = Database(URL)
        await database.migrate()
        await Store(database).ship([an_entry("EF-1", kind="body")], now=MOMENT)
        await database.close()

    asyncio.run(set_up())
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_backup_is_restored_into_a_database_that_is_not_there_yet(folder: Path) -> None:
    saved = run("backup", "bot.zip")
    assert saved.exit_code == 0, saved.output
    assert saved.stdout.startswith("bot.zip: 2 rows of ")
    restored = run("restore", "bot.zip", *NEW)
    assert restored.exit_code == 0, restored.output
    assert restored.stdout.startswith("2 rows of ")
    assert run("doctor", *NEW).exit_code == 0
    assert names(folder) == {"massnahmenbot.db", "bot.zip", "new.db", "new.db.lock"}


def test_only_its_owner_can_read_a_backup(folder: Path) -> None:
    run("backup", "bot.zip")
    assert stat.S_IMODE((folder / "bot.zip").stat().st_mode) == 0o600


def test_a_backup_takes_the_place_of_no_file(folder: Path) -> None:
    before = (folder / "massnahmenbot.db").read_bytes()
    result = run("backup", "massnahmenbot.db")
    assert result.exit_code == 1
    assert result.stderr == "there is a file massnahmenbot.db already: name a new one\n"
    assert (folder / "massnahmenbot.db").read_bytes() == before


@pytest.mark.parametrize("has_links", [True, False])
@pytest.mark.parametrize("taken", [True, False])
def test_a_file_that_appears_during_a_backup_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, has_links: bool, taken: bool
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    if not has_links:  # as on FAT
        monkeypatch.setattr(os, "link", refuse)
    path = folder / "bot.zip"
    refused = pytest.raises(BackupError, match="there is a file") if taken else nullcontext()
    with refused, new_file(path) as file:
        file.write(b"new")
        if taken:
            path.write_bytes(b"old")
    assert path.read_bytes() == (b"old" if taken else b"new")
    assert names(folder) == {"massnahmenbot.db", "bot.zip"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("backup", "bot.zip", *NEW), "there is no database new.db\n"),
        (("backup", "nowhere/bot.zip"), "No such file or directory: 'nowhere/bot.zip'\n"),
        (("restore", "bot.zip"), "No such file or directory: 'bot.zip'"),
        (("restore", "massnahmenbot.db", *NEW), "the file is no backup, or was damaged or cut"),
        (("restore", "."), "Is a directory: '.'"),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_nothing_behind(
    folder: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert names(folder) == {"massnahmenbot.db"}


def test_a_backup_that_fails_leaves_no_half_file(folder: Path) -> None:
    (folder / "massnahmenbot.db").write_bytes(b"kein Datenbankformat" * 1000)
    result = run("backup", "bot.zip")
    assert result.exit_code == 1
    assert "file is not a database" in result.stderr
    assert names(folder) == {"massnahmenbot.db"}


def test_nothing_is_restored_over_a_database_with_tables() -> None:
    run("backup", "bot.zip")
    result = run("restore", "bot.zip")
    assert result.exit_code == 1
    assert result.stderr.startswith("the database is not empty")


async def test_nothing_is_restored_while_a_bot_runs() -> None:
    await asyncio.to_thread(run, "backup", "bot.zip")
    async with only_instance(Database("sqlite:///new.db")):
        result = await asyncio.to_thread(run, "restore", "bot.zip", *NEW)
    assert result.exit_code == 3
    assert "Another massnahmenbot is running on this database" in result.stderr
