"""What can be wrong with a database, and how that is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from pydantic import BaseModel
from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    func,
    select,
)

from knowledge.snapshot import Snapshot


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
    UNKNOWN_SCHEMA = "unknown_schema"
    OTHER_TABLES = "other_tables"
    OTHER_SCHEMA = "other_schema"
    TRIGGER = "trigger"
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
    NOT_LOADED = "not_loaded"
    OTHER_SNAPSHOT = "other_snapshot"
    STUCK_UPDATES = "stuck_updates"
    UNREADABLE_DRAFT = "unreadable_draft"
    UNKNOWN_STATE = "unknown_state"
    NOT_ERASED = "not_erased"
    UNKNOWN_ROLE = "unknown_role"
    SAME_LABEL = "same_label"
    NOT_REMOVED = "not_removed"
    UNKNOWN_KIND = "unknown_kind"
    NEITHER_OPEN_NOR_DONE = "neither_open_nor_done"
    SENT_UNSEEN = "sent_unseen"
    NOT_SENT = "not_sent"
    UNREADABLE_SUBSCRIPTION = "unreadable_subscription"
    SUBSCRIBED_UNKNOWN = "subscribed_unknown"
    UNREADABLE_SETTINGS = "unreadable_settings"
    PLANNER_AHEAD = "planner_ahead"
    OTHER_PLANNER = "other_planner"


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


def read(model: type[M], content: str) -> M | None:
    """A value from its JSON; None if it is none."""
    try:
        return model.model_validate(json.loads(content))
    except (ValueError, RecursionError):
        return None


def counted(
    connection: Connection, fault: Fault, table: Table, wrong: ColumnElement[bool]
) -> Findings:
    """One finding for all rows of a table that are wrong in the same way."""
    count = connection.scalar(select(func.count()).select_from(table).where(wrong))
    if count:
        yield Finding(fault, f"table {table.name}", count_of_rows(count))


def count_of_rows(count: int) -> str:
    """A number of rows, in words."""
    return "1 row" if count == 1 else f"{count} rows"
