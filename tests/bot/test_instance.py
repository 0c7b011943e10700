"""Only one process receives updates for a database."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.instance import AlreadyRunningError, only_instance
from knowledge.database import Database

HOLDER = """
import asyncio, sys
from bot.instance import only_instance
from knowledge.database import Database

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
