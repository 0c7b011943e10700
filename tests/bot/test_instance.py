"""Which processes may run on a database together, and who is there."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.instance import (
    NOBODY,
    AlreadyRunningError,
    ProcessRole,
    Reception,
    an_instance,
    only_instance,
    present,
)
from knowledge.storage.database import Database
from tests.support.postgresql import cut_connections, only_postgresql

HOLDER = """
import asyncio, sys
from bot.instance import only_instance
from knowledge.storage.database import Database

async def hold():
    async with only_instance(Database(sys.argv[1])):
        print("held", flush=True)
        await asyncio.Event().wait()

asyncio.run(hold())
"""


@contextmanager
def another_process(url: str) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the right to receive updates."""
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE, text=True, cwd=root
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


async def test_a_second_holder_is_refused(database: Database) -> None:
    async with only_instance(database):
        with pytest.raises(AlreadyRunningError):
            async with only_instance(database):
                pytest.fail("held twice")


async def test_another_pool_of_the_same_database_is_refused(
    database: Database, database_url: str
) -> None:
    other = Database(database_url)
    async with only_instance(database):
        with pytest.raises(AlreadyRunningError):
            async with only_instance(other):
                pytest.fail("held twice")
    await other.close()


async def test_the_right_is_free_again_after_release(database: Database) -> None:
    for _ in range(3):
        async with only_instance(database):
            pass


async def test_the_right_is_free_again_after_an_error(database: Database) -> None:
    async def fail() -> None:
        async with only_instance(database):
            raise RuntimeError("mitten darin")

    with pytest.raises(RuntimeError, match="mitten darin"):
        await fail()
    async with only_instance(database):
        pass


async def test_being_refused_does_not_free_the_right(database: Database) -> None:
    async with only_instance(database):
        for _ in range(2):
            with pytest.raises(AlreadyRunningError):
                async with only_instance(database):
                    pytest.fail("held twice")


async def test_the_database_can_be_used_while_the_right_is_held(database: Database) -> None:
    async with only_instance(database):
        await database.migrate()


async def test_two_databases_have_two_holders(database: Database, tmp_path: Path) -> None:
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    async with only_instance(database), only_instance(other):
        with pytest.raises(AlreadyRunningError):
            async with only_instance(other):
                pytest.fail("held twice")
    await other.close()


async def test_the_right_is_free_again_after_kill_9(database: Database, database_url: str) -> None:
    with another_process(database_url) as process:
        with pytest.raises(AlreadyRunningError):
            async with only_instance(database):
                pytest.fail("held twice")
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait(10) == -signal.SIGKILL
        async with asyncio.timeout(10):
            # PostgreSQL frees it as soon as it has noticed that the connection is gone.
            while not await is_free(database):
                pass


async def is_free(database: Database) -> bool:
    try:
        async with only_instance(database):
            return True
    except AlreadyRunningError:
        return False


async def together(database: Database, first: Reception, second: Reception) -> bool:
    """Whether two processes may run that get their updates in these ways."""
    async with an_instance(database, first):
        try:
            async with an_instance(database, second):
                return True
        except AlreadyRunningError:
            return False


@only_postgresql
@pytest.mark.parametrize(
    ("first", "second", "may"),
    [
        (Reception.WEBHOOK, Reception.WEBHOOK, True),
        (Reception.NONE, Reception.NONE, True),
        (Reception.POLLING, Reception.NONE, True),
        (Reception.WEBHOOK, Reception.NONE, True),
        (Reception.POLLING, Reception.POLLING, False),
        (Reception.POLLING, Reception.WEBHOOK, False),
        (Reception.WEBHOOK, Reception.POLLING, False),
    ],
)
async def test_many_may_be_delivered_to_but_only_one_may_ask(
    database: Database, first: Reception, second: Reception, may: bool
) -> None:
    assert await together(database, first, second) is may


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_file_is_one_process_s_own(database: Database) -> None:
    async with an_instance(database, Reception.WEBHOOK) as instance:
        assert instance.number == NOBODY
    assert not await together(database, Reception.WEBHOOK, Reception.NONE)


async def test_nothing_may_run_while_a_backup_is_restored(database: Database) -> None:
    async with an_instance(database, Reception.NONE):
        with pytest.raises(AlreadyRunningError):
            async with only_instance(database):
                pytest.fail("restored under a running bot")
    async with only_instance(database):
        with pytest.raises(AlreadyRunningError):
            async with an_instance(database, Reception.NONE):
                pytest.fail("started in the middle of a restore")


@only_postgresql
async def test_who_is_there_is_known_by_number(database: Database) -> None:
    async with (
        an_instance(database, Reception.WEBHOOK) as first,
        an_instance(database, Reception.NONE) as second,
    ):
        assert await are_present(database) == {first.number, second.number}
    async with asyncio.timeout(10):
        # PostgreSQL notices a moment later that somebody has left.
        while await are_present(database):
            pass


@only_postgresql
async def test_locks_of_a_lost_connection_are_taken_again(database: Database) -> None:
    async with an_instance(database, Reception.POLLING) as instance:
        keeping = asyncio.create_task(instance.keep())
        await asyncio.sleep(0)
        cut_connections(database)
        await database.engine.dispose()
        async with asyncio.timeout(20):
            while await are_present(database) != {instance.number}:
                pass
        keeping.cancel()
        with pytest.raises(AlreadyRunningError):
            async with an_instance(database, Reception.POLLING):
                pytest.fail("received twice")


@only_postgresql
async def test_who_finds_its_place_taken_gives_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.instance.PATIENCE", 0.0)
    async with an_instance(database, Reception.POLLING) as late:
        await late.release()
        async with an_instance(database, Reception.POLLING):
            with pytest.raises(AlreadyRunningError):
                await late._take_again()


async def are_present(database: Database) -> set[int]:
    async with database.reading() as connection:
        return await present(connection)


def test_roles_say_what_a_process_does() -> None:
    assert [role for role in ProcessRole if role.answers] == [ProcessRole.ALL, ProcessRole.WORKER]
    assert [role for role in ProcessRole if role.schedules] == [
        ProcessRole.ALL,
        ProcessRole.SCHEDULER,
    ]


async def test_nobody_else_on_the_machine_can_hold_the_right(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'bot.db'}")
    lock = tmp_path / "bot.db.lock"
    former = os.umask(0o022)
    try:
        async with only_instance(database):
            pass
    finally:
        os.umask(former)
        await database.close()
    assert lock.stat().st_mode & 0o777 == 0o600
