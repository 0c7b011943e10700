"""Carries data between the database and `scheduler.planning`: each notice once, whatever happens.

One transaction reads what was planned, and writes what is planned now together with how far that
is. A crash undoes all of it; a second scheduler waits its turn and finds nothing left to do.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import starmap

import structlog
from sqlalchemy import bindparam, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.notification.contents import Unreadable, entry_of
from knowledge.notification.interests import Subscription, Target
from knowledge.notification.notices import Notice
from knowledge.notification.outbox import REMEMBERED, Outbox, notice_of
from knowledge.notification.subscriptions import Subscriptions, wanted_by
from knowledge.people import Member, People, Role
from knowledge.revisions import Change, Revision
from knowledge.snapshot import Snapshot
from knowledge.storage.database import Database, take_turns
from knowledge.storage.store import Store
from knowledge.storage.tables import planned_notice, planner, subscription, tracked_date
from scheduler.digests import Digest, Waiting, digests
from scheduler.planning import (
    Editor,
    Plan,
    Planned,
    Published,
    Recipients,
    current_answers,
    plan,
)
from scheduler.records import (
    planned_until,
    read_ledger,
    remembered_dates,
    reminded,
    spoken_of,
    taken_back,
)
from scheduler.rules import Rules
from scheduler.tracking import Dates, track

log = structlog.get_logger(__name__)


class Planner:
    """Plans notices and gathers what is due; how often and where it runs does not matter."""

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
            until = await planned_until(connection)
            dates = await remembered_dates(connection)
        if until is not None and until > snapshot.revision:
            return 0  # another process is ahead
        published = await self._published(until, snapshot.revision)
        if until == snapshot.revision and not await self._has_work(snapshot, dates, now):
            return 0
        answers = await self._answers(snapshot, now) if published else {}
        histories = await self._histories(published)
        async with self._database.writing() as connection:
            await take_turns(connection, planner)
            if await planned_until(connection) != until:
                return 0  # another scheduler was faster; the rest comes with the next run
            recipients = Recipients(
                await self._subscriptions.all(connection),
                _editors(await self._people.all(connection), self._rules),
                answers,
            )
            told = await taken_back(connection, published, now)
            ledger = await read_ledger(connection, published, told, histories)
            planned = await asyncio.to_thread(
                plan, snapshot, published, recipients, ledger, now=now, rules=self._rules
            )
            await _write_state(connection, snapshot.revision, ledger.dates, planned)
            return await self._write(connection, planned.notices)

    async def gather(self, now: datetime) -> int:
        """Put what chats may be told now into the outbox; returns how many messages that are."""
        await self._store.refresh()
        snapshot = self._store.snapshot
        async with self._database.reading() as connection:
            if not await self._due(connection, snapshot, now):
                return 0
        async with self._database.writing() as connection:
            await take_turns(connection, planner)
            if (await planned_until(connection) or 0) > snapshot.revision:
                return 0  # another process is ahead: what it told would pass for untrue
            due = await self._due(connection, snapshot, now)
            notices = [digest.notice for digest in due if digest.notice is not None]
            await self._outbox.enqueue(connection, notices)
            await _settle(connection, due)
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

    async def _histories(self, published: Iterable[Published]) -> Mapping[str, list[Change]]:
        """All changes of the entries whose date or phase chats were to be told of before.

        Looked up before the transaction, like the answers.
        """
        async with self._database.reading() as connection:
            entries = await spoken_of(connection, published)
        histories = {}
        for entry in entries:
            versions = (await self._store.history(entry))[::-1]
            before = (None, *versions[:-1])
            histories[entry] = list(starmap(Change, zip(before, versions, strict=True)))
        return histories

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
        waiting = [Waiting(notice_of(row, row.planned_at), row.planned_at) for row in rows]
        if not waiting:
            return []
        settings = await self._subscriptions.all_settings(connection)
        as_wanted = await self._wanted(connection, waiting, snapshot)
        return await asyncio.to_thread(
            digests, waiting, settings, snapshot, as_wanted, now=now, rules=self._rules
        )

    async def _wanted(
        self, connection: AsyncConnection, waiting: Iterable[Waiting], snapshot: Snapshot
    ) -> Callable[[Notice], Notice | None]:
        """A notice as far as its chat wants it by the subscriptions that it has now."""
        subscribed: dict[int, list[Subscription]] = defaultdict(list)
        for one in await self._subscriptions.all(connection):
            subscribed[one.chat_id].append(one)
        of_dates: dict[int, set[str]] = defaultdict(set)
        readable = [one for one in waiting if not isinstance(one.notice.content, Unreadable)]
        entries = [entry_of(one.notice) for one in readable]
        for (entry, _), chats in (await reminded(connection, entries)).items():
            for chat_id in chats:
                of_dates[chat_id].add(entry)
        as_wanted = {
            chat_id: wanted_by(subscribed[chat_id], of_dates[chat_id], snapshot)
            for chat_id in {one.notice.chat_id for one in waiting}
        }
        return lambda notice: as_wanted[notice.chat_id](notice)

    async def _write(self, connection: AsyncConnection, notices: Sequence[Planned]) -> int:
        """Write down those notices that were not planned before; returns how many."""
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
                "planned_at": one.notice.not_before,
                "content": one.notice.content.model_dump(mode="json"),
            }
            for one in notices
        ]
        written = await connection.execute(
            self._database.insert(planned_notice)
            .on_conflict_do_nothing()
            .returning(planned_notice.c.key),
            rows,
        )
        new = len(written.all())
        log.debug("notices planned", notices=new)
        return new


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


async def _settle(connection: AsyncConnection, due: Iterable[Digest]) -> None:
    """Note what carries notices that waited; None if nothing does any more."""
    settled = [
        {
            "chat": digest.chat_id,
            "told": key,
            "carrier": digest.notice.key if digest.notice else None,
        }
        for digest in due
        for key in digest.keys
    ]
    if settled:
        await connection.execute(
            update(planned_notice)
            .where(
                planned_notice.c.chat_id == bindparam("chat"),
                planned_notice.c.key == bindparam("told"),
            )
            .values(content=None, sent_as=bindparam("carrier")),
            settled,
        )


def _editors(members: Iterable[Member], rules: Rules) -> list[Editor]:
    return [
        Editor(member.user_id, rules.today(member.since) if member.since else None)
        for member in members
        if member.role.includes(Role.EDITOR)
    ]
