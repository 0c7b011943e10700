"""Whether the log of revisions is whole, and tells what the bot answers from."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import (
    Connection,
    Text,
    exists,
    select,
)
from sqlalchemy import cast as sql_cast

from knowledge.consistency import find_problems
from knowledge.entries import Entry, Source
from knowledge.maintenance.integrity.findings import (
    Circumstances,
    Fault,
    Finding,
    Findings,
    read,
)
from knowledge.revisions import Origin
from knowledge.snapshot import natural
from knowledge.storage.tables import (
    entry_version,
    revision,
)


def check_revisions(connection: Connection, _: Circumstances) -> Findings:
    """Whether the log has no gap, and every revision content and a readable origin."""
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
        if row.source is not None and read(Source, row.source) is None:
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


def check_entries(connection: Connection, _: Circumstances) -> Findings:
    """Whether every version can be read, and the current entries fit together."""
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
    readable = [entry for entry in there.values() if entry is not None]
    # To one that cannot be read others would seem not to fit.
    if len(readable) == len(there):
        for problem in find_problems(readable):
            yield Finding(Fault.INCONSISTENT, f"entry {problem.entry}", problem.text)


def check_snapshot(connection: Connection, circumstances: Circumstances) -> Findings:
    """Whether what is answered from equals the log, replayed from its beginning."""
    loaded = circumstances.snapshot
    if loaded is None:
        yield Finding(Fault.NOT_LOADED, "the knowledge base")
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
        _Version(row.key, row.revision, bool(row.withdrawn), read(Entry, row.content))
        for row in rows
    ]
