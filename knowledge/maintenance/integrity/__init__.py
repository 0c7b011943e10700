"""Whether a database is in order: what nothing should be able to bring about, and yet happens.

Disks fail, files are copied while they are written, somebody means well with SQL. Checks read
everything as text and trust nothing, so that they work where the program itself gives up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from knowledge.maintenance.integrity import history, storage, transients
from knowledge.maintenance.integrity.findings import Area, Check, Circumstances, Fault, Finding
from knowledge.storage.database import UNREADABLE, schema_revisions

_CHECKS_OF_ANY_SCHEMA: Mapping[Area, Check] = {
    Area.FILE: storage.check_file,
    Area.SCHEMA: storage.check_schema,
}
_CHECKS: Mapping[Area, Check] = {
    Area.VALUES: storage.check_values,
    Area.REFERENCES: storage.check_references,
    Area.COUNTERS: storage.check_counters,
    Area.REVISIONS: history.check_revisions,
    Area.ENTRIES: history.check_entries,
    Area.SNAPSHOT: history.check_snapshot,
    Area.UPDATES: transients.check_updates,
    Area.DRAFTS: transients.check_drafts,
    Area.PEOPLE: transients.check_people,
    Area.EXPIRY: transients.check_expiry,
    Area.NOTICES: transients.check_notices,
    Area.SUBSCRIPTIONS: transients.check_subscriptions,
}
"""What is checked in a database of the newest schema."""


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
    if storage.current_schema(connection) == schema_revisions()[0]:
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
    except (SQLAlchemyError, *UNREADABLE) as exc:
        reason = getattr(exc, "orig", None) or exc
        found.append(Finding(Fault.CHECK_FAILED, area, str(reason).partition("\n")[0]))
    return found
