"""What was planned before, as the database has it: read, and taken back where it is undone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, and_, bindparam, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.notification.contents import AnswerChanged, gathered, told_in
from knowledge.notification.notices import Notice, NoticeKind, NoticeState
from knowledge.notification.outbox import finishing_values, notice_of
from knowledge.revisions import Change
from knowledge.storage.tables import outbox, planned_notice, planner, tracked_date
from scheduler.heard import SAID, Earlier
from scheduler.planning import Ledger, Published, Told
from scheduler.tracking import Dates, Tracked

TAKEN_BACK = "change was taken back"
"""Reason with which notices are dropped whose revision was undone before they were sent."""

_LOST = frozenset({None, NoticeState.DROPPED, NoticeState.FAILED})
"""States of what carries a notice, None if nothing does, in which it does not arrive any more."""

_Value = TypeVar("_Value", str, int)

_CHUNK = 500
"""Rows per statement: databases limit how many values one can have."""


async def planned_until(connection: AsyncConnection) -> int | None:
    """The revision up to which changes have been turned into notices; None before the first."""
    return await connection.scalar(select(planner.c.revision))


async def remembered_dates(connection: AsyncConnection) -> Dates:
    """What is remembered of dates."""
    rows = await connection.execute(select(tracked_date))
    return {(row.entry, row.subject): Tracked(row.known_on, row.reached) for row in rows}


async def read_ledger(
    connection: AsyncConnection,
    published: Sequence[Published],
    told: Mapping[int, Sequence[Told]],
    histories: Mapping[str, Iterable[Change]],
) -> Ledger:
    """Everything that planning some revisions needs of what was planned before.

    Args:
        connection: A transaction in which what is undone was taken back.
        published: The revisions.
        told: What was taken back.
        histories: All changes of the entries of whose date or phase chats were to be told.
    """
    touched = [change.after.entry.key for one in published for change in one.changes]
    return Ledger(
        dates=await remembered_dates(connection),
        reminded=await reminded(connection, touched),
        told=told,
        earlier=await _earlier(connection, histories),
        waiting=await _waiting_answers(connection) if published else frozenset(),
    )


async def reminded(
    connection: AsyncConnection, entries: Iterable[str]
) -> Mapping[tuple[str, str], frozenset[int]]:
    """Which chats were reminded of the dates of some entries, by entry and date."""
    chats: dict[tuple[str, str], set[int]] = defaultdict(set)
    for some in chunks(entries):
        rows = await connection.execute(
            select(planned_notice.c.entry, planned_notice.c.due, planned_notice.c.chat_id).where(
                planned_notice.c.entry.in_(some),
                planned_notice.c.due.is_not(None),
            )
        )
        for entry, due, chat_id in rows:
            chats[entry, due].add(chat_id)
    return {place: frozenset(told) for place, told in chats.items()}


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


async def spoken_of(connection: AsyncConnection, published: Iterable[Published]) -> list[str]:
    """The entries whose date or phase some revisions change after chats were to be told of it."""
    found: set[str] = set()
    for some in chunks(_restated(published)):
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
    for some in chunks(histories):
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


def chunks(values: Iterable[_Value]) -> Iterator[list[_Value]]:
    """Some values, each once, as many as a statement may have at a time."""
    listed = sorted(set(values))
    for begin in range(0, len(listed), _CHUNK):
        yield listed[begin : begin + _CHUNK]


def _carrier() -> ColumnElement[bool]:
    """Joins what was planned with the notice in the outbox that carries it."""
    return and_(
        outbox.c.chat_id == planned_notice.c.chat_id, outbox.c.key == planned_notice.c.sent_as
    )


async def taken_back(
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
    await _take_out(connection, of_revision, now)
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


async def _take_out(
    connection: AsyncConnection, of_revision: ColumnElement[bool], now: datetime
) -> None:
    """Take the notices of a revision out of digests that wait; drop those of nothing else."""
    waiting = await connection.execute(
        select(outbox, planned_notice.c.key.label("part"))
        .join(planned_notice, _carrier())
        .where(
            of_revision,
            outbox.c.kind == NoticeKind.DIGEST,
            outbox.c.state == NoticeState.WAITING,
            outbox.c.unanswered == 0,
        )
        # Nobody sends meanwhile what is taken out. SQLite is locked as a whole, and ignores this.
        .with_for_update(of=outbox)
    )
    taken: dict[int, set[str]] = defaultdict(set)
    found: dict[int, Notice] = {}
    for row in waiting:
        taken[row.id].add(row.part)
        found[row.id] = notice_of(row, row.not_before)
    left = {
        number: [one for one in told_in(notice) if one.key not in taken[number]]
        for number, notice in found.items()
    }
    for some in chunks(number for number, told in left.items() if not told):
        dropped = finishing_values(NoticeState.DROPPED, now, TAKEN_BACK)
        await connection.execute(update(outbox).where(outbox.c.id.in_(some)).values(dropped))
    if shortened := [
        {"digest": number, "rest": gathered(told).model_dump(mode="json")}
        for number, told in left.items()
        if told
    ]:
        await connection.execute(
            update(outbox)
            .where(outbox.c.id == bindparam("digest"))
            .values(content=bindparam("rest")),
            shortened,
        )
    if parts := [
        {"chat": notice.chat_id, "part": key}
        for number, notice in found.items()
        for key in sorted(taken[number])
    ]:
        await connection.execute(
            update(planned_notice)
            .where(
                planned_notice.c.chat_id == bindparam("chat"),
                planned_notice.c.key == bindparam("part"),
            )
            .values(sent_as=None),
            parts,
        )


async def _waiting_answers(connection: AsyncConnection) -> frozenset[int]:
    """Subscribed answers of which a notice waits: for a digest, in one, or by itself."""
    for_digest = select(planned_notice).where(
        planned_notice.c.kind == NoticeKind.ANSWER_CHANGED,
        planned_notice.c.sent_as.is_(None),
        planned_notice.c.content.is_not(None),
    )
    in_outbox = select(outbox).where(
        outbox.c.kind.in_((NoticeKind.ANSWER_CHANGED, NoticeKind.DIGEST)),
        outbox.c.state == NoticeState.WAITING,
    )
    waiting = [notice_of(row, row.planned_at) for row in await connection.execute(for_digest)]
    for row in await connection.execute(in_outbox):
        waiting += told_in(notice_of(row, row.not_before))
    contents = (one.content for one in waiting)
    return frozenset(one.subscription for one in contents if isinstance(one, AnswerChanged))
