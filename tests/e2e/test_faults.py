"""Faults below and beside the bot: what the person sees, and that nothing is lost.

Telegram's own faults while starting and stopping are in `test_lifecycle`, kill -9 in `test_crash`.
"""

import resource
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.e2e.stage import COUNCILLOR, STAFF, Process, Stage, start
from tests.support.postgresql import only_postgresql

pytestmark = pytest.mark.e2e

ASKED = "drucksache 2170/24"
NOWHERE = {"kind": "close_before", "method": "*", "times": None}

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def answered_once(stage: Stage, chat: int = COUNCILLOR) -> bool:
    """Whether the bot has given exactly one answer in a chat."""
    return len([m for m in stage.messages(chat) if m["from_bot"]]) == 1


@contextmanager
def writing(stage: Stage) -> Iterator[sqlite3.Connection]:
    """Hold SQLite's write lock from outside."""
    path = make_url(stage.database_url).database
    with closing(sqlite3.connect(str(path), isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection
        connection.execute("ROLLBACK")


@contextmanager
def full_disk(bot: Process) -> Iterator[None]:
    """No file of the bot can grow while the block runs."""
    soft_hard = resource.prlimit(bot.popen.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(bot.popen.pid, resource.RLIMIT_FSIZE, (0, soft_hard[1]))
    yield
    resource.prlimit(bot.popen.pid, resource.RLIMIT_FSIZE, soft_hard)


def test_telegram_away_in_the_middle_is_waited_for(stage: Stage) -> None:
    with stage.bot() as bot:
        assert "2170/24" in stage.ask(ASKED)["text"]
        for method in ("getUpdates", "*"):
            stage.sim("POST", "faults", **NOWHERE | {"method": method})
        since = stage.last_event()
        stage.say("Wie weit ist der ECCAR-Abgleich?")
        bot.wait_for("receiving updates failed")
        bot.wait_for("receiving updates failed")
        stage.sim("DELETE", "faults")
        assert "ECCAR" in stage.wait(since=since, chat=COUNCILLOR)[-1]["text"]
        assert len([m for m in stage.messages(COUNCILLOR) if m["from_bot"]]) == 2


def test_a_slow_reply_to_one_holds_up_nobody_else(stage: Stage) -> None:
    with stage.bot():
        stage.sim(
            "POST",
            "faults",
            kind="delay",
            method="sendMessage",
            chat_id=COUNCILLOR,
            times=1,
            seconds=3,
        )
        since = stage.last_event()
        stage.say(ASKED, user=COUNCILLOR)
        assert "2170/24" in stage.ask(ASKED, user=STAFF)["text"]
        assert not [m for m in stage.messages(COUNCILLOR) if m["from_bot"]]
        assert "2170/24" in stage.wait(since=since, chat=COUNCILLOR)[-1]["text"]
    assert answered_once(stage)


@only_sqlite
def test_a_locked_database_delays_an_answer_and_loses_none(stage: Stage) -> None:
    with stage.bot() as bot:
        since = stage.last_event()
        with writing(stage):
            stage.say(ASKED)
            bot.wait_for("receiving updates failed")
        assert "2170/24" in stage.wait(since=since, chat=COUNCILLOR)[-1]["text"]
    assert answered_once(stage)


@only_sqlite
def test_a_full_disk_delays_an_answer_and_loses_none(stage: Stage) -> None:
    with stage.bot() as bot:
        assert "2170/24" in stage.ask(ASKED, user=STAFF)["text"]
        since = stage.last_event()
        with full_disk(bot):
            stage.say(ASKED)
            bot.wait_for("receiving updates failed")
        assert "2170/24" in stage.wait(since=since, chat=COUNCILLOR)[-1]["text"]
        assert bot.stop() == 0, bot.output
    assert answered_once(stage)


@only_sqlite
def test_a_database_that_cannot_be_written_is_told_at_the_start(stage: Stage) -> None:
    (stage.folder / "test.db").mkdir()
    process = start("bot", "run", cwd=stage.folder, **stage.bot_environment)
    assert process.wait() == 1
    assert "The database cannot be used" in process.output
    assert "Traceback" not in process.output


@only_postgresql
def test_a_lost_database_connection_comes_back(stage: Stage) -> None:
    with stage.bot() as bot:
        assert "2170/24" in stage.ask(ASKED, user=STAFF)["text"]
        since = stage.last_event()
        with closed_to_connections(stage.database_url):
            stage.say(ASKED)
            bot.wait_for("receiving updates failed")
        assert "2170/24" in stage.wait(since=since, chat=COUNCILLOR)[-1]["text"]
    assert answered_once(stage)


@contextmanager
def closed_to_connections(database_url: str) -> Iterator[None]:
    """Cut all connections of a PostgreSQL database and let nobody in while the block runs."""
    url = make_url(database_url)
    engine = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {url.database} WITH ALLOW_CONNECTIONS false"))
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"),
            {"name": url.database},
        )
        yield
        connection.execute(text(f"ALTER DATABASE {url.database} WITH ALLOW_CONNECTIONS true"))
    engine.dispose()


@only_sqlite
@pytest.mark.parametrize("line", ["knowledge base ready", r"\brunning\b"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_bot_stopped_while_starting_starts_again(
    stage: Stage, line: str, number: signal.Signals
) -> None:
    process = start("bot", "run", cwd=stage.folder, **stage.bot_environment)
    process.wait_for(line)
    assert process.stop(number) == (0 if number is signal.SIGTERM else -signal.SIGKILL)
    with stage.bot():
        assert "2170/24" in stage.ask(ASKED)["text"]
