"""A database that is away: one line says so, a fault of the program keeps its traceback."""

import asyncio

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
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
