"""Keeping entries: append-only revisions in the database, the newest state in memory."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import Row, Select, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.consistency import InconsistentError, check_change, new_problems
from knowledge.entries import Entry, Source
from knowledge.german import exists
from knowledge.revisions import Change, Origin, Revision, Version
from knowledge.snapshot import Snapshot, natural
from knowledge.storage.database import UNREADABLE, Database, UnreadableError, storable, take_turns
from knowledge.storage.tables import entry_version, revision
from knowledge.undoing import Undoing, undoing

log = structlog.get_logger(__name__)

SHIPPED_AUTHOR = "shipped"
"""Author of revisions that bring the knowledge base that comes with the bot."""

PUBLISHED = "massnahmenbot_published"
"""Channel of PostgreSQL on which every publication is announced."""

LONGEST_REASON = 500
"""Characters of a reason that are kept."""

Guard = Callable[[AsyncConnection, int], Awaitable[None]]
"""What must hold at the moment of publication; refuses it by raising.

It is called inside the publishing transaction, with the number of the revision to be: what it
finds still holds when the revision is there, and what it writes is written with it or not at
all.
"""


class ConflictError(Exception):
    """Entries were changed by others since the state on which a change was based.

    Attributes:
        versions: Their versions in the meantime, newest first.
    """

    def __init__(self, versions: Sequence[Version]) -> None:
        super().__init__(
            ", ".join(f"{v.entry.key} was changed by revision {v.revision}" for v in versions)
        )
        self.versions = tuple(versions)


class UnchangedError(Exception):
    """Everything already is as a publication would have it."""


class IrreversibleError(Exception):
    """A revision cannot be taken back: there is none, or it is a delivery."""

    def __init__(self, number: int) -> None:
        super().__init__(f"revision {number} cannot be taken back")


class Store:
    """The knowledge base in a database, and its newest state as an immutable snapshot."""

    def __init__(self, database: Database) -> None:
        """Start with an empty snapshot; `refresh` loads the real one."""
        self._database = database
        self._refreshing = asyncio.Lock()
        self.snapshot = Snapshot()

    async def refresh(self) -> bool:
        """Take over what any process has published; returns whether anything was new.

        Raises:
            UnreadableError: if the database holds what the program never wrote.
        """
        async with self._refreshing:
            return await self._refresh()

    async def _refresh(self) -> bool:
        snapshot = self.snapshot
        async with self._database.reading() as connection:
            newest = await _newest(connection)
            if newest == snapshot.revision:
                return False
            versions = await _latest(connection, after=snapshot.revision, until=newest)
        # Indexing takes a moment; answers go on from the old snapshot meanwhile.
        self.snapshot = await asyncio.to_thread(_ready, snapshot, versions, newest)
        return True

    async def publish(
        self,
        entries: Iterable[Entry],
        *,
        author: str,
        reason: str,
        now: datetime,
        withdrawn: Iterable[Entry] = (),
        base: int | None = None,
        origin: Origin = Origin.EDITED,
        source: Source | None = None,
        guards: Iterable[Guard] = (),
    ) -> int:
        """Write a new revision and swap the snapshot; all of it, or nothing.

        Args:
            entries: New and changed entries, complete. Those that are in the knowledge base
                exactly like that already are left out.
            author: Label of who publishes, as the history shows it.
            reason: Why.
            now: The moment of publication.
            withdrawn: Entries to take away; their history stays.
            base: Number of the revision on whose state the changes were decided; None if
                whatever happened since does not matter.
            origin: How the revision comes about.
            source: The source it rests on.
            guards: What else must hold at this moment.

        Returns:
            The number of the new revision.

        Raises:
            ConflictError: if any of the entries was changed after `base`.
            InconsistentError: if the entries would not fit together any more.
            UnchangedError: if nothing would change.
        """
        changed, gone = list(entries), list(withdrawn)
        async with self._database.writing() as connection:
            await take_turns(connection, revision)
            number = await _newest(connection) + 1
            for guard in guards:
                await guard(connection, number)
            if base is not None:
                await _refuse_conflicts(connection, [e.key for e in (*changed, *gone)], base)
            published = Revision(number, now, author, origin, reason, source)
            await self._write(connection, published, changed, gone)
        await self.refresh()
        return number

    async def undo(
        self,
        number: int,
        *,
        author: str,
        reason: str,
        now: datetime,
        seen: int | None = None,
        guards: Iterable[Guard] = (),
    ) -> int:
        """Write a new revision in which the entries of another are as they were before it.

        What others changed of them since stays as it is, if whoever decides has seen it.

        Args:
            number: The revision to take back, which may itself take one back.
            author: Label of who publishes.
            reason: Why.
            now: The moment of publication.
            seen: Number of the newest revision of its entries that was seen when deciding; by
                default, none after it.
            guards: What else must hold at this moment.

        Returns:
            The number of the new revision.

        Raises:
            ConflictError: if it is taken back already, any of its entries was changed after what
                was seen, or nothing of it is left as it was.
            InconsistentError: if the entries would not fit together any more.
            IrreversibleError: if there is no such revision, or it is a delivery.
        """
        async with self._database.writing() as connection:
            await take_turns(connection, revision)
            newest = await _newest(connection)
            for guard in guards:
                await guard(connection, newest + 1)
            changes = await _changes(connection, after=number - 1, until=number)
            if not changes or changes[0].after.origin is Origin.SHIPPED:
                raise IrreversibleError(number)
            later = await _later_than(connection, changes, number)
            standing = _standing(later, number)
            what = undoing(changes, later, standing)
            is_undone = any(version.undoes == number for version in standing)
            is_news = any(version.revision > (seen or number) for version in standing)
            if is_undone or is_news or (standing and not what.is_possible):
                raise ConflictError(standing)
            await self._write(
                connection,
                Revision(newest + 1, now, author, Origin.EDITED, reason, undoes=number),
                what.entries,
                what.withdrawn,
            )
        await self.refresh()
        return newest + 1

    async def later(self, number: int) -> list[Version]:
        """What became of a revision's entries after it: `undo` refuses what was not seen of it.

        Changes that were taken back do not count. That something is by chance again as the
        revision left it says nothing: who decided on that knew what came between.
        """
        async with self._database.reading() as connection:
            changes = await _changes(connection, after=number - 1, until=number)
            return _standing(await _later_than(connection, changes, number), number)

    async def undoing(self, number: int) -> Undoing:
        """What taking a revision back would come to, see `undo`."""
        async with self._database.reading() as connection:
            changes = await _changes(connection, after=number - 1, until=number)
            later = await _later_than(connection, changes, number)
        return undoing(changes, later, _standing(later, number))

    async def _write(
        self,
        connection: AsyncConnection,
        published: Revision,
        changed: Sequence[Entry],
        withdrawn: Sequence[Entry],
    ) -> None:
        """Write the next revision, if it changes anything and leaves everything in order."""
        snapshot = self.snapshot
        news = await _latest(connection, after=snapshot.revision, until=published.number - 1)
        before = _with(snapshot.entries, news)
        changed = [entry for entry in changed if before.get(entry.key) != entry]
        withdrawn = [entry for entry in withdrawn if entry.key in before]
        if not changed and not withdrawn:
            raise UnchangedError
        gone = {entry.key for entry in withdrawn}
        after = {**before, **{entry.key: entry for entry in changed}}
        kept = [entry for key, entry in after.items() if key not in gone]
        await asyncio.to_thread(check_change, before.values(), kept)
        await _append(connection, published, changed, withdrawn)

    async def ship(self, shipped: Iterable[Entry], *, now: datetime) -> int:
        """Bring the knowledge base that comes with the bot into the database.

        New entries are added, and entries are brought up to date that nobody but an earlier
        delivery has written, or that are again as the last one wrote them. What an editor changed
        or withdrew is left alone, and what does not fit to it is left out.

        Returns:
            How many entries were written.
        """
        async with self._database.writing() as connection:
            await take_turns(connection, revision)
            newest = await _newest(connection)
            current = {v.entry.key: v for v in await _latest(connection, until=newest)}
            as_delivered = await _as_delivered(connection, current, newest)
            news = [
                entry
                for entry in shipped
                if (known := current.get(entry.key)) is None
                or (entry.key in as_delivered and known.entry != entry)
            ]
            standing = {v.entry.key: v.entry for v in current.values() if not v.withdrawn}
            news = await asyncio.to_thread(_fitting, news, standing)
            if news:
                delivery = Revision(newest + 1, now, SHIPPED_AUTHOR, Origin.SHIPPED, "shipped")
                await _append(connection, delivery, news, ())
        await self.refresh()
        return len(news)

    async def history(self, key: str) -> list[Version]:
        """All versions of an entry, newest first."""
        async with self._database.reading() as connection:
            rows = await connection.execute(
                _VERSIONS.where(entry_version.c.key == key).order_by(revision.c.number.desc())
            )
            return [_version(row) for row in rows]

    async def former(self, keys: Iterable[str], *, until: int) -> dict[str, tuple[Entry, ...]]:
        """How entries stood before their state after a revision, by key, the newest first.

        Of entries that are withdrawn then, that is also how they stood last.
        """
        earlier = entry_version.c.revision <= until
        several = select(entry_version.c.key).where(earlier).group_by(entry_version.c.key)
        async with self._database.reading() as connection:
            changed = await connection.scalars(several.having(func.count() > 1))
            wanted = set(changed) & set(keys)
            if not wanted:
                return {}
            rows = await connection.execute(
                _VERSIONS.where(earlier, entry_version.c.key.in_(wanted)).order_by(
                    revision.c.number.desc()
                )
            )
            versions = await asyncio.to_thread(_versions, rows.all())
        found: dict[str, list[Version]] = defaultdict(list)
        for version in versions:
            found[version.entry.key].append(version)
        return {
            key: tuple(version.entry for version in states[1:] if not version.withdrawn)
            for key, states in found.items()
        }

    async def histories(self, number: int) -> dict[str, list[Version]]:
        """All versions of the entries that a revision touched, by key, up to it, oldest first."""
        touched = select(entry_version.c.key).where(entry_version.c.revision == number)
        async with self._database.reading() as connection:
            rows = await connection.execute(
                _VERSIONS.where(
                    entry_version.c.key.in_(touched), entry_version.c.revision <= number
                ).order_by(revision.c.number)
            )
            # There may be thousands: others are answered while they are validated.
            versions = await asyncio.to_thread(_versions, rows.all())
        found: dict[str, list[Version]] = defaultdict(list)
        for version in versions:
            found[version.entry.key].append(version)
        return dict(found)

    async def log(self, *, limit: int, before: int | None = None) -> list[Revision]:
        """Revisions, newest first.

        Args:
            limit: How many at the most.
            before: Only revisions with smaller numbers, to page on.
        """
        wanted = select(revision).order_by(revision.c.number.desc()).limit(limit)
        if before is not None:
            wanted = wanted.where(revision.c.number < before)
        async with self._database.reading() as connection:
            rows = (await connection.execute(wanted)).all()
            touched = await connection.execute(
                select(entry_version.c.revision, entry_version.c.key).where(
                    entry_version.c.revision.in_([row.number for row in rows])
                )
            )
            keys: dict[int, list[str]] = defaultdict(list)
            for number, key in touched:
                keys[number].append(key)
        return [
            replace(_revision(row), keys=tuple(sorted(keys[row.number], key=natural)))
            for row in rows
        ]

    async def changes(self, number: int) -> list[Change]:
        """What one revision changed, in natural order of keys."""
        return await self.changes_between(number - 1, number)

    async def changes_between(self, earlier: int, later: int) -> list[Change]:
        """What differs between the states after two revisions, in natural order of keys.

        Entries that are again as they were do not appear. The state before all is 0.
        """
        async with self._database.reading() as connection:
            changes = await _changes(connection, after=earlier, until=later)
        return [change for change in changes if change.differences]

    async def at(self, moment: datetime) -> Snapshot | None:
        """The knowledge base as it was at a moment; None if there was none yet."""
        async with self._database.reading() as connection:
            number = await connection.scalar(
                select(func.max(revision.c.number)).where(revision.c.created_at <= moment)
            )
            if number is None:
                return None
            versions = await _latest(connection, until=number)
        return Snapshot(
            [version.entry for version in versions if not version.withdrawn], revision=number
        )

    async def recent_sources(self, author: str, *, limit: int) -> list[Source]:
        """The sources that an author's latest revisions rest on, the last used first."""
        used = select(revision.c.source).where(
            revision.c.author == author, revision.c.source.is_not(None)
        )
        async with self._database.reading() as connection:
            # An office quotes few papers again and again: that many revisions are enough.
            rows = await connection.scalars(
                used.order_by(revision.c.number.desc()).limit(10 * limit)
            )
            sources = [Source.model_validate(row) for row in rows]
        return list(dict.fromkeys(sources))[:limit]


def _ready(snapshot: Snapshot, versions: Iterable[Version], number: int) -> Snapshot:
    following = snapshot.updated(
        [version.entry for version in versions if not version.withdrawn],
        [version.entry.key for version in versions if version.withdrawn],
        revision=number,
    )
    following.prepare()
    exists("")  # reads the dictionary
    return following


def _fitting(delivered: Sequence[Entry], standing: Mapping[str, Entry]) -> list[Entry]:
    """The delivered entries that go together with what editors have made of the others."""
    fitting = list(delivered)
    while fitting:
        after = {**standing, **{entry.key: entry for entry in fitting}}
        problems = new_problems(standing.values(), after.values())
        if not problems:
            break
        concerned = {key for problem in problems for key in (problem.entry, problem.other)}
        left = [entry for entry in fitting if entry.key not in concerned]
        reason = str(InconsistentError(problems))
        log.warning("delivered entries that do not fit are left out", reason=reason)
        fitting = left if len(left) < len(fitting) else []
    return fitting


def _with(entries: Mapping[str, Entry], versions: Iterable[Version]) -> dict[str, Entry]:
    """Entries as later versions leave them."""
    result = dict(entries)
    for version in versions:
        if version.withdrawn:
            result.pop(version.entry.key, None)
        else:
            result[version.entry.key] = version.entry
    return result


_VERSIONS = select(
    revision.c.number,
    revision.c.created_at,
    revision.c.author,
    revision.c.origin,
    revision.c.reason,
    entry_version.c.content,
    entry_version.c.withdrawn,
    revision.c.undoes,
).join_from(entry_version, revision)


def _version(row: Row[int, datetime, str, str, str, object, bool, int | None]) -> Version:
    number, created_at, author, origin, reason, content, withdrawn, undoes = row
    return Version(
        revision=number,
        created_at=created_at,
        author=author,
        origin=Origin(origin),
        reason=reason,
        entry=Entry.model_validate(content),
        withdrawn=bool(withdrawn),
        undoes=undoes,
    )


def _versions(
    rows: Iterable[Row[int, datetime, str, str, str, object, bool, int | None]],
) -> list[Version]:
    # Sorted here, because databases disagree on where a hyphen belongs.
    return sorted(map(_version, rows), key=lambda version: natural(version.entry.key))


def _revision(
    row: Row[int, datetime, str, str, str, object, int | None],
) -> Revision:
    number, created_at, author, origin, reason, source, undoes = row
    return Revision(
        number=number,
        created_at=created_at,
        author=author,
        origin=Origin(origin),
        reason=reason,
        source=None if source is None else Source.model_validate(source),
        undoes=undoes,
    )


async def _newest(connection: AsyncConnection) -> int:
    return int(await connection.scalar(select(func.coalesce(func.max(revision.c.number), 0))) or 0)


async def _latest(
    connection: AsyncConnection,
    *,
    until: int,
    after: int = 0,
    keys: Select[str] | None = None,
    origin: Origin | None = None,
) -> list[Version]:
    """The last version of each entry that was published after one revision and until another.

    Args:
        connection: A transaction.
        until: The last revision that counts.
        after: The one before the first that counts.
        keys: Only these entries.
        origin: Only versions of such revisions.

    Raises:
        UnreadableError: if one of them cannot be read.
    """
    wanted = select(entry_version.c.key, func.max(entry_version.c.revision).label("revision"))
    if keys is not None:
        wanted = wanted.where(entry_version.c.key.in_(keys))
    if origin is not None:
        wanted = wanted.join(revision).where(revision.c.origin == origin)
    last = (
        wanted.where(entry_version.c.revision > after, entry_version.c.revision <= until)
        .group_by(entry_version.c.key)
        .subquery()
    )
    rows = await connection.execute(
        _VERSIONS.join(
            last,
            (last.c.key == entry_version.c.key) & (last.c.revision == entry_version.c.revision),
        )
    )
    try:
        # There may be thousands: others are answered while they are validated.
        return await asyncio.to_thread(_versions, rows.all())
    except UNREADABLE as exc:
        raise UnreadableError from exc


async def _as_delivered(
    connection: AsyncConnection, current: Mapping[str, Version], until: int
) -> set[str]:
    """The entries of which the last delivery's version stands, or stands again."""
    # Only what others have written, too, needs a look into the past.
    others = select(entry_version.c.key).join(revision).where(revision.c.origin != Origin.SHIPPED)
    delivered = await _latest(connection, until=until, keys=others, origin=Origin.SHIPPED)
    again = {d.entry.key for d in delivered if _is_same(current[d.entry.key], d)}
    return again.union(key for key, v in current.items() if v.origin is Origin.SHIPPED)


def _is_same(version: Version, other: Version) -> bool:
    """Whether two versions leave an entry in the same state; what is withdrawn has none."""
    if version.withdrawn or other.withdrawn:
        return version.withdrawn and other.withdrawn
    return version.entry == other.entry


async def _changes(connection: AsyncConnection, *, after: int, until: int) -> list[Change]:
    """For entries published after one revision and until another: what they were and became."""
    touched = select(entry_version.c.key).where(
        entry_version.c.revision > after, entry_version.c.revision <= until
    )
    earlier = await _latest(connection, until=after, keys=touched)
    before = {version.entry.key: version for version in earlier}
    later = await _latest(connection, after=after, until=until)
    return [Change(before.get(version.entry.key), version) for version in later]


async def _refuse_conflicts(connection: AsyncConnection, keys: Iterable[str], base: int) -> None:
    """Refuse to change entries that others changed after a revision."""
    later = await _later(connection, keys, base)
    if later:
        raise ConflictError(later)


async def _later(connection: AsyncConnection, keys: Iterable[str], base: int) -> list[Version]:
    """What became of entries after a revision, newest first."""
    since = entry_version.c.revision > base
    touched = await connection.scalars(select(entry_version.c.key).where(since).distinct())
    contested = set(touched) & set(keys)
    if not contested:
        return []
    rows = await connection.execute(_VERSIONS.where(since, entry_version.c.key.in_(contested)))
    return sorted(map(_version, rows), key=lambda v: (-v.revision, natural(v.entry.key)))


async def _later_than(
    connection: AsyncConnection, changes: Iterable[Change], number: int
) -> list[Version]:
    """The later versions of a revision's entries, newest first."""
    return await _later(connection, [change.after.entry.key for change in changes], number)


def _standing(later: Iterable[Version], number: int) -> list[Version]:
    """Those of the later versions of a revision's entries that were not taken back.

    An undo and what it takes back cancel each other, unless the undo is taken back in turn. The
    undo of the revision itself stands: with it the revision is taken back already.
    """
    taken_back: set[int] = set()
    standing = []
    for version in later:
        if version.revision in taken_back:
            continue
        if version.undoes is not None and version.undoes > number:
            taken_back.add(version.undoes)
        else:
            standing.append(version)
    return standing


async def _append(
    connection: AsyncConnection,
    published: Revision,
    entries: Iterable[Entry],
    withdrawn: Iterable[Entry],
) -> None:
    source = published.source
    await connection.execute(
        insert(revision).values(
            number=published.number,
            created_at=published.created_at,
            author=published.author,
            origin=published.origin,
            reason=storable(published.reason)[:LONGEST_REASON],
            source=source.model_dump(mode="json", exclude_defaults=True) if source else None,
            undoes=published.undoes,
        )
    )
    rows = await asyncio.to_thread(_rows, published.number, entries, withdrawn)
    await connection.execute(insert(entry_version), rows)
    if connection.dialect.name == "postgresql":
        # Said when the transaction is over, and not at all if it fails.
        await connection.execute(select(func.pg_notify(PUBLISHED, "")))


def _rows(
    number: int, entries: Iterable[Entry], withdrawn: Iterable[Entry]
) -> list[dict[str, object]]:
    """The rows of a revision in the table of versions."""
    return [
        {
            "key": entry.key,
            "revision": number,
            "withdrawn": gone,
            "content": entry.model_dump(mode="json", exclude_defaults=True),
        }
        for listed, gone in ((entries, False), (withdrawn, True))
        for entry in listed
    ]
