"""Whether file, schema, values, references and counters are as the program needs them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Integer,
    LargeBinary,
    String,
    exists,
    func,
    inspect,
    literal_column,
    not_,
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
from knowledge.storage.database import (
    UNREADABLE,
    UnknownSchemaError,
    schema_revision,
    schema_revisions,
)
from knowledge.storage.tables import METADATA

_ROWS_AT_ONCE: Final = 500

_MOST_NAMED: Final = 3
"""Rows that are named of those with the same fault."""

_ROW_ID: Final[ColumnElement[int]] = literal_column("rowid")
"""By which SQLite finds any row, whatever stands in it."""

_TRIGGERS: Final = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
    "postgresql": "SELECT tgname, relname FROM pg_trigger JOIN pg_class c ON tgrelid = c.oid "
    "WHERE NOT tgisinternal AND pg_table_is_visible(c.oid) ORDER BY tgname",
}

_OF_CONTENT: Final = {"add_table", "add_column", "remove_column"}
"""Differences, as Alembic calls them, with which a backup could not be restored."""

_AS_FOUND: Final = {"add": "missing", "remove": "unknown", "modify": "other"}
"""What Alembic would do, as what is found."""

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
    known = schema_revisions()
    try:
        current = schema_revision(connection)
    except UnknownSchemaError:
        yield Finding(Fault.UNKNOWN_SCHEMA, "the database", f"the program has {known[0]}")
        return
    if current is None:
        yield Finding(Fault.NO_SCHEMA, "the database")
    elif current not in known:
        yield Finding(Fault.NEWER_SCHEMA, f"schema {current}")
    elif current != known[0]:
        yield Finding(Fault.OLDER_SCHEMA, f"schema {current}", f"the program has {known[0]}")
    else:
        options = {"compare_type": True, "include_object": _is_ours}
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, METADATA)
        # Lists hold what differs within a column; such a backup can be restored.
        kinds = {difference[0] for difference in differences if isinstance(difference, tuple)}
        fault = Fault.OTHER_TABLES if kinds & _OF_CONTENT else Fault.OTHER_SCHEMA
        for difference in differences:
            yield Finding(fault, "the database", _described(difference))
        yield from _other_conditions(connection)
        yield from _triggers(connection)


def _other_conditions(connection: Connection) -> Findings:
    """Indexes of a part of a table that are of all of it, or the other way round.

    Alembic does not look at that.
    """
    there = inspect(connection)
    where = f"{connection.dialect.name}_where"
    for table in METADATA.sorted_tables:
        if not there.has_table(table.name):
            continue
        made = {
            index["name"]: index.get("dialect_options", {})
            for index in there.get_indexes(table.name)
        }
        for index in table.indexes:
            is_partial = index.dialect_kwargs.get(where) is not None
            if index.name in made and is_partial is not (where in made[index.name]):
                detail = f"index {index.name} is of {'all' if is_partial else 'some'} rows"
                yield Finding(Fault.OTHER_SCHEMA, f"table {table.name}", detail)


def _triggers(connection: Connection) -> Findings:
    """Triggers on tables of the program, which has none."""
    found = connection.execute(text(_TRIGGERS[connection.dialect.name]))
    for name, table in found:
        if table in METADATA.tables:
            yield Finding(Fault.TRIGGER, f"table {table}", f"trigger {name}")


def current_schema(connection: Connection) -> str | None:
    """The schema's revision; None if there is none, or it cannot be told."""
    try:
        with connection.begin_nested():
            return schema_revision(connection)
    except (SQLAlchemyError, UnknownSchemaError):
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
    what, *where = map(str, named)
    change, _, kind = what.partition("_")
    return " ".join((_AS_FOUND[change], kind, *where))


def check_values(connection: Connection, _: Circumstances) -> Findings:
    """SQLite takes any value into any column; PostgreSQL does not."""
    if connection.dialect.name != "sqlite":
        return
    for table in METADATA.sorted_tables:
        for column in table.columns:
            rows = [*_wrongly_stored(connection, column), *_unreadable(connection, column)]
            if rows:
                place = f"table {table.name}, column {column.name}"
                named = ", ".join(map(str, rows[:_MOST_NAMED]))
                more = ", …" if len(rows) > _MOST_NAMED else ""
                detail = f"{count_of_rows(len(rows))}: rowid {named}{more}"
                yield Finding(Fault.UNREADABLE_VALUES, place, detail)


def _wrongly_stored(connection: Connection, column: Column[Any]) -> Iterable[int]:
    raw = _raw(column)
    wrong = select(_ROW_ID).where(raw.is_not(None), _misfits(raw, column))
    return connection.scalars(wrong.select_from(column.table))


def _unreadable(connection: Connection, column: Column[Any]) -> Iterator[int]:
    """Where texts are stored as they should be, and the program cannot read them all the same.

    They are taken as bytes, since one that is no UTF-8 would end the reading of all.
    """
    raw, kind = _raw(column), column.type.dialect_impl(connection.dialect)
    read = kind.result_processor(connection.dialect, None) or str
    texts = select(_ROW_ID, sql_cast(raw, LargeBinary)).select_from(column.table)
    texts = texts.where(func.typeof(raw) == "text", not_(_misfits(raw, column)))
    found = connection.execute(texts, execution_options={"yield_per": _ROWS_AT_ONCE})
    return (row for row, value in found if not _is_read(value, read))


def _is_read(value: bytes, read: Callable[[str], object]) -> bool:
    try:
        read(value.decode())
    except UNREADABLE:
        return False
    return True


def _raw(column: Column[Any]) -> ColumnElement[Any]:
    """What stands in a column, not as what it is meant."""
    return literal_column(f'"{column.name}"')


def _misfits(raw: ColumnElement[Any], column: Column[Any]) -> ColumnElement[bool]:
    """Whether what is stored is of another kind than what belongs into a column, or too long."""
    kind, stored = column.type, func.typeof(raw)
    match kind:
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
