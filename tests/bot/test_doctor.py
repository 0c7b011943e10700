"""`massnahmenbot doctor`: sentences and exit codes, also where the program itself gives up."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.doctor import _SENTENCES, MOST_SHOWN
from knowledge.maintenance.integrity.findings import Area, Fault
from knowledge.storage.database import Database
from knowledge.storage.store import Store
from tests.support.builders import a_fact, an_entry
from tests.support.clock import MOMENT


@pytest.fixture(autouse=True)
def file(folder: Path) -> Path:
    """A database with some entries in the folder where the command runs."""

    async def set_up() -> None:
        database = Database("sqlite:///massnahmenbot.db")
        await database.migrate()
        entries = [an_entry(f"EF-{n}", kind="body", facts=[a_fact(id=f"F{n}")]) for n in range(99)]
        await Store(database).ship(entries, now=MOMENT)
        await database.close()

    asyncio.run(set_up())
    return folder / "massnahmenbot.db"


def doctor(*options: str) -> Result:
    return CliRunner().invoke(app, ["doctor", *options])


def sql(file: Path, statement: str) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute(statement)
    connection.close()


def test_a_healthy_database_is_said_to_be_so() -> None:
    result = doctor()
    assert (result.exit_code, result.stdout.splitlines()) == (0, [f"ok       {a}" for a in Area])


def test_a_finding_says_where_what_and_what_to_do(file: Path) -> None:
    sql(file, "DELETE FROM entry_version WHERE key = 'EF-7'; ")
    sql(file, "INSERT INTO member VALUES (5, 'king', 'Wer', '2025-10-20 09:30:00')")
    result = doctor()
    assert result.exit_code == 1
    assert (
        "problem  member 5: the role is unknown ('king'). "
        "What to do: delete the row, and invite the person again."
    ) in result.stdout.splitlines()


def test_many_findings_of_a_kind_are_cut_short(file: Path) -> None:
    sql(file, "UPDATE entry_version SET content = '{}'")
    lines = doctor().stdout.splitlines()
    assert sum("it cannot be read, and the bot" in line for line in lines) == MOST_SHOWN
    assert f"         … and {99 - MOST_SHOWN} more like that" in lines


def test_what_a_database_holds_cannot_move_the_cursor(file: Path) -> None:
    sql(file, "UPDATE entry_version SET key = char(27) || '[2J' WHERE key = 'EF-7'")
    output = doctor().stdout
    assert "entry ?[2J in revision 1: it stands under another key" in output
    assert "\x1b" not in output


def test_a_page_that_the_disk_lost_is_found(file: Path) -> None:
    content = bytearray(file.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = bytes(4096)
    file.write_bytes(content)
    result = doctor()
    assert result.exit_code == 1
    assert "problem  the database file: the file is damaged" in result.stdout


def test_what_keeps_the_knowledge_base_from_loading_is_named_with_its_place(file: Path) -> None:
    sql(file, "UPDATE revision SET created_at = 2460000")
    result = doctor()
    assert result.exit_code == 1
    assert (
        "problem  table revision, column created_at: values cannot be read (1 row: rowid 1)"
        in (result.stdout)
    )
    assert result.stdout.splitlines()[-1] == "ok       subscriptions"


def test_a_file_that_is_no_database_is_found(file: Path) -> None:
    file.write_bytes(b"kein Datenbankformat" * 1000)
    result = doctor()
    assert result.exit_code == 1
    assert result.stdout.startswith("problem  the database: it cannot be used (file is not a da")


def test_a_database_of_a_newer_program_is_told_from_a_broken_one(file: Path) -> None:
    sql(file, "UPDATE alembic_version SET version_num = '9999'")
    result = doctor()
    assert result.exit_code == 1
    assert "schema 9999: it belongs to a later version of the program" in result.stdout


def test_a_database_that_is_not_there_is_not_made(file: Path) -> None:
    result = doctor("--database-url", "sqlite:///anders.db")
    assert result.exit_code == 1
    assert result.stdout.startswith("problem  anders.db: there are no tables of this program")
    assert not (file.parent / "anders.db").exists()


def test_an_empty_file_stays_empty(file: Path) -> None:
    file.write_bytes(b"")
    result = doctor()
    assert "problem  the database: there are no tables of this program" in result.stdout
    assert file.stat().st_size == 0


def test_a_place_that_cannot_be_looked_into_is_said_to_be_so() -> None:
    result = doctor("--database-url", f"sqlite:///{'x' * 300}.db")
    assert result.exit_code == 1
    assert result.stdout.startswith("problem  the database: it cannot be used (")


def test_a_server_that_is_away_is_said_to_be_so() -> None:
    result = doctor("--database-url", "postgresql://bot:geheim@127.0.0.1:1/bot")
    assert result.exit_code == 1
    assert result.stdout.startswith("problem  the database: it cannot be used (")
    assert "geheim" not in result.output


def test_an_unusable_address_is_a_wrong_setting() -> None:
    result = doctor("--database-url", "mysql://host/bot")
    assert (result.exit_code, result.stderr) == (
        2,
        "mysql is not supported: use SQLite or PostgreSQL\n",
    )


def test_every_fault_has_its_sentence() -> None:
    assert set(_SENTENCES) == set(Fault)
