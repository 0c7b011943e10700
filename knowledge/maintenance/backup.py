"""Everything in a database as one file, for either kind of database.

A backup is a zip archive: a manifest, and per table a file with one JSON object per row. Tables
are those of the schema at the revision that the database is at; a backup of an older schema is
restored as it was and then migrated like the database that it came from.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import IO, Annotated, Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Date,
    LargeBinary,
    MetaData,
    String,
    Table,
    Time,
    create_engine,
    event,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import DateTime

from knowledge.exchange.limits import MAX_BYTES
from knowledge.storage.database import UNREADABLE, known_schema_revision, schema_revisions, upgrade
from knowledge.storage.tables import UtcDateTime

FORMAT = 1
"""Version of the archive's layout; another one is not read."""

AWAITED = timedelta(days=1)
"""How long after it was asked an answer is still expected; what was unanswered for longer when a
backup is restored stays so."""

_MANIFEST = "manifest.json"
_LARGEST_MANIFEST = 1 << 20
"""Bytes."""

_LONGEST_LINE = 2 * MAX_BYTES
"""Bytes; the longest row is a file that waits to be imported, a third longer in plain letters.
A longer line would fill the memory for nothing."""

_DAMAGES = (
    *(BadZipFile, zlib.error, struct.error, EOFError),
    *(KeyError, ValueError, RuntimeError, OSError),
)
"""What reading a damaged or encrypted archive ends in, as a test with any damage found out."""

_ROWS_AT_ONCE = 500
_LARGEST_INTEGER = 2**63 - 1
_VERSION_TABLE = "alembic_version"


class BackupError(Exception):
    """A backup cannot be written or restored; the message says why in one sentence."""


class TableSummary(BaseModel):
    """What a backup holds of a table.

    Attributes:
        rows: How many rows.
        sha256: Hash of the table's file, in hexadecimal digits.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: Annotated[int, Field(ge=0)]
    sha256: str


class Manifest(BaseModel):
    """What a backup is.

    Attributes:
        format: Version of the archive's layout.
        schema_revision: Revision of the schema that its tables have.
        program: Version of the program that wrote it.
        created_at: Whose moment's state it holds.
        tables: By name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int
    schema_revision: str
    program: Annotated[str, Field(pattern=r"^[0-9A-Za-z.+-]{1,40}$")]
    created_at: AwareDatetime
    tables: dict[Annotated[str, Field(pattern=r"^[a-z_]{1,63}$")], TableSummary]

    @property
    def rows(self) -> int:
        """How many rows all tables have together."""
        return sum(table.rows for table in self.tables.values())


def write(connection: Connection, file: IO[bytes], *, program: str, now: datetime) -> Manifest:
    """Write a backup of everything that a transaction sees.

    Args:
        connection: From `Database.reading`, so that all tables are of one moment.
        file: An empty file.
        program: Version of this program.
        now: The present moment.

    Raises:
        BackupError: if the database is empty, has not the tables of its schema, or cannot be
            read.
        DatabaseError: if its schema is not known.
    """
    revision = known_schema_revision(connection)
    if revision is None:
        raise BackupError("the database is empty: there is nothing to back up")
    tables = _tables(connection, revision)
    with ZipFile(file, "w", compression=ZIP_DEFLATED) as archive:
        manifest = Manifest(
            format=FORMAT,
            schema_revision=revision,
            program=program,
            created_at=now,
            tables={
                table.name: _write_table(connection, archive, table, now)
                for table in tables.sorted_tables
            },
        )
        archive.writestr(_member(_MANIFEST, now), manifest.model_dump_json(indent=2))
    return manifest


def verify(file: IO[bytes]) -> Manifest:
    """Read a backup to its end and compare it with its manifest; no database is needed.

    Raises:
        BackupError: if it is none, is damaged, or is from a newer version of the program.
    """
    with _archive(file) as archive:
        manifest = _manifest(archive)
        for name, summary in manifest.tables.items():
            digest, rows = hashlib.sha256(), 0
            for line in _lines(archive, name):
                digest.update(line)
                rows += 1
            if (digest.hexdigest(), rows) != (summary.sha256, summary.rows):
                raise BackupError(f"the backup is damaged: table {name} is not as it was written")
    return manifest


def restore(connection: Connection, file: IO[bytes], *, now: datetime) -> Manifest:
    """Fill an empty database from a backup, and bring it to the newest schema.

    If that fails, the caller's transaction must be given up.

    Args:
        connection: From `Database.changing_schema`.
        file: The backup.
        now: The present moment.

    Raises:
        BackupError: if the backup cannot be used, or the database is not empty.
    """
    manifest = verify(file)
    if inspect(connection).get_table_names():
        raise BackupError("the database is not empty: a backup is restored into an empty one only")
    upgrade(connection, manifest.schema_revision)
    tables = _reflected(connection, _names(connection))
    if tables.tables.keys() != manifest.tables.keys():
        different = ", ".join(sorted(tables.tables.keys() ^ manifest.tables.keys()))
        raise BackupError(f"the backup has not the tables of its schema: {different}")
    with _archive(file) as archive:
        for table in tables.sorted_tables:
            _fill(connection, table, _rows(archive, table))
    _check_references(connection)
    _give_up_late(connection, tables.tables["received_update"], now)
    upgrade(connection)
    return manifest


def _tables(connection: Connection, revision: str) -> MetaData:
    """The tables of a database, if they can be restored: those that its migrations make.

    Raises:
        BackupError: if a table or column is missing, or one was added.
    """
    engine = create_engine("sqlite://")
    with engine.begin() as scratch:
        upgrade(scratch, revision)
        made = _reflected(scratch, _names(scratch))
    engine.dispose()
    there = _reflected(connection, made.tables.keys() & _names(connection))
    different = _columns(made) ^ _columns(there)
    if different:
        raise BackupError(
            f"its tables are not those of schema {revision} ({', '.join(sorted(different))}), and "
            "a backup could not be restored: `massnahmenbot doctor` says what to do"
        )
    return there


def _names(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {_VERSION_TABLE}


def _columns(tables: MetaData) -> set[str]:
    return {str(column) for table in tables.tables.values() for column in table.columns}


def _reflected(connection: Connection, names: Iterable[str]) -> MetaData:
    """Tables as the database has them, at whatever revision, with the program's own types."""
    tables = MetaData()

    @event.listens_for(tables, "column_reflect")
    def exchange(_inspector: object, _table: object, column: ReflectedColumn) -> None:
        kind = column["type"]
        if isinstance(kind, DateTime):
            column["type"] = UtcDateTime()
        elif isinstance(kind, JSON):
            column["type"] = type(kind)(none_as_null=True)

    tables.reflect(connection, only=sorted(names))
    return tables


def _write_table(
    connection: Connection, archive: ZipFile, table: Table, now: datetime
) -> TableSummary:
    digest, count = hashlib.sha256(), 0
    # In the order of the key, what refers to rows of the same table comes after them.
    wanted = select(table).order_by(*table.primary_key)
    try:
        with archive.open(_member(_file(table.name), now), "w", force_zip64=True) as file:
            result = connection.execute(wanted, execution_options={"yield_per": _ROWS_AT_ONCE})
            for row in result.mappings():
                line = _line(row)
                file.write(line)
                digest.update(line)
                count += 1
    except (SQLAlchemyError, *UNREADABLE) as exc:
        raise BackupError(
            f"table {table.name} cannot be read: `massnahmenbot doctor` says what is wrong"
        ) from exc
    return TableSummary(rows=count, sha256=digest.hexdigest())


def _line(row: Mapping[Any, object]) -> bytes:
    """A row as it is written.

    Raises:
        ValueError: if it could not be read back.
    """
    plain = {name: _plain(value) for name, value in row.items()}
    line = json.dumps(plain, separators=(",", ":")).encode() + b"\n"
    if len(line) > _LONGEST_LINE:
        raise ValueError("a longer row than any that the program writes")
    return line


def _member(name: str, now: datetime) -> ZipInfo:
    info = ZipInfo(name, now.timetuple()[:6])
    info.compress_type = ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


def _file(table: str) -> str:
    return f"tables/{table}.jsonl"


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value.isoformat() if isinstance(value, date | time) else value


def _archive(file: IO[bytes]) -> ZipFile:
    file.seek(0)
    with _whole():
        archive = ZipFile(file)
        if any(part.compress_type != ZIP_DEFLATED for part in archive.infolist()):
            raise BadZipFile
        return archive


@contextmanager
def _whole() -> Iterator[None]:
    """Whatever is wrong with an archive that is read is a sentence."""
    try:
        yield
    except _DAMAGES as exc:
        raise BackupError("the file is no backup, or was damaged or cut short") from exc


def _manifest(archive: ZipFile) -> Manifest:
    with _whole(), archive.open(_MANIFEST) as file:
        content = file.read(_LARGEST_MANIFEST)
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError as exc:
        raise BackupError("the file is no backup of this program, or was changed") from exc
    if manifest.format != FORMAT or manifest.schema_revision not in schema_revisions():
        raise BackupError(
            f"the backup was written by a newer version of this program ({manifest.program}): "
            "update the program"
        )
    expected = [_MANIFEST, *map(_file, manifest.tables)]
    if sorted(archive.namelist()) != sorted(expected):
        raise BackupError("the file holds other parts than its manifest says")
    return manifest


def _lines(archive: ZipFile, table: str) -> Iterator[bytes]:
    with _whole(), archive.open(_file(table)) as file:
        while line := file.readline(_LONGEST_LINE):
            if not line.endswith(b"\n"):
                raise BackupError(f"the backup is damaged: table {table} has a line without end")
            yield line


def _rows(archive: ZipFile, table: Table) -> Iterator[dict[str, object]]:
    for number, line in enumerate(_lines(archive, table.name), start=1):
        try:
            yield _row(line, table)
        except (ValueError, TypeError, AttributeError, RecursionError) as exc:
            raise BackupError(
                f"line {number} of table {table.name} is no row of that table"
            ) from exc


def _row(line: bytes, table: Table) -> dict[str, object]:
    columns = {column.name: column for column in table.columns}
    row = json.loads(line)
    if row.keys() != columns.keys():
        raise ValueError("other columns")
    return {name: _value(columns[name], value) for name, value in row.items()}


def _value(column: Column[Any], value: Any) -> object:  # noqa: ANN401 (whatever JSON holds)
    """A value as its column takes it.

    Raises:
        ValueError, TypeError: if it belongs into no such column.
    """
    kind = column.type
    if value is None or isinstance(kind, JSON):
        return value
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, Time):
        return time.fromisoformat(value)
    if isinstance(kind, LargeBinary):
        return b64decode(value, validate=True)
    if type(value) is not kind.python_type:
        raise TypeError("another type")
    if isinstance(value, int) and abs(value) > _LARGEST_INTEGER:
        raise ValueError("too large")
    if isinstance(kind, String) and kind.length and len(value) > kind.length:
        raise ValueError("too long")
    return value


def _fill(connection: Connection, table: Table, rows: Iterator[dict[str, object]]) -> None:
    try:
        while some := list(islice(rows, _ROWS_AT_ONCE)):
            connection.execute(insert(table), some)
        if connection.dialect.name == "postgresql":
            for column in table.primary_key:
                # Numbers that the database draws go on after those that were restored.
                counter = func.pg_get_serial_sequence(table.name, column.name)
                last = select(func.max(column)).scalar_subquery()
                if column.server_default is not None:
                    connection.execute(select(func.setval(counter, last)))
    except (SQLAlchemyError, ValueError) as exc:
        # The error itself may quote what people wrote.
        raise BackupError(f"the database does not take the rows of table {table.name}") from exc


def _check_references(connection: Connection) -> None:
    """Enforce what SQLite does not while the schema is being changed."""
    if connection.dialect.name == "sqlite":
        dangling = connection.execute(text("PRAGMA foreign_key_check")).first()
        if dangling is not None:
            raise BackupError(f"rows of table {dangling[0]} refer to rows that are not there")


def _give_up_late(connection: Connection, received: Table, now: datetime) -> None:
    """Erase received updates that nobody expects to be answered any more."""
    late = received.c.received_at < now - AWAITED
    connection.execute(update(received).where(late).values(content=None))
