"""Carries data between the database and `scheduler.planning`: each notice once, whatever happens.

One transaction reads what was planned, and writes what is planned now together with how far that
is. A crash undoes all of it; a second scheduler waits its turn and finds nothing left to do.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import starmap

import structlog
from sqlalchemy import ColumnElement, and_, bindparam, delete, insert, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.database import Database, take_turns
from knowledge.interests import Target
from knowledge.notices import Notice, NoticeKind, NoticeState, parts
from knowledge.outbox import REMEMBERED, Outbox, finishing_values
from knowledge.people import Member, People, Role
from knowledge.revisions import Change, Revision
from knowledge.snapshot import Snapshot
from knowledge.store import Store
from knowledge.subscriptions import Subscriptions
from knowledge.tables import outbox, planned_notice, planner, subscription, tracked_date
from scheduler.digests import Digest, Waiting, digests
from scheduler.heard import SAID, Earlier
from scheduler.planning import (
    Editor,
    Ledger,
    Plan,
    Planned,
    Published,
    Recipients,
    Told,
    current_answers,
    plan,
)
from scheduler.rules import Rules
from scheduler.tracking import Dates, Tracked, track

log = structlog.get_logger(__name__)

TAKEN_BACK = "change was taken back"
"""Reason with which notices are dropped whose revision was undone before they were sent."""

_LOST = frozenset({None, NoticeState.DROPPED, NoticeState.FAILED})
"""States of what carries a notice, None if nothing does, in which it does not arrive any more."""

_CHUNK = 500
"""Rows per statement: databases limit how many values one can have."""


class Planner:
    """Plans notices and gathers digests; how often and where it runs does not matter."""

    def __init__(
        self,
        database: Database,
        *,
        store: Store,
        subscriptions: Subscriptions,
        outbox: Outbox,
        people: People,
        rules: Rules,
    ) -> None:
        """Put together what planning needs."""
        self._database = database
        self._store = store
        self._subscriptions = subscriptions
        self._outbox = outbox
        self._people = people
        self._rules = rules

    async def plan(self, now: datetime) -> int:
        """Write down what chats are to be told by now; returns how many notices are new.

        The first time of all, what is known becomes the beginning, and nothing is told.
        """
        await self._store.refresh()
        snapshot = self._store.snapshot
        async with self._database.reading() as connection:
            planned_until = await _planned_until(connection)
            dates = await _dates(connection)
        if planned_until is not None and planned_until > snapshot.revision:
            return 0  # another process is ahead
        published = await self._published(planned_until, snapshot.revision)
        if planned_until == snapshot.revision and not await self._has_work(snapshot, dates, now):
            return 0
        answers = await self._answers(snapshot, now) if published else {}
        told_before = await self._told_before(published)
        async with self._database.writing() as connection:
            await take_turns(connection, planner)
            if await _planned_until(connection) != planned_until:
                return 0  # another scheduler was faster; the rest comes with the next run
            recipients = Recipients(
                await self._subscriptions.all(connection),
                await self._subscriptions.all_settings(connection),
                _editors(await self._people.all(connection), self._rules),
                answers,
            )
            told = await _taken_back(connection, published, now)
            ledger = await _ledger(connection, published, told, told_before)
            planned = await asyncio.to_thread(
                plan, snapshot, published, recipients, ledger, now=now, rules=self._rules
            )
            await _write_state(connection, snapshot.revision, ledger.dates, planned)
            return await self._write(connection, planned.notices, now)

    async def gather(self, now: datetime) -> int:
        """Turn what waits into the digests that are due; returns how many."""
        await self._store.refresh()
        snapshot = self._store.snapshot
        async with self._database.reading() as connection:
            if not await self._due(connection, snapshot, now):
                return 0
        async with self._database.writing() as connection:
            await take_turns(connection, planner)
            due = await self._due(connection, snapshot, now)
            notices = [digest.notice for digest in due if digest.notice is not None]
            await self._outbox.enqueue(connection, notices)
            for digest in due:
                sent_as = digest.notice.key if digest.notice else None
                await _settle(connection, digest.chat_id, digest.keys, sent_as)
        return len(notices)

    async def forget_old(self, now: datetime) -> int:
        """Delete what was decided so long ago that it cannot come again; returns how much."""
        async with self._database.writing() as connection:
            result = await connection.execute(
                delete(planned_notice).where(
                    planned_notice.c.planned_at <= now - REMEMBERED,
                    or_(planned_notice.c.sent_as.is_not(None), planned_notice.c.content.is_(None)),
                )
            )
        return result.rowcount

    async def _has_work(self, snapshot: Snapshot, dates: Dates, now: datetime) -> bool:
        """Whether a day that has begun makes something due, or to be remembered."""
        today = self._rules.today(now)
        remembered, due = await asyncio.to_thread(track, snapshot, dates, {}, today, self._rules)
        return bool(due) or remembered != dates

    async def _published(self, earlier: int | None, later: int) -> list[Published]:
        if earlier is None or earlier == later:
            return []
        revisions = await self._store.log(limit=later - earlier, before=later + 1)
        return [await self._with_changes(revision) for revision in reversed(revisions)]

    async def _with_changes(self, revision: Revision) -> Published:
        changes = tuple(await self._store.changes(revision.number))
        if revision.undoes is None:
            return Published(revision, changes)
        return Published(revision, changes, await self._store.histories(revision.number))

    async def _told_before(self, published: Iterable[Published]) -> Mapping[str, list[Change]]:
        """All changes of the entries whose date or phase chats were to be told of before.

        Looked up before the transaction, like the answers.
        """
        async with self._database.reading() as connection:
            entries = await _spoken_of(connection, _restated(published))
        histories = {entry: (await self._store.history(entry))[::-1] for entry in entries}
        return {
            entry: list(starmap(Change, zip((None, *history), history, strict=False)))
            for entry, history in histories.items()
        }

    async def _answers(
        self, snapshot: Snapshot, now: datetime
    ) -> Mapping[Target, Mapping[str, str]]:
        """Looked up before the transaction: nobody can write while that is under way."""
        async with self._database.reading() as connection:
            targets = {one.target for one in await self._subscriptions.all(connection)}
        return await asyncio.to_thread(current_answers, targets, snapshot, self._rules.today(now))

    async def _due(
        self, connection: AsyncConnection, snapshot: Snapshot, now: datetime
    ) -> list[Digest]:
        rows = await connection.execute(
            select(planned_notice)
            .where(planned_notice.c.sent_as.is_(None), planned_notice.c.content.is_not(None))
            .order_by(planned_notice.c.planned_at, planned_notice.c.key)
        )
        waiting = [
            Waiting(
                Notice(row.chat_id, row.key, NoticeKind(row.kind), row.content, row.planned_at),
                row.planned_at,
            )
            for row in rows
        ]
        if not waiting:
            return []
        settings = await self._subscriptions.all_settings(connection)
        return await asyncio.to_thread(
            digests, waiting, settings, snapshot, now=now, rules=self._rules
        )

    async def _write(
        self, connection: AsyncConnection, notices: Sequence[Planned], now: datetime
    ) -> int:
        """Write down those notices that were not planned before, here and in the outbox."""
        if not notices:
            return 0
        rows = [
            {
                "chat_id": one.notice.chat_id,
                "key": one.notice.key,
                "kind": one.notice.kind,
                "entry": one.entry,
                "due": one.due,
                "revision": one.revision,
                "planned_at": one.since,
                "content": dict(one.notice.content) if one.gathered else None,
                "sent_as": None if one.gathered else one.notice.key,
            }
            for one in notices
        ]
        written = await connection.execute(
            self._database.insert(planned_notice)
            .on_conflict_do_nothing()
            .returning(planned_notice.c.chat_id, planned_notice.c.key),
            rows,
        )
        new = {(chat_id, key) for chat_id, key in written}
        at_once = [
            one.notice
            for one in notices
            if not one.gathered and (one.notice.chat_id, one.notice.key) in new
        ]
        await self._outbox.enqueue(connection, at_once)
        log.debug("notices planned", notices=len(new), at_once=len(at_once))
        return len(new)


async def _planned_until(connection: AsyncConnection) -> int | None:
    return await connection.scalar(select(planner.c.revision))


async def _dates(connection: AsyncConnection) -> Dates:
    rows = await connection.execute(select(tracked_date))
    return {(row.entry, row.subject): Tracked(row.known_on, row.reached) for row in rows}


async def _ledger(
    connection: AsyncConnection,
    published: Sequence[Published],
    told: Mapping[int, Sequence[Told]],
    told_before: Mapping[str, Iterable[Change]],
) -> Ledger:
    touched = [change.after.entry.key for one in published for change in one.changes]
    return Ledger(
        dates=await _dates(connection),
        reminded=await _reminded(connection, touched),
        told=told,
        earlier=await _earlier(connection, told_before),
        waiting=await _waiting_answers(connection) if published else frozenset(),
    )


async def _reminded(
    connection: AsyncConnection, entries: Iterable[str]
) -> Mapping[tuple[str, str], frozenset[int]]:
    chats: dict[tuple[str, str], set[int]] = defaultdict(set)
    for some in _chunks(entries):
        rows = await connection.execute(
            select(planned_notice.c.entry, planned_notice.c.due, planned_notice.c.chat_id).where(
                planned_notice.c.entry.in_(some),
                planned_notice.c.due.is_not(None),
            )
        )
        for entry, due, chat_id in rows:
            chats[entry, due].add(chat_id)
    return {place: frozenset(reminded) for place, reminded in chats.items()}


def _restated(published: Iterable[Published]) -> list[str]:
    """The entries whose date or phase some revisions change."""
    changes = (change for one in published for change in one.changes)
    return [
        change.after.entry.key
        for change in changes
        if change.old
        and change.new
        and (change.old.due != change.new.due or change.old.phase != change.new.phase)
    ]


async def _spoken_of(connection: AsyncConnection, entries: Iterable[str]) -> list[str]:
    """Of some entries those of whose date or phase a change was planned to be told."""
    found: set[str] = set()
    for some in _chunks(entries):
        rows = await connection.scalars(
            select(planned_notice.c.entry)
            .distinct()
            .where(
                planned_notice.c.entry.in_(some),
                planned_notice.c.kind.in_(SAID),
                planned_notice.c.revision.is_not(None),
            )
        )
        found.update(rows)
    return sorted(found)


async def _earlier(
    connection: AsyncConnection, histories: Mapping[str, Iterable[Change]]
) -> Mapping[tuple[int, str], Sequence[Earlier]]:
    """What chats were to be told of dates and phases of some entries, oldest first.

    Args:
        connection: A transaction in which what is undone was taken back.
        histories: All changes of the entries.
    """
    changes = {
        (entry, change.after.revision): change
        for entry, history in histories.items()
        for change in history
    }
    found: dict[tuple[int, str], list[Earlier]] = defaultdict(list)
    for some in _chunks(histories):
        rows = await connection.execute(
            select(planned_notice, outbox.c.state, outbox.c.unanswered)
            .join(outbox, _carrier(), isouter=True)
            .where(planned_notice.c.entry.in_(some), planned_notice.c.kind.in_(SAID))
            .order_by(planned_notice.c.planned_at, planned_notice.c.revision)
        )
        for row in rows:
            unsent = row.state == NoticeState.WAITING and not row.unanswered
            waits = unsent or row.content is not None
            told = not waits and row.state not in _LOST
            change = changes.get((row.entry, row.revision))
            found[row.chat_id, row.entry].append(
                Earlier(NoticeKind(row.kind), told, waits, change)
            )
    return found


def _chunks(values: Iterable[str]) -> Iterator[list[str]]:
    """Some values, each once, as many as a statement may have at a time."""
    listed = sorted(set(values))
    for begin in range(0, len(listed), _CHUNK):
        yield listed[begin : begin + _CHUNK]


def _carrier() -> ColumnElement[bool]:
    """Joins what was planned with the notice in the outbox that carries it."""
    return and_(
        outbox.c.chat_id == planned_notice.c.chat_id, outbox.c.key == planned_notice.c.sent_as
    )


async def _taken_back(
    connection: AsyncConnection, published: Iterable[Published], now: datetime
) -> Mapping[int, Sequence[Told]]:
    """Take back the notices of revisions that are undone; returns who was told, by revision."""
    undone = [one.revision.undoes for one in published if one.revision.undoes is not None]
    return {number: await _take_back(connection, number, now) for number in undone}


async def _take_back(connection: AsyncConnection, number: int, now: datetime) -> list[Told]:
    """Drop the notices of a revision that still wait, and say whom the others have reached."""
    of_revision = planned_notice.c.revision == number
    own = and_(outbox.c.chat_id == planned_notice.c.chat_id, outbox.c.key == planned_notice.c.key)
    waiting = select(outbox.c.id).join(planned_notice, own).where(of_revision)
    await connection.execute(
        update(outbox)
        .where(
            outbox.c.id.in_(waiting),
            outbox.c.state == NoticeState.WAITING,
            outbox.c.unanswered == 0,
        )
        .values(finishing_values(NoticeState.DROPPED, now, TAKEN_BACK))
    )
    rows = await connection.execute(
        select(planned_notice.c.chat_id, planned_notice.c.entry, outbox.c.state)
        .join(outbox, _carrier(), isouter=True)
        .where(of_revision)
    )
    told = [Told(row.chat_id, row.entry or "", arrived=row.state not in _LOST) for row in rows]
    # One statement, however many there are: as long as it takes, nobody else can write.
    stays = or_(
        outbox.c.state != NoticeState.DROPPED, outbox.c.reason.is_distinct_from(TAKEN_BACK)
    )
    carried = select(outbox.c.id).where(_carrier(), stays).exists()
    await connection.execute(
        update(planned_notice).where(of_revision, not_(carried)).values(content=None, sent_as=None)
    )
    return told


async def _waiting_answers(connection: AsyncConnection) -> frozenset[int]:
    """Subscribed answers of which a notice waits: for a digest, in one, or by itself."""
    for_digest = select(planned_notice.c.content).where(
        planned_notice.c.kind == NoticeKind.ANSWER_CHANGED,
        planned_notice.c.sent_as.is_(None),
        planned_notice.c.content.is_not(None),
    )
    in_outbox = select(outbox).where(
        outbox.c.kind.in_((NoticeKind.ANSWER_CHANGED, NoticeKind.DIGEST)),
        outbox.c.state == NoticeState.WAITING,
    )
    contents = list((await connection.scalars(for_digest)).all())
    for row in await connection.execute(in_outbox):
        notice = Notice(row.chat_id, row.key, NoticeKind(row.kind), row.content, row.not_before)
        told = parts(notice) or [notice]
        contents += [one.content for one in told if one.kind is NoticeKind.ANSWER_CHANGED]
    return frozenset(int(content["subscription"]) for content in contents)


async def _write_state(
    connection: AsyncConnection, revision: int, before: Dates, planned: Plan
) -> None:
    """Note how far planning is."""
    moved = await connection.execute(update(planner).values(revision=revision))
    if not moved.rowcount:
        await connection.execute(insert(planner).values(id=1, revision=revision))
    changed = {
        place: tracked for place, tracked in planned.dates.items() if before.get(place) != tracked
    }
    outdated = [place for place in before if place not in planned.dates or place in changed]
    if outdated:
        await connection.execute(
            delete(tracked_date).where(
                tracked_date.c.entry == bindparam("of"),
                tracked_date.c.subject == bindparam("what"),
            ),
            [{"of": entry, "what": subject} for entry, subject in outdated],
        )
    if changed:
        await connection.execute(
            insert(tracked_date),
            [
                {
                    "entry": entry,
                    "subject": subject,
                    "known_on": tracked.known_on,
                    "reached": tracked.reached,
                }
                for (entry, subject), tracked in changed.items()
            ],
        )
    for number, facts in planned.answers.items():
        await connection.execute(
            update(subscription).where(subscription.c.id == number).values(answer=dict(facts))
        )


async def _settle(
    connection: AsyncConnection, chat_id: int, keys: Sequence[str], sent_as: str | None
) -> None:
    """Note what carries notices that waited; None if nothing does any more."""
    for some in _chunks(keys):
        await connection.execute(
            update(planned_notice)
            .where(
                planned_notice.c.chat_id == chat_id,
                planned_notice.c.key.in_(some),
            )
            .values(content=None, sent_as=sent_as)
        )


def _editors(members: Iterable[Member], rules: Rules) -> list[Editor]:
    return [
        Editor(member.user_id, rules.today(member.since) if member.since else None)
        for member in members
        if member.role.includes(Role.EDITOR)
    ]
