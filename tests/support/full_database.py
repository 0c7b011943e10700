"""A database in which every table has rows, as realistic use leaves them."""

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any

from sqlalchemy import Connection, Table, insert

from knowledge.editing.drafts import Content
from knowledge.editing.edits import Rename
from knowledge.entries import Entry
from knowledge.storage.tables import METADATA
from tests.support.builders import A_SOURCE, a_fact, an_entry
from tests.support.clock import MOMENT

Row = Mapping[str, Any]

SOON, A_MINUTE = MOMENT + timedelta(minutes=10), timedelta(minutes=1)
LARGE = 2**52 + 1
"""A user or chat id of the largest size that Telegram gives."""


def _revision(number: int, **fields: Any) -> Row:
    given = {"author": "Amt für Soziales", "origin": "edited", "reason": "Stand „neu“ 🙂"}
    moment = MOMENT + number * A_MINUTE + timedelta(microseconds=number)
    nothing = {"source": None, "undoes": None}
    return {"number": number, "created_at": moment, **given, **nothing, **fields}


def _version(number: int, entry: Entry, *, withdrawn: bool = False) -> Row:
    content = entry.model_dump(mode="json", exclude_defaults=True)
    return {"key": entry.key, "revision": number, "withdrawn": withdrawn, "content": content}


QUIET = {"quiet_from": time(18), "quiet_until": time(8, 30), "working_days": True}


def _notice(number: int, **fields: Any) -> Row:
    given = {"kind": "status_changed", "content": {"entry": "EF-1"}, "not_before": MOMENT}
    fate = {"state": "waiting", "due_at": SOON, "attempts": 1, "unanswered": 0}
    end = {"message_id": None, "reason": None, "finished_at": None}
    return {"id": number, "chat_id": LARGE, "key": f"n:{number}"} | given | fate | end | fields


BODY = an_entry("ERFURT", kind="body", title="Stadt Erfurt")
FORMER = an_entry("EF-1", parent="ERFURT", title="Sprachkurse", facts=[a_fact(as_of="2023")])
LATER = an_entry("EF-1", parent="ERFURT", title="Sprachkurse für Mütter", facts=[a_fact()])
GONE = an_entry("EF-2", parent="ERFURT")

ROWS: Mapping[str, list[Row]] = {
    "revision": [
        _revision(1, author="shipped", origin="shipped", reason="shipped"),
        _revision(2, source=A_SOURCE.model_dump(mode="json", exclude_defaults=True)),
        _revision(3, reason="doppelt\n<b>&amp;</b> \\ \" '"),
        _revision(4, undoes=3),
        _revision(5, origin="imported"),
    ],
    "entry_version": [
        _version(1, BODY),
        _version(1, FORMER),
        _version(1, GONE),
        _version(2, LATER),
        _version(3, GONE, withdrawn=True),
        _version(4, GONE),
        _version(5, GONE, withdrawn=True),
    ],
    "received_update": [
        {
            "bot_id": LARGE,
            "update_id": 1,
            "received_at": MOMENT,
            "attempts": 0,
            "content": None,
            "owner": 0,
        },
        {
            "bot_id": LARGE,
            "update_id": 2,
            "received_at": SOON,
            "attempts": 1,
            "content": '{"update_id": 2}',
            "owner": 2**31 - 1,
        },
    ],
    "topic": [{"chat_id": -LARGE, "entry": "EF-1", "expires_at": SOON}],
    "handed_over_question": [
        {
            "id": 7,
            "chat_id": 1001,
            "message_id": 5,
            "text": "Wann?",
            "asked_at": MOMENT,
            "awaited": True,
        }
    ],
    "upload": [
        {
            "id": 2**48 - 2,
            "user_id": LARGE,
            "version": 2,
            "base": 5,
            "name": "Maßnahmen.csv",
            "content": bytes(range(256)),
            "choices": {},
            "expires_at": SOON,
        }
    ],
    "asked_question": [
        {
            "id": 2**48 - 1,
            "text": "wann kommt das?",
            "outcome": "answer",
            "entry": None,
            "asked_at": MOMENT,
        }
    ],
    "feedback": [
        {
            "id": "0" * 32,
            "entry": "EF-1",
            "helpful": False,
            "question_id": 2**48 - 1,
            "given_on": MOMENT.date(),
        }
    ],
    "member": [{"user_id": LARGE, "role": "editor", "label": "Jörg (Amt 50)", "since": MOMENT}],
    "invitation": [
        {
            "id": "a" * 32,
            "role": "admin",
            "label": "Vertretung",
            "invited_by": LARGE,
            "expires_at": SOON,
        }
    ],
    "draft": [
        {
            "id": 2**48 - 1,
            "user_id": LARGE,
            "chat_id": LARGE,
            "state": "open",
            "version": 2,
            "base": 5,
            "content": Content(edits=(Rename(entry="EF-1", title="Kurse"),)).model_dump(
                mode="json"
            ),
            "published_as": None,
            "expires_at": SOON,
        },
        {
            "id": 4,
            "user_id": LARGE,
            "chat_id": LARGE,
            "state": "published",
            "version": 9,
            "base": 4,
            "content": None,
            "published_as": 5,
            "expires_at": SOON,
        },
    ],
    "chat": [{"chat_id": -LARGE, "deactivated_at": MOMENT, "reason": "Forbidden: blocked"}],
    "outbox": [
        _notice(1),
        _notice(4, state="sent", due_at=None, message_id=3, finished_at=SOON, kind="announcement"),
    ],
    "subscription": [
        {
            "id": 3,
            "chat_id": LARGE,
            "scope": "answer",
            "entry": "EF-2",
            "question": "wann kommt das?",
            "home": "ERFURT",
            "interests": [],
            "since": MOMENT,
            "revision": 4,
            "answer": {"F-1": "abc"},
        },
        {
            "id": 5,
            "chat_id": LARGE,
            "scope": "everything",
            "entry": "",
            "question": "",
            "home": "",
            "interests": ["changed", "coming"],
            "since": MOMENT,
            "revision": 4,
            "answer": None,
        },
    ],
    "chat_settings": [
        {
            "chat_id": LARGE,
            "pace": "weekly",
            "hour": 8,
            "weekday": 0,
            "paused_until": MOMENT.date(),
            "zone": "Europe/Berlin",
            **QUIET,
        }
    ],
    "planner": [{"id": 1, "revision": 5}],
    "tracked_date": [
        {"entry": "EF-1", "subject": "due", "known_on": MOMENT.date(), "reached": None}
    ],
    "planned_notice": [
        {
            "chat_id": LARGE,
            "key": "n:4",
            "kind": "announcement",
            "entry": None,
            "due": None,
            "revision": 5,
            "planned_at": MOMENT,
            "content": None,
            "sent_as": "n:4",
        }
    ],
}


def fill(connection: Connection) -> None:
    """Insert all rows into a database of the newest schema."""
    for table in METADATA.sorted_tables:
        connection.execute(insert(table), ROWS[table.name])


def content(connection: Connection) -> dict[str, list[Row]]:
    """All rows of all tables, as far as the program sees them."""
    return {table.name: _rows(connection, table) for table in METADATA.sorted_tables}


def _rows(connection: Connection, table: Table) -> list[Row]:
    rows = connection.execute(table.select()).mappings()
    return sorted(map(dict, rows), key=lambda row: [row[c.name] for c in table.primary_key])
