"""Backups: whatever a database holds comes back, in either kind of database, or nothing does."""

import asyncio
import hashlib
import io
import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, func, insert, inspect, select, text

from knowledge.editing.uploads import Uploads
from knowledge.exchange import Choices
from knowledge.exchange.limits import MAX_BYTES
from knowledge.inquiries.handed_over import HandedOverQuestions
from knowledge.maintenance.backup import AWAITED, BackupError, Manifest, restore, verify, write
from knowledge.notification.outbox import Outbox
from knowledge.storage.database import (
    Database,
    DatabaseError,
    UnknownSchemaError,
    schema_revisions,
    upgrade,
)
from knowledge.storage.store import Store
from knowledge.storage.tables import METADATA, entry_version, received_update, revision, topic
from tests.support.builders import an_entry
from tests.support.clock import MOMENT
from tests.support.full_database import ROWS, content, fill

Parts = dict[str, bytes]

LATER = MOMENT + timedelta(hours=1)


async def back_up(database: Database) -> bytes:
    file = io.BytesIO()
    async with database.reading() as connection:
        await connection.run_sync(write, file, program="0.1.0", now=MOMENT)
    return file.getvalue()


async def bring_back(database: Database, backup: bytes) -> Manifest:
    async with database.changing_schema() as connection:
        return await connection.run_sync(restore, io.BytesIO(backup), now=LATER)


@pytest.fixture(scope="module")
def backup() -> bytes:
    """A backup with rows of every table, written from SQLite."""
    file = io.BytesIO()
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        upgrade(connection)
        fill(connection)
        write(connection, file, program="0.1.0", now=MOMENT)
    engine.dispose()
    return file.getvalue()


def parts(backup: bytes) -> Parts:
    with ZipFile(io.BytesIO(backup)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w", compression=ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def with_manifest(backup: bytes, **changes: Any) -> bytes:
    files = parts(backup)
    manifest = json.loads(files["manifest.json"]) | changes
    return packed(files | {"manifest.json": json.dumps(manifest).encode()})


def with_table(backup: bytes, table: str, lines: bytes) -> bytes:
    """A backup with other lines for a table, and a manifest that agrees to them."""
    files = parts(backup)
    manifest = json.loads(files["manifest.json"])
    manifest["tables"][table] = {
        "rows": lines.count(b"\n"),
        "sha256": hashlib.sha256(lines).hexdigest(),
    }
    manifest = json.dumps(manifest).encode()
    return packed(files | {f"tables/{table}.jsonl": lines, "manifest.json": manifest})


def test_every_table_has_rows_in_the_tests() -> None:
    assert {name for name, rows in ROWS.items() if rows} == set(METADATA.tables)


async def test_everything_comes_back_in_either_kind_of_database(
    database: Database, other_database_url: str
) -> None:
    async with database.writing() as connection:
        await connection.run_sync(fill)
        before = await connection.run_sync(content)
    other = Database(other_database_url)
    manifest = await bring_back(other, await back_up(database))
    assert manifest.rows == sum(map(len, before.values()))
    async with other.reading() as connection:
        assert await connection.run_sync(content) == before
    assert await other.is_set_up()
    await other.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE chat_settings SET quiet_from = 8",
        "UPDATE chat_settings SET paused_until = 20261128",
        "UPDATE member SET since = 2460000",
        "UPDATE member SET label = cast(x'ff41' AS TEXT)",
    ],
)
async def test_what_cannot_be_read_is_not_backed_up_and_is_for_doctor(
    database: Database, damage: str
) -> None:
    async with database.writing() as connection:
        await connection.run_sync(fill)
        await connection.execute(text(damage))
    with pytest.raises(BackupError, match="cannot be read: `massnahmenbot doctor` says what"):
        await back_up(database)


async def test_the_same_database_gives_the_same_backup(database: Database) -> None:
    async with database.writing() as connection:
        await connection.run_sync(fill)
    assert await back_up(database) == await back_up(database)


async def test_empty_values_of_json_columns_stay_empty(backup: bytes, database_url: str) -> None:
    database = Database(database_url)
    await bring_back(database, backup)
    async with database.reading() as connection:
        empty = select(func.count()).where(revision.c.source.is_(None))
        assert await connection.scalar(empty) == 4
    await database.close()


async def test_numbers_go_on_after_those_that_were_restored(
    backup: bytes, database_url: str
) -> None:
    database = Database(database_url)
    await bring_back(database, backup)
    assert await HandedOverQuestions(database, Outbox(database)).add(1001, 6, "Und wo?", MOMENT)
    assert await Store(database).publish([an_entry("X")], author="A", reason="n", now=MOMENT) == 6
    await database.close()


async def test_a_backup_is_of_one_moment_while_writing_goes_on(database: Database) -> None:
    seeded = 3000
    async with database.writing() as connection:
        await connection.execute(insert(revision), [a_revision(n + 1) for n in range(seeded)])
        await connection.execute(insert(entry_version), [a_version(n + 1) for n in range(seeded)])
    written = seeded
    begun, done = asyncio.Event(), asyncio.Event()

    async def keep_writing() -> None:
        nonlocal written
        while not done.is_set():
            async with database.writing() as connection:
                await connection.execute(insert(revision), a_revision(written + 1))
                await connection.execute(insert(entry_version), a_version(written + 1))
            written += 1
            begun.set()

    writing = asyncio.create_task(keep_writing())
    await begun.wait()
    saved = await back_up(database)
    done.set()
    await writing
    rows = {name: summary.rows for name, summary in verify(io.BytesIO(saved)).tables.items()}
    assert rows["revision"] == rows["entry_version"]
    assert seeded < rows["revision"] < written


def a_revision(number: int) -> dict[str, Any]:
    given = {"author": "Amt", "origin": "edited", "reason": "neu"}
    return {"number": number, "created_at": MOMENT, **given}


def a_version(number: int) -> dict[str, Any]:
    return {"key": "A", "revision": number, "withdrawn": False, "content": {"key": "A"}}


@pytest.mark.parametrize("schema", schema_revisions())
async def test_a_backup_of_any_older_schema_is_restored_and_brought_up_to_date(
    database_url: str, other_database_url: str, schema: str
) -> None:
    database, other = Database(database_url), Database(other_database_url)
    async with database.changing_schema() as connection:
        await connection.run_sync(upgrade, schema)
    async with database.writing() as connection:
        row = {"chat_id": 7, "entry": "A", "expires_at": MOMENT}
        await connection.execute(insert(topic), row)
    saved = await back_up(database)
    assert verify(io.BytesIO(saved)).schema_revision == schema
    await bring_back(other, saved)
    assert await other.is_set_up()
    async with other.reading() as connection:
        (kept,) = (await connection.execute(select(topic))).mappings()
        assert dict(kept) == row | {"asked": ""}
    await database.close()
    await other.close()


async def test_questions_that_nobody_waits_for_any_more_stay_unanswered(
    backup: bytes, database_url: str
) -> None:
    database = Database(database_url)
    async with database.changing_schema() as connection:
        late = MOMENT + AWAITED + timedelta(hours=1)
        await connection.run_sync(restore, io.BytesIO(backup), now=late)
    async with database.reading() as connection:
        kept = await connection.scalars(select(received_update.c.content))
        assert kept.all() == [None, None]
    await database.close()


async def test_nothing_is_restored_over_what_is_there(backup: bytes, database: Database) -> None:
    with pytest.raises(BackupError, match="the database is not empty"):
        await bring_back(database, backup)


async def test_an_empty_database_is_not_backed_up(database_url: str) -> None:
    database = Database(database_url)
    with pytest.raises(BackupError, match="the database is empty"):
        await back_up(database)
    await database.close()


async def test_a_newer_database_is_not_backed_up(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError, match="newer version of this program: update"):
        await back_up(database)


async def test_a_database_that_does_not_tell_its_version_is_not_taken_for_an_empty_one(
    database: Database,
) -> None:
    async with database.writing() as connection:
        await connection.execute(text("DELETE FROM alembic_version"))
    with pytest.raises(UnknownSchemaError):
        await back_up(database)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("DROP TABLE topic", "topic.asked, topic.chat_id, topic.entry, topic.expires_at"),
        ("ALTER TABLE chat DROP COLUMN reason", "chat.reason"),
        ("ALTER TABLE chat ADD COLUMN more TEXT", "chat.more"),
    ],
)
async def test_what_could_not_be_restored_is_not_backed_up(
    database: Database, change: str, named: str
) -> None:
    async with database.changing_schema() as connection:
        await connection.execute(text(change))
    with pytest.raises(BackupError) as caught:
        await back_up(database)
    assert f"({named}), and a backup could not be restored" in str(caught.value)


async def test_an_index_that_is_missing_is_there_again_after_restoring(
    database: Database, other_database_url: str
) -> None:
    async with database.changing_schema() as connection:
        await connection.execute(text("DROP INDEX ix_topic_expires_at"))
    other = Database(other_database_url)
    await bring_back(other, await back_up(database))
    async with other.reading() as connection:
        indexes = await connection.run_sync(lambda c: inspect(c).get_indexes("topic"))
    assert [index["name"] for index in indexes] == ["ix_topic_expires_at"]
    await other.close()


async def test_the_largest_file_that_waits_to_be_imported_comes_back(
    database: Database, other_database_url: str
) -> None:
    largest = bytes(MAX_BYTES)
    await Uploads(database).begin(7, "plan.xlsx", largest, Choices(), base=0, now=MOMENT)
    other = Database(other_database_url)
    await bring_back(other, await back_up(database))
    found = await Uploads(other).open(7, now=MOMENT)
    await other.close()
    assert found is not None
    assert found.content == largest


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_row_that_cannot_be_read_is_not_left_out(database: Database) -> None:
    async with database.writing() as connection:
        await connection.run_sync(fill)
        await connection.execute(text("UPDATE entry_version SET content = '{'"))
    with pytest.raises(BackupError, match="entry_version cannot be read: `massnahmenbot doctor`"):
        await back_up(database)


def without_end(backup: bytes) -> bytes:
    return backup[:-100]


def without_middle(backup: bytes) -> bytes:
    return backup[:500] + backup[600:]


def with_a_flipped_bit(backup: bytes) -> bytes:
    place = backup.index(b"tables/entry_version.jsonl") + 200
    return backup[:place] + bytes([backup[place] ^ 1]) + backup[place + 1 :]


def with_another_word(backup: bytes) -> bytes:
    files = parts(backup)
    name = "tables/entry_version.jsonl"
    return packed(files | {name: files[name].replace(b"Sprachkurse", b"Schwimmkurse", 1)})


def without_a_row(backup: bytes) -> bytes:
    files = parts(backup)
    name = "tables/revision.jsonl"
    return packed(files | {name: files[name].split(b"\n", 1)[1]})


def without_a_table(backup: bytes) -> bytes:
    files = parts(backup)
    del files["tables/member.jsonl"]
    return packed(files)


def with_a_stranger(backup: bytes) -> bytes:
    return packed(parts(backup) | {"../../etc/passwd": b"root"})


def of_another_format(backup: bytes) -> bytes:
    return with_manifest(backup, format=2, program="9.9")


def of_a_newer_schema(backup: bytes) -> bytes:
    return with_manifest(backup, schema_revision="9999", program="9.9")


def with_a_program_that_moves_the_cursor(backup: bytes) -> bytes:
    return with_manifest(backup, format=2, program="\x1b[2J")


def of_a_schema_by_nickname(backup: bytes) -> bytes:
    return with_manifest(backup, schema_revision="head")


def with_a_wild_manifest(backup: bytes) -> bytes:
    return packed(parts(backup) | {"manifest.json": b"[" * 100_000})


def without_manifest(backup: bytes) -> bytes:
    files = parts(backup)
    del files["manifest.json"]
    return packed(files)


def with_a_table_of_its_own(backup: bytes) -> bytes:
    return with_table(backup, "sqlite_sequence", b"{}\n")


def without_a_table_of_the_schema(backup: bytes) -> bytes:
    files = parts(backup)
    manifest = json.loads(files["manifest.json"])
    del manifest["tables"]["member"], files["tables/member.jsonl"]
    return packed(files | {"manifest.json": json.dumps(manifest).encode()})


def with_rows(table: str, *rows: object) -> Callable[[bytes], bytes]:
    lines = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    return lambda backup: with_table(backup, table, lines)


A_MEMBER = {"user_id": 1, "role": "admin", "label": "Ich", "since": MOMENT.isoformat()}
A_TOPIC = {"chat_id": 1, "entry": "A", "asked": "", "expires_at": MOMENT.isoformat()}
NO_ROW = "line 1 of table member is no row of that table"
NOT_TAKEN = "the database does not take the rows of table"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda _: b"", "the file is no backup, or was damaged or cut short"),
        (lambda _: b"SQLite format 3\0" * 100, "the file is no backup, or was damaged or cut"),
        (without_end, "the file is no backup, or was damaged or cut short"),
        (without_middle, "the file is no backup, or was damaged or cut short"),
        (with_a_flipped_bit, "the file is no backup, or was damaged or cut short"),
        (without_manifest, "the file is no backup, or was damaged or cut short"),
        (with_a_wild_manifest, "the file is no backup of this program, or was changed"),
        (with_another_word, "table entry_version is not as it was written"),
        (without_a_row, "table revision is not as it was written"),
        (without_a_table, "the file holds other parts than its manifest says"),
        (with_a_stranger, "the file holds other parts than its manifest says"),
        (of_another_format, "a newer version of this program (9.9): update the program"),
        (of_a_newer_schema, "a newer version of this program (9.9): update the program"),
        (of_a_schema_by_nickname, "update the program"),
        (with_a_program_that_moves_the_cursor, "no backup of this program, or was changed"),
        (with_a_table_of_its_own, "the backup has not the tables of its schema: sqlite_sequence"),
        (without_a_table_of_the_schema, "the backup has not the tables of its schema: member"),
        (with_rows("member", A_MEMBER | {"token": "x"}), NO_ROW),
        (with_rows("member", {"user_id": 1}), NO_ROW),
        (with_rows("member", [1]), NO_ROW),
        (with_rows("member", A_MEMBER | {"user_id": "1"}), NO_ROW),
        (with_rows("member", A_MEMBER | {"user_id": True}), NO_ROW),
        (with_rows("member", A_MEMBER | {"user_id": 2**63}), NO_ROW),
        (with_rows("member", A_MEMBER | {"since": 5}), NO_ROW),
        (with_rows("member", A_MEMBER | {"since": "gestern"}), NO_ROW),
        (with_rows("member", A_MEMBER | {"label": "x" * 41}), NO_ROW),
        (with_rows("member", A_MEMBER | {"label": None}), f"{NOT_TAKEN} member"),
        (with_rows("member", A_MEMBER | {"since": "2025-01-01T00:00:00"}), f"{NOT_TAKEN} member"),
        (with_rows("topic", A_TOPIC, A_TOPIC), f"{NOT_TAKEN} topic"),
        (lambda b: with_table(b, "member", b"{"), "table member has a line without end"),
        (lambda b: with_table(b, "member", b"{\n"), NO_ROW),
        (lambda b: with_table(b, "member", b"[" * 100_000 + b"\n"), NO_ROW),
        (lambda b: with_table(b, "member", b"\xff\n"), NO_ROW),
    ],
)
async def test_what_is_no_sound_backup_is_refused_and_leaves_nothing_behind(
    backup: bytes, database_url: str, change: Callable[[bytes], bytes], sentence: str
) -> None:
    database = Database(database_url)
    with pytest.raises(BackupError, match=re.escape(sentence)):
        await bring_back(database, change(backup))
    async with database.reading() as connection:
        assert await connection.run_sync(lambda c: inspect(c).get_table_names()) == []
    await database.close()


@pytest.mark.parametrize(
    "change",
    [
        without_end,
        with_rows("member", A_MEMBER | {"label": None}),
        with_rows("topic", A_TOPIC, A_TOPIC),
        lambda backup: with_table(backup, "revision", b""),
    ],
)
async def test_a_failed_restoration_leaves_either_database_empty(
    backup: bytes, database_url: str, change: Callable[[bytes], bytes]
) -> None:
    database = Database(database_url)
    with pytest.raises(BackupError):
        await bring_back(database, change(backup))
    async with database.reading() as connection:
        assert await connection.run_sync(lambda c: inspect(c).get_table_names()) == []
    await bring_back(database, backup)
    await database.close()


@given(
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=4)), min_size=1),
    st.floats(0, 1),
)
@settings(max_examples=300, deadline=None)
def test_any_damage_is_noticed_or_harmless(
    backup: bytes, damages: list[tuple[float, bytes]], kept: float
) -> None:
    damaged = bytearray(backup[: round(len(backup) * max(kept, 0.01))])
    for place, damage in damages:
        start = int(place * len(damaged))
        damaged[start : start + len(damage)] = damage
    try:
        manifest = verify(io.BytesIO(bytes(damaged)))
    except BackupError:
        return
    assert manifest == verify(io.BytesIO(backup))
