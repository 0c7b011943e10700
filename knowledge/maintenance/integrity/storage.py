"""Whether file, schema, values, references and counters are as the program needs them."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    Integer,
    LargeBinary,
    String,
    Time,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import REGCLASS
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.schema import SchemaItem

from knowledge.maintenance.integrity.findings import (
    Circumstances,
    Fault,
    Finding,
    Findings,
    count_of_rows,
)
from knowledge.storage.database import schema_revision, schema_revisions
from knowledge.storage.tables import (
    METADATA,
    UtcDateTime,
)

_NAMED = (str, SchemaItem)
"""What names something in a difference that Alembic finds."""


def check_file(connection: Connection, _: Circumstances) -> Findings:
    """SQLite's own check of its file."""
    if connection.dialect.name != "sqlite":
        return
    try:
        lines = connection.scalars(text("PRAGMA integrity_check")).all()
    except DBAPIError as exc:
        lines = [str(exc.orig)]
    for line in lines:
        if line != "ok":
            yield Finding(Fault.DAMAGED_FILE, "the database file", line)


def check_schema(connection: Connection, _: Circumstances) -> Findings:
    """Whether the schema is the one of this program, with every table, column and index."""
    current, known = schema_revision(connection), schema_revisions()
    if current is None:
        yield Finding(Fault.NO_SCHEMA, "the database")
    elif current not in known:
        yield Finding(Fault.NEWER_SCHEMA, f"schema {current}")
    elif current != known[0]:
        yield Finding(Fault.OLDER_SCHEMA, f"schema {current}", f"the program has {known[0]}")
    else:
        options = {"compare_type": True, "include_object": _is_ours}
        context = MigrationContext.configure(connection, opts=options)
        for difference in compare_metadata(context, METADATA):
            yield Finding(Fault.OTHER_SCHEMA, "the database", _described(difference))


def current_schema(connection: Connection) -> str | None:
    """The schema's revision; None if there is none, or it cannot be read."""
    try:
        with connection.begin_nested():
            return schema_revision(connection)
    except SQLAlchemyError:
        return None


def _is_ours(
    _item: SchemaItem, name: str | None, kind: str, _reflected: bool, _like: SchemaItem | None
) -> bool:
    """Tables of others in the same database are none of our business."""
    return kind != "table" or name in METADATA.tables


def _described(difference: Any) -> str:  # noqa: ANN401 (tuples and lists of Alembic's)
    if isinstance(difference, list):
        return "; ".join(map(_described, difference))
    named = (getattr(part, "name", part) for part in difference if isinstance(part, _NAMED))
    return " ".join(map(str, named)).replace("_", " ", 1)


def check_values(connection: Connection, _: Circumstances) -> Findings:
    """SQLite takes any value into any column; PostgreSQL does not."""
    if connection.dialect.name != "sqlite":
        return
    for table in METADATA.sorted_tables:
        for column in table.columns:
            raw: ColumnElement[Any] = literal_column(f'"{column.name}"')
            wrong = select(func.count()).select_from(table)
            wrong = wrong.where(raw.is_not(None), _wrong(raw, column))
            count = connection.scalar(wrong)
            if count:
                place = f"table {table.name}, column {column.name}"
                yield Finding(Fault.UNREADABLE_VALUES, place, count_of_rows(count))


def _wrong(raw: ColumnElement[Any], column: Column[Any]) -> ColumnElement[bool]:
    kind, stored = column.type, func.typeof(raw)
    match kind:
        case UtcDateTime() | Date():
            return or_(stored != "text", func.datetime(raw).is_(None))
        case Time():
            return or_(stored != "text", func.time(raw).is_(None))
        case LargeBinary():
            return stored != "blob"
        case JSON():
            return func.json_valid(raw) == 0
        case Boolean():
            return raw.not_in([0, 1])
        case Integer():
            return stored != "integer"
        case String(length=length) if length:
            return or_(stored != "text", func.length(raw) > length)
        case _:
            return stored != "text"


def check_references(connection: Connection, _: Circumstances) -> Findings:
    """Whether rows refer to rows that are there; SQLite enforces that only if it is asked to."""
    for table in METADATA.sorted_tables:
        for key in table.foreign_keys:
            aim = key.column.table.alias()
            there = exists().where(aim.c[key.column.name] == key.parent)
            lost = select(func.count()).where(key.parent.is_not(None), ~there)
            count = connection.scalar(lost.select_from(table))
            if count:
                place = f"table {table.name}, column {key.parent.name}"
                yield Finding(Fault.DANGLING_REFERENCE, place, count_of_rows(count))


def check_counters(connection: Connection, _: Circumstances) -> Findings:
    """Whether the next numbers that PostgreSQL draws are free."""
    if connection.dialect.name != "postgresql":
        return
    for table in METADATA.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            sequence = sql_cast(func.pg_get_serial_sequence(table.name, column.name), REGCLASS)
            last = select(func.coalesce(func.pg_sequence_last_value(sequence), 0))
            if (connection.scalar(select(func.max(column))) or 0) > connection.scalar(last):
                yield Finding(Fault.COUNTER_BEHIND, f"table {table.name}")
