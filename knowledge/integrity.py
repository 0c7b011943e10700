"""Whether a database is in order: what nothing should be able to bring about, and yet happens.

Disks fail, files are copied while they are written, somebody means well with SQL. Checks read
everything as text and trust nothing, so that they work where the program itself gives up.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from pydantic import BaseModel, RootModel
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    Integer,
    Row,
    String,
    Table,
    Text,
    Time,
    and_,
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

from knowledge.consistency import find_problems
from knowledge.database import schema_revision, schema_revisions
from knowledge.drafts import Content, DraftState
from knowledge.entries import Entry, Source
from knowledge.outbox import NoticeKind, NoticeState
from knowledge.people import Role
from knowledge.snapshot import Snapshot, natural
from knowledge.store import Origin
from knowledge.subscriptions import Interest, Pace, Scope
from knowledge.tables import (
    METADATA,
    UtcDateTime,
    asked_question,
    chat_settings,
    draft,
    entry_version,
    feedback,
    invitation,
    member,
    outbox,
    planner,
    received_update,
    revision,
    subscription,
    topic,
)

STUCK = timedelta(hours=1)
"""What was taken up that long ago and is not done will not be: attempts take minutes."""

OVERDUE = timedelta(days=3)
"""A notice that could have been sent for so long has outlived a weekend without the bot."""

LONG_AGO = timedelta(days=1)
"""What expired before that should be gone: housekeeping comes every hour."""


class Area(StrEnum):
    """What belongs together when a database is checked."""

    FILE = "file"
    SCHEMA = "schema"
    VALUES = "values"
    REFERENCES = "references"
    COUNTERS = "counters"
    REVISIONS = "revisions"
    ENTRIES = "entries"
    SNAPSHOT = "snapshot"
    UPDATES = "updates"
    DRAFTS = "drafts"
    PEOPLE = "people"
    EXPIRY = "expiry"
    NOTICES = "notices"
    SUBSCRIPTIONS = "subscriptions"


class Fault(StrEnum):
    """What can be wrong."""

    NOT_USABLE = "not_usable"
    CHECK_FAILED = "check_failed"
    DAMAGED_FILE = "damaged_file"
    NO_SCHEMA = "no_schema"
    OLDER_SCHEMA = "older_schema"
    NEWER_SCHEMA = "newer_schema"
    OTHER_SCHEMA = "other_schema"
    UNREADABLE_VALUES = "unreadable_values"
    DANGLING_REFERENCE = "dangling_reference"
    COUNTER_BEHIND = "counter_behind"
    MISSING_REVISIONS = "missing_revisions"
    EMPTY_REVISION = "empty_revision"
    UNKNOWN_ORIGIN = "unknown_origin"
    UNREADABLE_SOURCE = "unreadable_source"
    UNDOES_LATER = "undoes_later"
    UNREADABLE_ENTRY = "unreadable_entry"
    OTHER_KEY = "other_key"
    WITHDRAWN_UNKNOWN = "withdrawn_unknown"
    INCONSISTENT = "inconsistent"
    OTHER_SNAPSHOT = "other_snapshot"
    STUCK_UPDATES = "stuck_updates"
    UNREADABLE_DRAFT = "unreadable_draft"
    UNKNOWN_STATE = "unknown_state"
    NOT_ERASED = "not_erased"
    UNKNOWN_ROLE = "unknown_role"
    NOT_REMOVED = "not_removed"
    UNKNOWN_KIND = "unknown_kind"
    NEITHER_OPEN_NOR_DONE = "neither_open_nor_done"
    SENT_UNSEEN = "sent_unseen"
    NOT_SENT = "not_sent"
    UNREADABLE_SUBSCRIPTION = "unreadable_subscription"
    SUBSCRIBED_UNKNOWN = "subscribed_unknown"
    UNREADABLE_SETTINGS = "unreadable_settings"
    PLANNER_AHEAD = "planner_ahead"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong.

    Attributes:
        fault: What.
        where: The table, or the row by its key.
        detail: What exactly, in English; empty where the fault says it all.
    """

    fault: Fault
    where: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a database is held against.

    Attributes:
        now: The present moment.
        question_days: How many days questions are kept.
        rating_days: How many days ratings are kept.
        snapshot: The knowledge base as the program loads it; None if it cannot.
    """

    now: datetime
    question_days: int
    rating_days: int
    snapshot: Snapshot | None


Findings = Iterator[Finding]
Check = Callable[[Connection, Circumstances], Findings]
M = TypeVar("M", bound=BaseModel)


def examine(
    connection: Connection, circumstances: Circumstances
) -> Iterator[tuple[Area, list[Finding]]]:
    """Check a database; a check that fails does not keep the others from running.

    Args:
        connection: From `Database.reading`.
        circumstances: What the database is held against.

    Yields:
        Each area that was checked, with what was found. What can be checked at the newest
        schema only is left out for any other.
    """
    for area, check in _CHECKS_OF_ANY_SCHEMA.items():
        yield area, _run(area, check, connection, circumstances)
    if _current_schema(connection) == schema_revisions()[0]:
        for area, check in _CHECKS.items():
            yield area, _run(area, check, connection, circumstances)


def _run(
    area: Area,
    check: Check,
    connection: Connection,
    circumstances: Circumstances,
) -> list[Finding]:
    found = []
    try:
        with connection.begin_nested():
            for finding in check(connection, circumstances):
                found.append(finding)  # noqa: PERF402 (what was found before a failure counts)
    except (SQLAlchemyError, ValueError) as exc:
        reason = getattr(exc, "orig", None) or exc
        found.append(Finding(Fault.CHECK_FAILED, area, str(reason).partition("\n")[0]))
    return found


def _damaged(connection: Connection, _: Circumstances) -> Findings:
    if connection.dialect.name != "sqlite":
        return
    try:
        lines = connection.scalars(text("PRAGMA integrity_check")).all()
    except DBAPIError as exc:
        lines = [str(exc.orig)]
    for line in lines:
        if line != "ok":
            yield Finding(Fault.DAMAGED_FILE, "the database file", line)


def _schema(connection: Connection, _: Circumstances) -> Findings:
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


def _current_schema(connection: Connection) -> str | None:
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


_NAMED = (str, SchemaItem)


def _values(connection: Connection, _: Circumstances) -> Findings:
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
                yield Finding(Fault.UNREADABLE_VALUES, place, _rows(count))


def _wrong(raw: ColumnElement[Any], column: Column[Any]) -> ColumnElement[bool]:
    kind, stored = column.type, func.typeof(raw)
    match kind:
        case UtcDateTime() | Date():
            return or_(stored != "text", func.datetime(raw).is_(None))
        case Time():
            return or_(stored != "text", func.time(raw).is_(None))
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


def _references(connection: Connection, _: Circumstances) -> Findings:
    for table in METADATA.sorted_tables:
        for key in table.foreign_keys:
            aim = key.column.table.alias()
            there = exists().where(aim.c[key.column.name] == key.parent)
            lost = select(func.count()).where(key.parent.is_not(None), ~there)
            count = connection.scalar(lost.select_from(table))
            if count:
                place = f"table {table.name}, column {key.parent.name}"
                yield Finding(Fault.DANGLING_REFERENCE, place, _rows(count))


def _counters(connection: Connection, _: Circumstances) -> Findings:
    if connection.dialect.name != "postgresql":
        return
    for table in METADATA.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            sequence = sql_cast(func.pg_get_serial_sequence(table.name, column.name), REGCLASS)
            last = select(func.coalesce(func.pg_sequence_last_value(sequence), 0))
            if (connection.scalar(select(func.max(column))) or 0) > connection.scalar(last):
                yield Finding(Fault.COUNTER_BEHIND, f"table {table.name}")


def _revisions(connection: Connection, _: Circumstances) -> Findings:
    rows = connection.execute(
        select(
            revision.c.number,
            revision.c.origin,
            sql_cast(revision.c.source, Text).label("source"),
            revision.c.undoes,
            exists().where(entry_version.c.revision == revision.c.number).label("holds"),
        ).order_by(revision.c.number)
    )
    expected = 1
    for row in rows:
        place = f"revision {row.number}"
        if row.number > expected:
            last = row.number - 1
            gap = f"revision {expected}" if last == expected else f"revisions {expected} to {last}"
            yield Finding(Fault.MISSING_REVISIONS, gap)
        expected = row.number + 1
        if not row.holds:
            yield Finding(Fault.EMPTY_REVISION, place)
        if row.origin not in set(Origin):
            yield Finding(Fault.UNKNOWN_ORIGIN, place, f"{row.origin!r}")
        if row.source is not None and _read(Source, row.source) is None:
            yield Finding(Fault.UNREADABLE_SOURCE, place)
        if row.undoes is not None and row.undoes >= row.number:
            yield Finding(Fault.UNDOES_LATER, place, f"it takes back revision {row.undoes}")


@dataclass(frozen=True, slots=True)
class _Version:
    """A row of `entry_version`; without an entry if that cannot be read."""

    key: str
    revision: int
    withdrawn: bool
    entry: Entry | None

    @property
    def place(self) -> str:
        return f"entry {self.key} in revision {self.revision}"


def _entries(connection: Connection, _: Circumstances) -> Findings:
    there: dict[str, Entry | None] = {}
    for version in _versions(connection):
        if version.entry is None:
            yield Finding(Fault.UNREADABLE_ENTRY, version.place)
        elif version.entry.key != version.key:
            yield Finding(Fault.OTHER_KEY, version.place, f"it calls itself {version.entry.key}")
        if not version.withdrawn:
            there[version.key] = version.entry
        elif version.key in there:
            del there[version.key]
        else:
            yield Finding(Fault.WITHDRAWN_UNKNOWN, version.place)
    for problem in find_problems(entry for entry in there.values() if entry is not None):
        yield Finding(Fault.INCONSISTENT, f"entry {problem.entry}", problem.text)


def _snapshot(connection: Connection, circumstances: Circumstances) -> Findings:
    loaded = circumstances.snapshot
    if loaded is None:
        yield Finding(Fault.OTHER_SNAPSHOT, "the knowledge base", "it cannot be loaded at all")
        return
    replayed: dict[str, Entry | None] = {}
    withdrawn: set[str] = set()
    for version in _versions(connection):
        # What was published since it was loaded is not in it.
        if version.revision <= loaded.revision:
            replayed.pop(version.key, None)
            withdrawn.discard(version.key)
            if version.withdrawn:
                withdrawn.add(version.key)
            else:
                replayed[version.key] = version.entry
    different = {
        *(
            key
            for key in replayed.keys() | loaded.entries.keys()
            if replayed.get(key) != loaded.entries.get(key)
        ),
        *(withdrawn ^ loaded.withdrawn),
    }
    for key in sorted(different, key=natural):
        yield Finding(Fault.OTHER_SNAPSHOT, f"entry {key}")


def _read(model: type[M], content: str) -> M | None:
    """A value from its JSON; None if it is none."""
    try:
        return model.model_validate(json.loads(content))
    except (ValueError, RecursionError):
        return None


def _versions(connection: Connection) -> list[_Version]:
    """All versions of all entries, in the order in which they were published."""
    rows = connection.execute(
        select(
            entry_version.c.key,
            entry_version.c.revision,
            entry_version.c.withdrawn,
            sql_cast(entry_version.c.content, Text).label("content"),
        ).order_by(entry_version.c.revision, entry_version.c.key)
    )
    return [
        _Version(row.key, row.revision, bool(row.withdrawn), _read(Entry, row.content))
        for row in rows
    ]


def _updates(connection: Connection, circumstances: Circumstances) -> Findings:
    yield from _counted(
        connection,
        Fault.STUCK_UPDATES,
        received_update,
        and_(
            received_update.c.content.is_not(None),
            received_update.c.received_at < circumstances.now - STUCK,
        ),
    )


def _drafts(connection: Connection, _: Circumstances) -> Findings:
    content = sql_cast(draft.c.content, Text).label("content")
    for row in connection.execute(select(draft.c.id, draft.c.state, content).order_by(draft.c.id)):
        place = f"draft {row.id}"
        if row.state not in set(DraftState):
            yield Finding(Fault.UNKNOWN_STATE, place, f"{row.state!r}")
        elif row.state != DraftState.OPEN:
            if row.content is not None:
                yield Finding(Fault.NOT_ERASED, place)
        elif row.content is None or _read(Content, row.content) is None:
            yield Finding(Fault.UNREADABLE_DRAFT, place)


def _people(connection: Connection, _: Circumstances) -> Findings:
    for table, name in (member, member.c.user_id), (invitation, invitation.c.id):
        for row in connection.execute(select(name.label("name"), table.c.role).order_by(name)):
            if row.role not in set(Role):
                place = f"{table.name} {row.name}"
                yield Finding(Fault.UNKNOWN_ROLE, place, f"{row.role!r}")


def _expiry(connection: Connection, circumstances: Circumstances) -> Findings:
    moment = circumstances.now - LONG_AGO
    oldest_question = moment - timedelta(days=circumstances.question_days)
    oldest_rating = (moment - timedelta(days=circumstances.rating_days)).date()
    limits: dict[Column[Any], datetime | date] = {
        topic.c.expires_at: moment,
        invitation.c.expires_at: moment,
        draft.c.expires_at: moment,
        asked_question.c.asked_at: oldest_question,
        feedback.c.given_on: oldest_rating,
    }
    for column, limit in limits.items():
        yield from _counted(connection, Fault.NOT_REMOVED, column.table, column < limit)


def _notices(connection: Connection, circumstances: Circumstances) -> Findings:
    columns = outbox.c
    rows = connection.execute(
        select(columns.id, columns.kind, columns.state).where(
            columns.kind.not_in(list(NoticeKind)) | columns.state.not_in(list(NoticeState))
        )
    )
    for row in rows:
        known = row.state in set(NoticeState)
        fault = Fault.UNKNOWN_KIND if known else Fault.UNKNOWN_STATE
        yield Finding(fault, f"notice {row.id}", f"{row.kind if known else row.state!r}")
    done = columns.state.in_([NoticeState.SENT, NoticeState.DROPPED, NoticeState.FAILED])
    waiting, claimed = columns.state == NoticeState.WAITING, columns.state == NoticeState.CLAIMED
    wrong = {
        Fault.NEITHER_OPEN_NOR_DONE: or_(
            done & columns.due_at.is_not(None), (waiting | claimed) & columns.due_at.is_(None)
        ),
        Fault.SENT_UNSEEN: (columns.state == NoticeState.SENT) & columns.message_id.is_(None),
        Fault.NOT_SENT: or_(
            claimed & (columns.due_at < circumstances.now - STUCK),
            waiting & (columns.due_at < circumstances.now - OVERDUE),
        ),
    }
    for fault, condition in wrong.items():
        yield from _counted(connection, fault, outbox, condition)


def _subscriptions(connection: Connection, _: Circumstances) -> Findings:
    columns = subscription.c
    known = exists().where(entry_version.c.key == columns.entry)
    interests = sql_cast(columns.interests, Text).label("interests")
    rows = connection.execute(
        select(columns.id, columns.scope, columns.entry, interests, known.label("known"))
    )
    for row in rows:
        place = f"subscription {row.id}"
        if row.scope not in set(Scope) or _read(_Interests, row.interests) is None:
            yield Finding(Fault.UNREADABLE_SUBSCRIPTION, place)
        # What was withdrawn may come back; what there never was will not.
        if row.entry and not row.known:
            yield Finding(Fault.SUBSCRIBED_UNKNOWN, place, row.entry)
    for chat in connection.execute(select(chat_settings)):
        if not _usable(chat):
            yield Finding(Fault.UNREADABLE_SETTINGS, f"chat {chat.chat_id}")
    newest = connection.scalar(select(func.max(revision.c.number))) or 0
    for number in connection.scalars(select(planner.c.revision)):
        if number > newest:
            detail = f"it is at {number}, the newest revision is {newest}"
            yield Finding(Fault.PLANNER_AHEAD, "the planner", detail)


class _Interests(RootModel[list[Interest]]):
    """What a subscription is interested in."""


def _usable(row: Row[*tuple[Any, ...]]) -> bool:
    try:
        ZoneInfo(row.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return row.pace in set(Pace) and row.hour in range(24) and row.weekday in range(7)


_CHECKS_OF_ANY_SCHEMA: Mapping[Area, Check] = {Area.FILE: _damaged, Area.SCHEMA: _schema}
_CHECKS: Mapping[Area, Check] = {
    Area.VALUES: _values,
    Area.REFERENCES: _references,
    Area.COUNTERS: _counters,
    Area.REVISIONS: _revisions,
    Area.ENTRIES: _entries,
    Area.SNAPSHOT: _snapshot,
    Area.UPDATES: _updates,
    Area.DRAFTS: _drafts,
    Area.PEOPLE: _people,
    Area.EXPIRY: _expiry,
    Area.NOTICES: _notices,
    Area.SUBSCRIPTIONS: _subscriptions,
}
"""What is checked in a database of the newest schema."""


def _counted(
    connection: Connection, fault: Fault, table: Table, wrong: ColumnElement[bool]
) -> Findings:
    count = connection.scalar(select(func.count()).select_from(table).where(wrong))
    if count:
        yield Finding(fault, f"table {table.name}", _rows(count))


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"
