"""Opening the database: SQLite with safe settings, or PostgreSQL, and its migrations."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, closing, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Table, delete, event, false, inspect, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from knowledge.storage.tables import METADATA, received_update

MIGRATIONS = Path(__file__).parent / "migrations"

_LOCK = 7_316_020  # any number, the same in every process

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}


UNREADABLE: Final = (ValueError, TypeError, OverflowError, RecursionError)
"""What reading ends in where a database holds values that the program never wrote: SQLite takes
any value into any column."""


class DatabaseError(Exception):
    """The database cannot be used; the message says why in one sentence."""


class UnreadableError(DatabaseError):
    """The database holds values that the program never wrote."""

    def __init__(self) -> None:
        # What it is may be personal, and is told by whoever reads the table.
        super().__init__(
            "The database holds what cannot be read: `massnahmenbot doctor` says where."
        )


class UnknownSchemaError(DatabaseError):
    """There are tables, and it does not stand beside them which schema they have."""

    def __init__(self) -> None:
        super().__init__(
            "The database does not say of which version of this program its tables are: "
            "`massnahmenbot doctor` says what to do."
        )


class OlderSchemaError(DatabaseError):
    """The database belongs to an earlier version of the program.

    Attributes:
        schema: The revision of its schema.
    """

    def __init__(self, schema: str) -> None:
        super().__init__(
            "the database belongs to an earlier version of this program: `massnahmenbot run` "
            "brings it up to date"
        )
        self.schema = schema


def parse_url(address: str) -> URL:
    """Read a database URL and name the driver that this program uses.

    Raises:
        DatabaseError: for anything that is neither a SQLite file nor PostgreSQL.
    """
    try:
        url = make_url(address)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError):
        # The error quotes parts of the URL, and with them the password.
        raise DatabaseError("DATABASE_URL is not a database URL") from None
    if backend not in _DRIVERS:
        raise DatabaseError(f"{backend} is not supported: use SQLite or PostgreSQL")
    if backend == "sqlite" and (not url.database or ":memory:" in url.database):
        raise DatabaseError("SQLite in memory is not supported: name a file")
    return url.set(drivername=_DRIVERS[backend])


class Database:
    """A connection pool with the two kinds of transactions that the program uses."""

    def __init__(self, url: str, *, only_reading: bool = False) -> None:
        """Prepare the pool; nothing is opened yet.

        Args:
            url: The database.
            only_reading: Whether nothing is to be changed: a SQLite file may then lie where
                nobody can write.

        Raises:
            DatabaseError: if the URL cannot be used.
        """
        self.url = parse_url(url)
        self.engine: AsyncEngine = create_async_engine(
            _to_read(self.url) if only_reading and self.is_sqlite else self.url,
            pool_pre_ping=not self.is_sqlite,
            hide_parameters=True,  # people's messages must not get into error texts
        )
        if self.is_sqlite:
            _begin_explicitly(self.engine, _ONLY_READING if only_reading else _WRITING)
        # What a transaction sees in SQLite anyway: one state, whatever is written meanwhile.
        self._reading = (
            self.engine
            if self.is_sqlite
            else self.engine.execution_options(isolation_level="REPEATABLE READ")
        )
        self._writing = self.engine.execution_options(sqlite_begin="IMMEDIATE")
        # Without a transaction, which the log cannot be emptied in.
        self._bare = self.engine.execution_options(sqlite_begin=None)
        # Writers of this process queue here, in order and for nothing. Waiting inside SQLite
        # each would hold a connection, sleep ever longer, and be passed over by newcomers.
        self._turn = asyncio.Lock() if self.is_sqlite else nullcontext()

    @property
    def is_sqlite(self) -> bool:
        """Whether this is a SQLite file rather than PostgreSQL."""
        return self.url.get_backend_name() == "sqlite"

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT that knows what to do on a conflict; the kinds of databases word it alike."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads, and sees one state throughout."""
        async with self._reading.begin() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes; on SQLite it takes the write lock at once.

        A reading transaction that later writes would fail with "database is locked" under
        load, whatever the busy timeout says.
        """
        async with self._turn, self._writing.begin() as connection:
            yield connection

    async def try_writing(self, *, patience: float | None = None) -> None:
        """Write nothing, as one who writes.

        Args:
            patience: Seconds to wait for another process that writes to a SQLite file, if others
                than usual: who is interrupted while SQLite waits has to wait with it.

        Raises:
            SQLAlchemyError: if the database takes nothing: it, or its disk, can only be read.
        """
        options = {} if patience is None else {"sqlite_patience": round(1000 * patience)}
        engine = self._writing.execution_options(**options)
        async with self._turn, engine.begin() as connection:
            await connection.execute(delete(received_update).where(false()))

    @asynccontextmanager
    async def changing_schema(self) -> AsyncIterator[AsyncConnection]:
        """A transaction for changes of the schema: all of them, or none.

        Raises:
            DatabaseError: if there is no such file and none can be made.
        """
        if self.is_sqlite:
            _try_to_open(self.url.database or "")
        # Own engine: batch migrations must not run with SQLite's foreign keys enforced.
        engine = create_async_engine(self.url, poolclass=NullPool, hide_parameters=True)
        if self.is_sqlite:
            _begin_explicitly(engine, _CHANGING_SCHEMA)
        changing = engine.execution_options(sqlite_begin="IMMEDIATE")
        try:
            async with changing.begin() as connection:
                yield connection
        finally:
            await engine.dispose()

    async def migrate(self) -> None:
        """Bring the schema to the newest revision.

        Raises:
            DatabaseError: if the database was written by a newer version of the program.
        """
        async with self.changing_schema() as connection:
            await connection.run_sync(upgrade)

    def exists(self) -> bool:
        """Whether there is a file to open; PostgreSQL tells only when it is asked."""
        return not self.is_sqlite or Path(self.url.database or "").exists()

    async def is_set_up(self) -> bool:
        """Whether the schema is the one of this program; False if there is none at all.

        Raises:
            OlderSchemaError: if the schema is an older one.
            DatabaseError: if it is a newer one, or unknown.
        """
        async with self.reading() as connection:
            return await connection.run_sync(_is_set_up)

    async def empty_log(self) -> None:
        """Empty SQLite's write-ahead log, in which what was deleted stands until then.

        In the database itself it is overwritten at once. While somebody reads for long nothing
        happens; PostgreSQL has its own ways, which are not ours to hurry.
        """
        if self.is_sqlite:
            async with self._turn, self._bare.connect() as connection:
                await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def storable(text: str) -> str:
    r"""A text as databases take it: with neither NUL nor half of a surrogate pair.

    >>> storable("a\0b\ud83d")
    'ab?'
    """
    return text.encode("utf-8", "replace").decode().replace("\0", "")


async def take_turns(connection: AsyncConnection, table: Table) -> None:
    """Let transactions that change a table follow one another, until this one ends.

    Readers are not held up. SQLite's write lock has seen to that already.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(text(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE"))


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without a file; the environment takes the connection from it."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def schema_revision(connection: Connection) -> str | None:
    """The revision that a database's schema is at; None if there is no schema.

    Raises:
        UnknownSchemaError: if there are tables of the program, and not one revision.
    """
    noted = MigrationContext.configure(connection).get_current_heads()
    if len(noted) > 1 or (not noted and METADATA.tables.keys() & _table_names(connection)):
        raise UnknownSchemaError
    return noted[0] if noted else None


def known_schema_revision(connection: Connection) -> str | None:
    """The revision that a database's schema is at, if this program knows it.

    Raises:
        DatabaseError: if the database was written by a newer version of the program, or does not
            tell.
    """
    current = schema_revision(connection)
    if current not in {None, *schema_revisions()}:
        raise DatabaseError(
            "the database was written by a newer version of this program: update the program"
        )
    return current


def schema_revisions() -> list[str]:
    """All revisions of the schema that this program knows, the newest first."""
    scripts = ScriptDirectory.from_config(alembic_config())
    return [script.revision for script in scripts.walk_revisions()]


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the schema up to a revision, by default to the newest.

    Args:
        connection: From `Database.changing_schema`.
        revision: One of `schema_revisions`.

    Raises:
        DatabaseError: if the database was written by a newer version of the program, or does not
            tell by which.
    """
    if connection.dialect.name == "postgresql":
        # Processes that start together migrate one after the other.
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
    known_schema_revision(connection)
    command.upgrade(alembic_config(connection), revision)


def _is_set_up(connection: Connection) -> bool:
    current = known_schema_revision(connection)
    if current not in {None, schema_revisions()[0]}:
        raise OlderSchemaError(str(current))
    return current is not None


def _table_names(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def _try_to_open(path: str) -> None:
    """Open a SQLite file before aiosqlite does, and make it its owner's alone if it is new.

    Where opening fails, a thread of aiosqlite goes on for a moment, and complains loudly if the
    event loop ends before.
    """
    # SQLite would let everybody on the machine read a new file; its companions follow it.
    with suppress(OSError):  # it is there; or SQLite has more to say
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(sqlite3.connect(path)):
            pass
    except sqlite3.OperationalError as exc:
        raise DatabaseError(f"The database cannot be used: {exc}") from exc


def _to_read(url: URL) -> URL:
    """How a SQLite file is opened that is only read.

    What stands in the log of somebody who uses it, or did so until a crash, is read from there and
    left there.
    """
    file = Path(url.database or "").resolve()  # SQLite's log lies beside what a link leads to
    log, index = (file.with_name(f"{file.name}-{suffix}") for suffix in ("wal", "shm"))
    is_there = partial(os.access, mode=os.F_OK)  # in a folder that nobody may enter it is not
    if is_there(index) or (is_there(log) and log.stat().st_size > 0):
        how = {"mode": "ro"}
    elif all(os.access(place, os.W_OK) for place in (file.parent, file)):
        return url  # SQLite removes what it made to read; read-only, it would leave that behind
    else:
        how = {"mode": "ro", "immutable": "1"}
    return url.set(database=f"file:{quote(str(file))}", query={**how, "uri": "true"})


_PATIENCE: Final = 5000
"""Milliseconds for which SQLite waits for another process that writes."""

_ANY_USE: Final = (f"busy_timeout={_PATIENCE}", "synchronous=NORMAL")
_ONLY_READING: Final = (*_ANY_USE, "query_only=ON")
_CHANGING_SCHEMA: Final = (
    "journal_mode=WAL",
    *_ANY_USE,
    # What is deleted is overwritten with zeros: some builds would leave it in free pages.
    "secure_delete=ON",
)
_WRITING: Final = (*_CHANGING_SCHEMA, "foreign_keys=ON")
"""Settings of SQLite connections. Without being asked, SQLite does not look at foreign keys."""


def _begin_explicitly(engine: AsyncEngine, pragmas: Iterable[str]) -> None:
    """Set up SQLite connections, and begin transactions in the mode that was asked for."""

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: object) -> None:  # noqa: ANN401 (driver's own type)
        connection.isolation_level = None  # BEGIN is ours, below
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        mode, patience = options.get("sqlite_begin", "DEFERRED"), options.get("sqlite_patience")
        if patience is not None:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={patience}")
        try:
            if mode is not None:
                connection.exec_driver_sql(f"BEGIN {mode}")
        finally:
            if patience is not None:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={_PATIENCE}")
