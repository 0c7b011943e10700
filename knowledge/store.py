"""Keeping entries: append-only revisions in the database, the newest state in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.database import Database
from knowledge.entries import Entry
from knowledge.german import exists
from knowledge.snapshot import Snapshot
from knowledge.tables import entry_version, revision

SHIPPED_AUTHOR = "shipped"
"""Author of revisions that bring the knowledge base that comes with the bot."""

_VERSIONS = select(
    revision.c.number,
    revision.c.created_at,
    revision.c.author,
    revision.c.reason,
    entry_version.c.content,
    entry_version.c.withdrawn,
).join_from(entry_version, revision)


@dataclass(frozen=True, slots=True)
class Version:
    """An entry as one revision left it.

    Attributes:
        revision: Number of the revision.
        created_at: When it was published.
        author: Who published it.
        reason: Why, in the author's words.
        entry: The entry from then on; its last state where it was withdrawn.
        withdrawn: True where this revision took the entry away.
    """

    revision: int
    created_at: datetime
    author: str
    reason: str
    entry: Entry
    withdrawn: bool


class Store:
    """The knowledge base in a database, and its newest state as an immutable snapshot."""

    def __init__(self, database: Database) -> None:
        """Start with an empty snapshot; `refresh` loads the real one."""
        self._database = database
        self._refreshing = asyncio.Lock()
        self.snapshot = Snapshot()

    async def refresh(self) -> bool:
        """Take over what any process has published; returns whether anything was new."""
        async with self._refreshing:
            return await self._refresh()

    async def _refresh(self) -> bool:
        async with self._database.reading() as connection:
            newest = await _newest(connection)
            if newest == self.snapshot.revision:
                return False
            versions = await _current(connection)
        entries = [version.entry for version in versions if not version.withdrawn]
        # Building the indexes takes a moment; answers go on from the old snapshot meanwhile.
        snapshot = await asyncio.to_thread(_ready, entries, newest)
        self.snapshot = snapshot
        return True

    async def publish(
        self,
        entries: Iterable[Entry],
        *,
        author: str,
        reason: str,
        now: datetime,
        withdrawn: Iterable[Entry] = (),
    ) -> int:
        """Write a new revision and swap the snapshot.

        Args:
            entries: New and changed entries, complete.
            author: Who publishes, as the history shows it.
            reason: Why.
            now: The moment of publication.
            withdrawn: Entries to take away; their history stays.

        Returns:
            The number of the new revision.
        """
        async with self._database.writing() as connection:
            await _one_publisher(connection)
            number = await _append(
                connection, entries, withdrawn, author=author, reason=reason, now=now
            )
        await self.refresh()
        return number

    async def ship(self, shipped: Iterable[Entry], *, now: datetime) -> int:
        """Bring the knowledge base that comes with the bot into the database.

        New entries are added, and entries that nobody but an earlier delivery has written are
        brought up to date. What an editor changed or withdrew is left alone.

        Returns:
            How many entries were written.
        """
        async with self._database.writing() as connection:
            await _one_publisher(connection)
            current = {version.entry.key: version for version in await _current(connection)}
            news = [
                entry
                for entry in shipped
                if (known := current.get(entry.key)) is None
                or (known.author == SHIPPED_AUTHOR and known.entry != entry)
            ]
            if news:
                reason = "shipped"
                await _append(connection, news, (), author=SHIPPED_AUTHOR, reason=reason, now=now)
        await self.refresh()
        return len(news)

    async def history(self, key: str) -> list[Version]:
        """All versions of an entry, newest first."""
        async with self._database.reading() as connection:
            rows = await connection.execute(
                _VERSIONS.where(entry_version.c.key == key).order_by(revision.c.number.desc())
            )
            return [_version(row) for row in rows]


def _ready(entries: list[Entry], number: int) -> Snapshot:
    snapshot = Snapshot(entries, revision=number)
    snapshot.index.search("", limit=1)
    snapshot.fact_index.search("", limit=1)
    exists("")  # reads the dictionary
    return snapshot


async def _one_publisher(connection: AsyncConnection) -> None:
    """Let publications follow one another; SQLite's write lock has seen to that already."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("LOCK TABLE revision IN SHARE ROW EXCLUSIVE MODE"))


async def _newest(connection: AsyncConnection) -> int:
    return int(await connection.scalar(select(func.coalesce(func.max(revision.c.number), 0))) or 0)


async def _current(connection: AsyncConnection) -> Sequence[Version]:
    newest = (
        select(entry_version.c.key, func.max(entry_version.c.revision).label("revision"))
        .group_by(entry_version.c.key)
        .subquery()
    )
    rows = await connection.execute(
        _VERSIONS.join(
            newest,
            (newest.c.key == entry_version.c.key)
            & (newest.c.revision == entry_version.c.revision),
        )
    )
    return [_version(row) for row in rows]


def _version(row: Row[int, datetime, str, str, object, bool]) -> Version:
    number, created_at, author, reason, content, withdrawn = row
    return Version(
        number, created_at, author, reason, Entry.model_validate(content), bool(withdrawn)
    )


async def _append(
    connection: AsyncConnection,
    entries: Iterable[Entry],
    withdrawn: Iterable[Entry],
    *,
    author: str,
    reason: str,
    now: datetime,
) -> int:
    number = await _newest(connection) + 1
    await connection.execute(
        insert(revision).values(number=number, created_at=now, author=author, reason=reason)
    )
    rows = [
        {
            "key": entry.key,
            "revision": number,
            "withdrawn": gone,
            "content": entry.model_dump(mode="json", exclude_defaults=True),
        }
        for listed, gone in ((entries, False), (withdrawn, True))
        for entry in listed
    ]
    await connection.execute(insert(entry_version), rows)
    return number
