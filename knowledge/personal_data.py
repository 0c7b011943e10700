"""What is kept about a chat: shown, or deleted, all of it.

Every table with a column `chat_id` belongs to the chat; a new one is found by that. What else
leads to a person are the rows that carry a user id, which is the id of the private chat: members,
drafts, files under way, and open invitations of whoever made them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from pydantic import JsonValue
from sqlalchemy import ColumnElement, Select, Table, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.storage.database import Database, take_turns
from knowledge.storage.tables import METADATA, chat, member, planner

DESERTED = timedelta(days=180)
"""How long after a chat could not be written to any more everything about it is kept: whoever has
blocked the bot for half a year does not come back to their subscriptions."""

_OWNERS = ("chat_id", "user_id", "invited_by")


class PersonalData:
    """Everything about a chat, whichever part of the program keeps it."""

    def __init__(self, database: Database) -> None:
        """Use a database."""
        self._database = database

    async def export(self, chat_id: int) -> dict[str, list[dict[str, JsonValue]]]:
        """All rows about a chat by table, as plain data; tables without any are left out.

        Of a file that is being imported there is its size: whoever sent it has it, and 20 MB of
        signs would hide the rest from them.
        """
        found: dict[str, list[dict[str, JsonValue]]] = {}
        async with self._database.reading() as connection:
            for table, own in _tables(chat_id):
                rows = await connection.execute(select(table).where(own))
                plain = [
                    {column: _plain(value) for column, value in row._mapping.items()}  # noqa: SLF001 (SQLAlchemy's name for it is public)
                    for row in rows
                ]
                if plain:
                    found[table.name] = plain
        return found

    async def forget(self, chat_id: int) -> int:
        """Delete everything about a chat, at once or not at all; returns how many rows.

        A role stays: it is given and taken by admins, and the log would have a label whose
        owner nobody knows.
        """
        async with self._database.writing() as connection:
            # Planning under way would still write down what it decided to tell the chat.
            await take_turns(connection, planner)
            return await _forget(connection, chat_id)

    async def forget_deserted(self, now: datetime) -> int:
        """Delete everything about chats that have not been there for long; returns how many."""
        gone = select(chat.c.chat_id).where(chat.c.deactivated_at <= now - DESERTED)
        async with self._database.reading() as connection:
            deserted = list(await connection.scalars(gone))
        return sum([await self._forget_deserted(chat_id, gone) for chat_id in deserted])

    async def _forget_deserted(self, chat_id: int, gone: Select[tuple[int]]) -> bool:
        """Forget a chat, unless it has come back meanwhile."""
        async with self._database.writing() as connection:
            await take_turns(connection, planner)  # as above; before the look, which must be fresh
            if await connection.scalar(gone.where(chat.c.chat_id == chat_id)) is None:
                return False
            await _forget(connection, chat_id)
        return True


async def _forget(connection: AsyncConnection, chat_id: int) -> int:
    count = 0
    for table, own in _tables(chat_id):
        if table is not member:
            count += (await connection.execute(delete(table).where(own))).rowcount
    return count


def _tables(chat_id: int) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Tables that keep something about chats, each with the condition for one of them."""
    for table in METADATA.sorted_tables:
        owners = [table.c[name] == chat_id for name in _OWNERS if name in table.c]
        if owners:
            yield table, or_(*owners)


def _plain(value: object) -> JsonValue:
    match value:
        case datetime() | date() | time():
            return value.isoformat()
        case None | bool() | int() | float() | str() | list() | dict():
            return value
        case bytes():
            return {"bytes": len(value)}
    raise TypeError(f"nobody has decided how to show {type(value).__name__}")
