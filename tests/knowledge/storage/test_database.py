"""Opening the database: addresses, safe settings, the two kinds of transactions."""

import asyncio
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import op
from sqlalchemy import delete, event, insert, select, text, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError, StatementError

from knowledge.storage.database import (
    Database,
    DatabaseError,
    OlderSchemaError,
    UnknownSchemaError,
    parse_url,
)
from knowledge.storage.tables import entry_version, received_update, revision, topic
from tests.support.read_only import make_read_only

MOMENT = datetime(2025, 10, 20, 9, 30, 0, 123456, tzinfo=UTC)


@pytest.fixture
def file_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'test.db'}"


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def a_revision(number: int = 1, moment: datetime = MOMENT) -> dict[str, object]:
    return {
        "number": number,
        "created_at": moment,
        "author": "Amt",
        "origin": "edited",
        "reason": "neu",
    }


@pytest.mark.parametrize(
    ("text_", "driver"),
    [
        ("sqlite:///bot.db", "sqlite+aiosqlite"),
        ("sqlite:////var/lib/bot.db", "sqlite+aiosqlite"),
        ("sqlite+aiosqlite:///bot.db", "sqlite+aiosqlite"),
        ("sqlite+pysqlite:///bot.db", "sqlite+aiosqlite"),
        ("postgresql://u:p@host/db", "postgresql+psycopg"),
        ("postgresql+psycopg://u:p@host:5432/db", "postgresql+psycopg"),
        ("postgresql+asyncpg://host/db?sslmode=require", "postgresql+psycopg"),
    ],
)
def test_a_url_names_the_driver_that_is_used(text_: str, driver: str) -> None:
    assert parse_url(text_).drivername == driver


def test_the_rest_of_a_url_stays_as_it_was() -> None:
    url = parse_url("postgresql://m%C3%BCller:p%40ss@host:5433/db?sslmode=require")
    assert (url.username, url.password, url.host, url.port) == ("müller", "p@ss", "host", 5433)
    assert (url.database, url.query["sslmode"]) == ("db", "require")


@pytest.mark.parametrize(
    ("text_", "sentence"),
    [
        ("", "DATABASE_URL is not a database URL"),
        ("massnahmenbot.db", "DATABASE_URL is not a database URL"),
        ("mysql://u:geheim@host/db", "mysql is not supported: use SQLite or PostgreSQL"),
        ("oracle+foo://host/db", "oracle is not supported: use SQLite or PostgreSQL"),
        ("sqlite://", "SQLite in memory is not supported: name a file"),
        ("sqlite+aiosqlite://", "SQLite in memory is not supported: name a file"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_sentence(text_: str, sentence: str) -> None:
    with pytest.raises(DatabaseError) as caught:
        Database(text_)
    assert str(caught.value) == sentence


async def test_every_sqlite_connection_has_the_safe_settings(file_url: str) -> None:
    database = Database(file_url)
    await database.migrate()
    async with database.reading() as one, database.engine.connect() as other:
        for connection in (one, other):
            values = [
                await connection.scalar(text(f"PRAGMA {name}"))
                for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
            ]
            assert values == ["wal", 1, 5000, 1]
    await database.close()


async def test_a_writing_transaction_takes_the_lock_at_once(file_url: str) -> None:
    database, other = Database(file_url), Database(file_url)
    await database.migrate()
    async with database.writing(), other.engine.connect() as connection:
        await connection.execute(text("PRAGMA busy_timeout=0"))
        await connection.rollback()
        with pytest.raises(StatementError, match="database is locked"):
            await connection.execute(insert(revision), a_revision())
    async with database.reading(), other.writing() as connection:
        await connection.execute(insert(revision), a_revision())
    await database.close()
    await other.close()


async def test_what_was_written_is_read_by_others(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(insert(revision), a_revision())
    async with database.reading() as connection:
        assert await connection.scalar(select(revision.c.author)) == "Amt"


async def test_a_failed_transaction_leaves_nothing_behind(database: Database) -> None:
    async def fail_halfway() -> None:
        async with database.writing() as connection:
            await connection.execute(insert(revision), a_revision())
            raise RuntimeError("mitten darin")

    with pytest.raises(RuntimeError, match="mitten darin"):
        await fail_halfway()
    async with database.reading() as connection:
        assert await connection.scalar(select(revision.c.number)) is None


async def test_twenty_read_modify_writes_at_once_all_count(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(
            insert(received_update),
            {"bot_id": 1, "update_id": 1, "received_at": MOMENT, "attempts": 0},
        )
    column = received_update.c.attempts

    async def count_one_up() -> None:
        async with database.writing() as connection:
            # PostgreSQL locks the row, SQLite has locked the file: both queue up here.
            known = await connection.scalar(select(column).with_for_update())
            await asyncio.sleep(0)
            await connection.execute(update(received_update).values(attempts=(known or 0) + 1))

    await asyncio.gather(*(count_one_up() for _ in range(20)))
    async with database.reading() as connection:
        assert await connection.scalar(select(column)) == 20


async def test_a_reference_to_nothing_is_refused(database: Database) -> None:
    orphan = {"key": "A", "revision": 9, "withdrawn": False, "content": {}}
    with pytest.raises(IntegrityError):
        async with database.writing() as connection:
            await connection.execute(insert(entry_version), orphan)


async def test_a_duplicate_is_told_by_the_drivers_own_error(database: Database) -> None:
    with pytest.raises(IntegrityError) as caught:
        async with database.writing() as connection:
            await connection.execute(insert(revision), [a_revision(), a_revision()])
    error = caught.value.driver_exception
    name = getattr(error, "sqlite_errorname", None) or type(error).__name__
    assert name in {"SQLITE_CONSTRAINT_PRIMARYKEY", "UniqueViolation"}


@pytest.mark.parametrize(
    "moment",
    [
        MOMENT,
        MOMENT.astimezone(timezone(timedelta(hours=2))),
        datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=1))),
        datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
async def test_a_moment_comes_back_in_utc(database: Database, moment: datetime) -> None:
    async with database.writing() as connection:
        await connection.execute(insert(revision), a_revision(moment=moment))
    async with database.reading() as connection:
        read = await connection.scalar(select(revision.c.created_at))
    assert read == moment
    assert read.utcoffset() == timedelta()


async def test_moments_are_compared_whatever_their_zone(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(insert(topic), {"chat_id": 1, "entry": "A", "expires_at": MOMENT})
    later = (MOMENT + timedelta(seconds=1)).astimezone(timezone(timedelta(hours=-8)))
    async with database.reading() as connection:
        query = select(topic.c.entry).where(topic.c.expires_at < later)
        assert await connection.scalar(query) == "A"


async def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="a moment needs its time zone"):
        async with database.writing() as connection:
            await connection.execute(
                insert(revision), a_revision(moment=MOMENT.replace(tzinfo=None))
            )


async def test_an_empty_moment_stays_empty(database: Database) -> None:
    async with database.reading() as connection:
        assert await connection.scalar(select(topic.c.expires_at)) is None


async def test_a_newer_database_is_refused_with_a_sentence(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError) as caught:
        await database.migrate()
    assert str(caught.value) == (
        "the database was written by a newer version of this program: update the program"
    )
    async with database.reading() as connection:
        version = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    assert version == "9999"


@pytest.mark.parametrize(
    "damage",
    [
        "INSERT INTO alembic_version VALUES ('0001')",
        "DELETE FROM alembic_version",
        "DROP TABLE alembic_version",
    ],
)
async def test_tables_that_do_not_tell_their_version_are_refused_with_a_sentence(
    database: Database, damage: str
) -> None:
    async with database.writing() as connection:
        await connection.execute(text(damage))
    for use in (database.migrate, database.is_set_up):
        with pytest.raises(UnknownSchemaError, match="does not say of which version"):
            await use()


async def test_an_older_database_is_told_from_a_newer_one(database: Database) -> None:
    assert await database.is_set_up()
    async with database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(OlderSchemaError, match="`massnahmenbot run` brings it up to date"):
        await database.is_set_up()
    async with database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError, match="update the program"):
        await database.is_set_up()


async def test_an_aborted_migration_is_made_up_for(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("killed")

    database = Database(database_url)
    with monkeypatch.context() as patched:
        patched.setattr(op, "create_index", fail)
        with pytest.raises(RuntimeError):
            await database.migrate()
    await database.migrate()
    await database.close()


@pytest.mark.parametrize("url", ["sqlite:///:memory:", "postgresql://u:p@h:abc/d"])
def test_further_unusable_urls_get_a_sentence(url: str) -> None:
    with pytest.raises(DatabaseError):
        parse_url(url)


async def test_a_reading_transaction_sees_one_state_throughout(database: Database) -> None:
    numbers = select(revision.c.number).order_by(revision.c.number)
    async with database.writing() as connection:
        await connection.execute(insert(revision), a_revision(1))
    async with database.reading() as reader:
        assert list(await reader.scalars(numbers)) == [1]
        async with database.writing() as connection:
            await connection.execute(insert(revision), a_revision(2))
        assert list(await reader.scalars(numbers)) == [1]
    async with database.reading() as reader:
        assert list(await reader.scalars(numbers)) == [1, 2]


async def test_a_file_that_cannot_be_opened_is_told_in_a_sentence(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}")
    with pytest.raises(DatabaseError, match="cannot be used: unable to open"):
        await database.migrate()
    await database.close()


def modes_in(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


async def test_a_new_file_and_its_companions_are_its_owners_alone(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    former = os.umask(0o022)
    try:
        await database.migrate()
        async with database.reading() as connection:
            await connection.execute(select(topic))
            modes = modes_in(tmp_path)
    finally:
        os.umask(former)
        await database.close()
    assert modes == dict.fromkeys(("test.db", "test.db-wal", "test.db-shm"), 0o600)


async def test_what_was_deleted_stands_in_no_file_any_more(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    # As some builds of SQLite come, and others do not.
    event.listen(
        database.engine.sync_engine,
        "connect",
        lambda connection, _: connection.execute("PRAGMA secure_delete=OFF"),
        insert=True,
    )
    await database.migrate()
    rows = [
        {"bot_id": 1, "update_id": n, "received_at": MOMENT, "content": "Geheimnis " * 10**size}
        for n, size in enumerate((0, 1, 2, 3, 4) * 20)
    ]
    own = received_update.c.update_id
    async with database.writing() as connection:
        await connection.execute(insert(received_update), rows)
    async with database.writing() as connection:
        await connection.execute(update(received_update).where(own % 2 == 0).values(content=None))
        await connection.execute(delete(received_update).where(own % 2 == 1))
    await database.empty_log()
    kept = b"".join(files_in(tmp_path).values())
    assert b"received_update" in kept
    assert b"Geheimnis" not in kept
    await database.close()


async def test_a_log_that_somebody_reads_is_emptied_later(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    await database.migrate()
    event.listen(
        database.engine.sync_engine,
        "connect",
        lambda connection, _: connection.execute("PRAGMA busy_timeout=0"),
    )
    async with database.writing() as connection:
        await connection.execute(insert(revision).values(a_revision()))
    async with database.reading() as connection:
        await connection.execute(select(revision))
        async with database.writing() as writing:
            await writing.execute(insert(revision).values(a_revision(2)))
        await database.empty_log()
    log = tmp_path / "test.db-wal"
    assert log.stat().st_size > 0
    await database.empty_log()
    assert log.stat().st_size == 0
    await database.close()


@pytest.fixture
def closed_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a medium that can only be read; rights alone would not keep root from writing."""
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and path.exists())


async def an_old_file(path: Path) -> None:
    """A database that was copied, without a log beside it and in the mode without one."""
    database = Database(f"sqlite:///{path}")
    await database.migrate()
    async with database.writing() as connection:
        await connection.execute(insert(revision), a_revision())
    await database.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


async def test_who_only_reads_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    await an_old_file(path)
    files = files_in(tmp_path)
    database = Database(f"sqlite:///{path}", only_reading=True)
    assert await database.is_set_up()
    with pytest.raises(StatementError, match="readonly database"):
        await database.try_writing()
    await database.close()
    assert list(files) == ["test.db"]
    assert files_in(tmp_path) == files


async def test_who_only_reads_makes_no_database_of_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    path.touch()
    database = Database(f"sqlite:///{path}", only_reading=True)
    assert not await database.is_set_up()
    await database.close()
    assert path.stat().st_size == 0


@pytest.mark.usefixtures("closed_place")
async def test_a_copy_can_be_read_where_nobody_can_write(tmp_path: Path) -> None:
    path = tmp_path / "50% #1?.db"
    writer = Database(f"sqlite:///{path}".replace("?", "%3F"))
    await writer.migrate()
    await writer.close()
    database = Database(f"sqlite:///{path}".replace("?", "%3F"), only_reading=True)
    async with database.reading() as connection:
        assert await connection.scalar(select(revision.c.number)) is None
        # SQLite's index of the log would have to be made beside it.
        assert list(files_in(tmp_path)) == [path.name]
    await database.close()


@pytest.mark.usefixtures("closed_place")
async def test_who_only_reads_sees_what_stands_in_the_log_of_the_bot(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'test.db'}"
    writer = Database(url)
    await writer.migrate()
    async with writer.writing() as connection:
        await connection.execute(insert(revision), a_revision())
    reader = Database(url, only_reading=True)
    async with reader.reading() as connection:
        assert await connection.scalar(select(revision.c.number)) == 1
    await reader.close()
    await writer.close()


@pytest.mark.parametrize("linked", [False, True])
async def test_who_only_reads_leaves_the_log_of_a_crash_as_it_is(
    tmp_path: Path, *, linked: bool
) -> None:
    writer = Database(f"sqlite:///{tmp_path / 'test.db'}")
    await writer.migrate()
    async with writer.writing() as connection:
        await connection.execute(insert(revision), a_revision())
    left = tmp_path / "left"
    left.mkdir()
    for name in ("test.db", "test.db-wal"):
        (left / name).write_bytes((tmp_path / name).read_bytes())
    await writer.close()
    before = {name: (left / name).read_bytes() for name in ("test.db", "test.db-wal")}
    path = left / "test.db"
    if linked:
        path = tmp_path / "link.db"
        path.symlink_to(left / "test.db")
    reader = Database(f"sqlite:///{path}", only_reading=True)
    async with reader.reading() as connection:
        assert await connection.scalar(select(revision.c.number)) == 1
    await reader.close()
    assert {name: (left / name).read_bytes() for name in before} == before


async def test_trying_to_write_tells_whether_anything_can_be_stored(database: Database) -> None:
    await database.try_writing()
    await make_read_only(database)
    with pytest.raises(SQLAlchemyError, match=r"read-?only"):
        await database.try_writing()
