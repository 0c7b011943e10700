"""What `massnahmenbot doctor` does: check the database, say what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot import logs
from bot.application import rating_days
from bot.settings import Settings
from knowledge.maintenance.integrity import examine
from knowledge.maintenance.integrity.findings import Circumstances, Fault, Finding
from knowledge.snapshot import Snapshot
from knowledge.storage.database import UNREADABLE, Database, DatabaseError
from knowledge.storage.store import Store

MOST_SHOWN = 10
"""Findings of one kind that are shown; more of them would say nothing new."""

_RESTORE = "restore the last backup that doctor finds in order"
_REPORT = "something else than this program has written there; restore a backup, or report it"
_RUN = "start the bot: it sees to that within an hour"

_SENTENCES: Mapping[Fault, tuple[str, str]] = {
    Fault.NOT_USABLE: (
        "it cannot be used",
        f"check DATABASE_URL and the rights on the file, or the server; if it is lost, {_RESTORE}",
    ),
    Fault.CHECK_FAILED: (
        "this could not be checked",
        f"mend what else is found first; if nothing is, {_RESTORE}",
    ),
    Fault.DAMAGED_FILE: ("the file is damaged", f"check the disk, then {_RESTORE}"),
    Fault.NO_SCHEMA: (
        "there are no tables of this program",
        "check DATABASE_URL; `massnahmenbot run` sets up an empty database",
    ),
    Fault.OLDER_SCHEMA: (
        "it belongs to an earlier version of the program",
        "make a backup and start the bot: it brings the database up to date",
    ),
    Fault.NEWER_SCHEMA: (
        "it belongs to a later version of the program",
        "update the program, or restore a backup of the version that is installed",
    ),
    Fault.UNKNOWN_SCHEMA: (
        "it has tables, and its table alembic_version does not say of which version in one row",
        "write the program's schema there if that version of the program ran on it last, and look "
        f"again; otherwise {_RESTORE}",
    ),
    Fault.OTHER_TABLES: (
        "what it holds is not what the program holds",
        f"remove a column that was added; where a table or column is missing, {_RESTORE}",
    ),
    Fault.OTHER_SCHEMA: (
        "its tables are not those of the program",
        "make a backup and restore it into a new database",
    ),
    Fault.TRIGGER: (
        "something is done there that the program knows nothing of",
        "drop the trigger, unless you know what it is good for",
    ),
    Fault.UNREADABLE_VALUES: ("values cannot be read", _RESTORE),
    Fault.DANGLING_REFERENCE: ("rows refer to rows that are not there", _RESTORE),
    Fault.COUNTER_BEHIND: (
        "the next number that the database draws is taken",
        "make a backup and restore it into a new database",
    ),
    Fault.MISSING_REVISIONS: ("missing from the log", _RESTORE),
    Fault.EMPTY_REVISION: ("it changes nothing", _RESTORE),
    Fault.UNKNOWN_ORIGIN: ("nobody knows how it came about", _REPORT),
    Fault.UNREADABLE_SOURCE: ("its source cannot be read", _REPORT),
    Fault.UNDOES_LATER: ("it takes back what came later", _REPORT),
    Fault.UNREADABLE_ENTRY: ("it cannot be read, and the bot does not start", _RESTORE),
    Fault.OTHER_KEY: ("it stands under another key", _RESTORE),
    Fault.WITHDRAWN_UNKNOWN: ("it was withdrawn although it was not there", _REPORT),
    Fault.INCONSISTENT: ("it does not fit to the others", "correct the entry in the chat"),
    Fault.NOT_LOADED: (
        "it cannot be loaded, and the bot does not start",
        f"mend what else is found; if nothing is, {_RESTORE}",
    ),
    Fault.OTHER_SNAPSHOT: (
        "what the bot answers from is not what the log tells",
        f"restart the bot; if that does not help, {_RESTORE}",
    ),
    Fault.STUCK_UPDATES: (
        "messages wait to be answered for more than an hour",
        "start the bot, or look into its log if it runs",
    ),
    Fault.UNREADABLE_DRAFT: (
        "it cannot be read",
        "nothing: its editor starts anew, and it is removed after a day",
    ),
    Fault.UNKNOWN_STATE: ("its state is unknown", "nothing: it is removed after a day"),
    Fault.NOT_ERASED: ("it is closed and still has its content", _RUN),
    Fault.UNKNOWN_ROLE: ("the role is unknown", "delete the row, and invite the person again"),
    Fault.SAME_LABEL: (
        "the log cannot tell the two apart",
        "end one of the roles in the chat, and invite the person again under another label",
    ),
    Fault.NOT_REMOVED: ("rows that expired long ago", _RUN),
    Fault.UNKNOWN_KIND: ("nobody knows what it is about", _REPORT),
    Fault.NEITHER_OPEN_NOR_DONE: ("notices are neither open nor done", _REPORT),
    Fault.SENT_UNSEEN: ("notices were sent, and nobody knows as which message", _REPORT),
    Fault.NOT_SENT: (
        "notices could have been sent long ago",
        "start the bot, or look into its log if it runs",
    ),
    Fault.UNREADABLE_SUBSCRIPTION: (
        "it cannot be read",
        "delete the row, and ask who has the chat to subscribe again",
    ),
    Fault.SUBSCRIBED_UNKNOWN: ("it is to something that there never was", "delete the row"),
    Fault.UNREADABLE_SETTINGS: (
        "its settings cannot be read",
        "delete its row of chat_settings: the chat then has the usual ones",
    ),
    Fault.PLANNER_AHEAD: (
        "it has told of changes that are not there, and will keep silent about the next ones",
        "set its row to the newest revision",
    ),
    Fault.OTHER_PLANNER: (
        "it does not know, or not for sure, what it has told of",
        "leave one row there, with id 1 and the newest revision",
    ),
}
"""What each fault means, and what to do about it."""


async def examine_database(
    settings: Settings, *, now: datetime, announce: Callable[[str], None]
) -> bool:
    """Check a database without changing it, also one that the program cannot use.

    Args:
        settings: Which database, and how long what is kept there.
        now: The present moment.
        announce: Is told each area that is in order, and each finding.

    Returns:
        Whether everything is in order.
    """
    database = Database(settings.database_url, only_reading=True)

    def check(connection: Connection, circumstances: Circumstances) -> bool:
        healthy = True
        for area, found in examine(connection, circumstances):
            for line in _report(found) or [f"ok       {area}"]:
                announce(line)
            healthy = healthy and not found
        return healthy

    try:
        if not database.exists():
            announce(_problem(Finding(Fault.NO_SCHEMA, str(database.url.database))))
            return False
        snapshot = await _loaded(database)
        circumstances = Circumstances(
            now=now,
            question_days=settings.question_log_days,
            rating_days=rating_days(settings.question_log_days),
            snapshot=snapshot,
        )
        async with database.reading() as connection:
            return await connection.run_sync(check, circumstances)
    except (SQLAlchemyError, OSError) as exc:
        # Not even a connection: a file that is no database, or a server that is away.
        reason = logs.redact(str(getattr(exc, "orig", None) or exc))
        announce(_problem(Finding(Fault.NOT_USABLE, "the database", reason)))
        return False
    finally:
        await database.close()


async def _loaded(database: Database) -> Snapshot | None:
    """The knowledge base as a start of the bot would load it."""
    store = Store(database)
    try:
        await store.refresh()
    except (SQLAlchemyError, DatabaseError, *UNREADABLE):
        return None
    return store.snapshot


def _report(found: Sequence[Finding]) -> list[str]:
    lines: list[str] = []
    for fault in Fault:
        alike = [finding for finding in found if finding.fault is fault]
        lines += map(_problem, alike[:MOST_SHOWN])
        if len(alike) > MOST_SHOWN:
            lines.append(f"         … and {len(alike) - MOST_SHOWN} more like that")
    return lines


def _problem(finding: Finding) -> str:
    what, advice = _SENTENCES[finding.fault]
    detail = f" ({logs.redact(finding.detail)})" if finding.detail else ""
    line = f"problem  {finding.where}: {what}{detail}. What to do: {advice}."
    # A damaged database may hold anything, also what moves a terminal's cursor.
    return "".join(letter if letter.isprintable() else "?" for letter in line)
