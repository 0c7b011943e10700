"""A playground process per test, checked at the end."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.stage import Stage, check_call, start


@pytest.fixture
def stage(database_url: str, tmp_path: Path) -> Iterator[Stage]:
    """A playground without limits, an empty database; every call to it must be well-formed."""
    playground = start("bot.playground", "--port", "0", "--no-limits", cwd=tmp_path)
    address = playground.wait_for(r"http://\S+")[0]
    with httpx.Client(base_url=address, trust_env=False) as http:
        stage = Stage(http, tmp_path, database_url)
        yield stage
        calls = stage.calls()
    assert playground.stop() == 0, playground.output
    for call in calls:
        check_call(call)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One bot and one playground for all tests of a module that do not disturb each other."""
    folder = tmp_path_factory.mktemp("stage")
    playground = start("bot.playground", "--port", "0", "--no-limits", cwd=folder)
    address = playground.wait_for(r"http://\S+")[0]
    with httpx.Client(base_url=address, trust_env=False) as http:
        stage = Stage(http, folder, f"sqlite+aiosqlite:///{folder / 'bot.db'}")
        with stage.bot() as bot:
            yield stage
            assert bot.stop() == 0, bot.output
            assert "handler failed" not in bot.output, bot.output
        calls = stage.calls()
    assert playground.stop() == 0, playground.output
    for call in calls:
        check_call(call)
