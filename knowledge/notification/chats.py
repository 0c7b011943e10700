"""Which chats can be written to, and what becomes of a chat that gets another number."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, Table, Update, and_, delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.notification.notices import NoticeState
from knowledge.notification.outbox import LONGEST_REASON, finishing_values
from knowledge.storage.database import Database, take_turns
from knowledge.storage.tables import METADATA, chat, outbox, planned_notice, planner


class Chats:
    """What is known of the chats that notices go to."""

    def __init__(self, database: Database) -> None:
        """Use a database."""
        self._database = database

    async def deactivate(self, chat_id: int, reason: str, *, now: datetime) -> None:
        """Note that a chat cannot be written to; what was on its way is dropped.

        Everything else that the chat has stays, for its return.
        """
        kept = reason[:LONGEST_REASON]
        values = {"deactivated_at": now, "reason": kept}
        async with self._database.writing() as connection:
            # Planning under way would still write down something. Its lock comes before others.
            await take_turns(connection, planner)
            await connection.execute(
                self._database.insert(chat)
                .values(chat_id=chat_id, **values)
                .on_conflict_do_update(index_elements=[chat.c.chat_id], set_=values)
            )
            await connection.execute(
                update(outbox)
                .where(outbox.c.chat_id == chat_id, outbox.c.due_at.is_not(None))
                .values(finishing_values(NoticeState.DROPPED, now, kept))
            )

    async def reactivate(self, chat_id: int) -> bool:
        """Note that a chat can be written to again; returns whether it was deactivated."""
        async with self._database.writing() as connection:
            result = await connection.execute(reactivating(chat_id))
        return result.rowcount > 0

    async def deactivated(self, connection: AsyncConnection) -> frozenset[int]:
        """The chats that cannot be written to, as a transaction of the caller sees it."""
        query = select(chat.c.chat_id).where(chat.c.deactivated_at.is_not(None))
        return frozenset(await connection.scalars(query))

    async def move(self, old: int, new: int) -> None:
        """Give everything that a chat has to the chat that it became.

        A group that becomes a supergroup gets another number. Where the new chat has a row that
        must be the only one of its sort, the old chat's is deleted; a notice that one of the two
        was sent, by itself or in a digest, counts as sent, but not one that was given up at the
        new one while it is on its way to the old one. That the old number could not be written to
        says nothing about the new one.
        """
        async with self._database.writing() as connection:
            # Planning under way would still write down something for the old chat.
            await take_turns(connection, planner)
            await connection.execute(reactivating(old))
            await _delete_what_the_other_was_sent(connection, old, new)
            await _delete_what_is_carried_along(connection, old, new)
            await _delete_what_is_still_to_come(connection, old, new)
            for table in METADATA.sorted_tables:
                if "chat_id" in table.c:
                    await _move_rows(connection, table, old, new)


def reactivating(chat_id: int) -> Update:
    """The statement by which a chat can be written to again; it changes a row if it could not."""
    is_mute = (chat.c.chat_id == chat_id, chat.c.deactivated_at.is_not(None))
    return update(chat).where(*is_mute).values(deactivated_at=None, reason=None)


async def _delete_what_the_other_was_sent(connection: AsyncConnection, old: int, new: int) -> None:
    for one, other in ((old, new), (new, old)):
        is_sent = outbox.c.state == NoticeState.SENT
        alone = select(outbox.c.key).where(outbox.c.chat_id == one, is_sent)
        in_digests = _carried(one).where(is_sent)
        await connection.execute(
            delete(outbox).where(
                outbox.c.chat_id == other,
                outbox.c.due_at.is_not(None),
                or_(outbox.c.key.in_(alone), outbox.c.key.in_(in_digests)),
            )
        )


async def _delete_what_is_carried_along(connection: AsyncConnection, old: int, new: int) -> None:
    """Delete what waits for a digest of the new chat and comes, or came, from the old one."""
    arrives = or_(outbox.c.state == NoticeState.SENT, outbox.c.due_at.is_not(None))
    await connection.execute(
        delete(planned_notice).where(
            planned_notice.c.chat_id == new,
            planned_notice.c.sent_as.is_(None),
            planned_notice.c.content.is_not(None),
            planned_notice.c.key.in_(_carried(old).where(arrives)),
        )
    )


async def _delete_what_is_still_to_come(connection: AsyncConnection, old: int, new: int) -> None:
    """Delete what surely did not arrive in the new chat and is on its way to the old one."""
    on_its_way = select(outbox.c.key).where(outbox.c.chat_id == old, outbox.c.due_at.is_not(None))
    await connection.execute(
        delete(outbox).where(
            outbox.c.chat_id == new,
            outbox.c.due_at.is_(None),
            outbox.c.unanswered == 0,
            outbox.c.key.in_(on_its_way),
        )
    )


def _carried(chat_id: int) -> Select[tuple[str]]:
    """The keys of a chat's planned notices that are in the outbox, by themselves or in digests."""
    planned = planned_notice.alias()
    carrier = and_(outbox.c.chat_id == planned.c.chat_id, outbox.c.key == planned.c.sent_as)
    return select(planned.c.key).join(outbox, carrier).where(planned.c.chat_id == chat_id)


async def _move_rows(connection: AsyncConnection, table: Table, old: int, new: int) -> None:
    keys = list(table.primary_key.columns)
    rows = await connection.execute(select(*keys).where(table.c.chat_id == old))
    for row in rows.all():
        this = [column == value for column, value in zip(keys, row, strict=True)]
        try:
            async with connection.begin_nested():
                await connection.execute(update(table).where(*this).values(chat_id=new))
        except IntegrityError:
            await connection.execute(delete(table).where(*this))
