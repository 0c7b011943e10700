"""A database that is away: one line says so, a fault of the program keeps its traceback."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from structlog.testing import capture_logs

from knowledge.storage.database import Database, UnreadableError
from knowledge.storage.outages import FIRST_PAUSE, LONGEST_PAUSE, Backoff, outage, report
from knowledge.storage.sessions import SessionError

GONE = OperationalError("SELECT 1", {}, Exception("server closed the connection\n\tperhaps"))


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (GONE, "server closed the connection"),
        (SessionError("The database cannot be used: refused\nIs it there?"), None),
        (UnreadableError(), str(UnreadableError())),
        (ExceptionGroup("tidy", [GONE, GONE]), "server closed the connection"),
    ],
)
def test_an_outage_is_said_in_one_line(error: Exception, reason: str | None) -> None:
    assert outage(error) == (reason or "The database cannot be used: refused")
    with capture_logs() as lines:
        report(structlog.get_logger(), "job failed", error, job="plan")
    (line,) = lines
    assert (line["log_level"], line["job"], line["reason"]) == ("warning", "plan", outage(error))


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("kein Strom"),
        IntegrityError("INSERT", {}, Exception("UNIQUE")),
        ExceptionGroup("tidy", [GONE, RuntimeError("kein Strom")]),
    ],
)
def test_a_fault_of_the_program_keeps_its_traceback(error: Exception) -> None:
    with capture_logs() as lines:
        report(structlog.get_logger(), "job failed", error)
    assert [(line["log_level"], line["exc_info"]) for line in lines] == [("error", error)]


async def test_a_server_that_is_not_there_is_an_outage() -> None:
    away = Database("postgresql://bot:geheim@127.0.0.1:1/bot")
    with pytest.raises(OperationalError) as caught:
        async with away.reading() as connection:
            await connection.execute(text("SELECT 1"))
    reason = outage(caught.value)
    assert reason is not None
    assert "\n" not in reason
    assert "geheim" not in reason
    await away.close()


def sqlite_error(code: int) -> DBAPIError:
    error = sqlite3.OperationalError("says SQLite")
    error.sqlite_errorcode = code
    return OperationalError("SELECT 1", {}, error)


@pytest.mark.parametrize(
    ("code", "is_outage"),
    [
        (sqlite3.SQLITE_BUSY, True),
        (sqlite3.SQLITE_LOCKED_SHAREDCACHE, True),
        (sqlite3.SQLITE_IOERR_WRITE, True),
        (sqlite3.SQLITE_FULL, True),
        (sqlite3.SQLITE_READONLY_DBMOVED, True),
        (sqlite3.SQLITE_CANTOPEN, True),
        (sqlite3.SQLITE_CORRUPT, True),
        (sqlite3.SQLITE_NOTADB, True),
        (sqlite3.SQLITE_ERROR, False),
        (sqlite3.SQLITE_SCHEMA, False),
        (sqlite3.SQLITE_MISUSE, False),
    ],
)
def test_sqlite_is_away_by_its_codes(code: int, *, is_outage: bool) -> None:
    assert outage(sqlite_error(code)) == ("says SQLite" if is_outage else None)


@pytest.mark.parametrize(
    "statement", ["SELECT * FROM nowhere", "SELECT nothing FROM planner", "SELEC 1"]
)
async def test_a_wrong_statement_is_a_fault_of_the_program(
    database: Database, statement: str
) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with database.reading() as connection:
            await connection.execute(text(statement))
    assert outage(caught.value) is None


async def test_a_file_that_is_no_database_is_an_outage(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("Sehr geehrte Damen und Herren, " * 100)
    broken = Database(f"sqlite:///{tmp_path / 'letter.db'}")
    with pytest.raises(DBAPIError) as caught:
        async with broken.reading() as connection:
            await connection.execute(text("SELECT 1"))
    assert outage(caught.value) == "file is not a database"
    await broken.close()


async def test_pauses_double_until_the_longest_and_begin_anew_after_a_success(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    backoff = Backoff()
    for _ in range(6):
        await backoff.wait()
    assert slept == [FIRST_PAUSE, 2, 4, 8, LONGEST_PAUSE, LONGEST_PAUSE]
    backoff.reset()
    assert backoff.take() == FIRST_PAUSE
