"""What admins tell everybody: queued for each chat once, held back as long as it is not sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.notification.chats import Chats
from knowledge.notification.contents import Announcement
from knowledge.notification.notices import Notice, NoticeKind
from knowledge.notification.outbox import Outbox
from knowledge.notification.subscriptions import Subscriptions
from knowledge.people import People, Role
from knowledge.storage.database import Database, take_turns
from knowledge.storage.tables import planner


class Announcements:
    """Announcements on their way."""

    def __init__(
        self,
        database: Database,
        *,
        people: People,
        chats: Chats,
        subscriptions: Subscriptions,
        outbox: Outbox,
    ) -> None:
        """Use what is there of people, chats and notices.

        Args:
            database: Where notices are kept.
            people: Who may announce, and who is told.
            chats: Which chats can be written to.
            subscriptions: Who is told, too.
            outbox: Where announcements are put.
        """
        self._database = database
        self._people = people
        self._chats = chats
        self._subscriptions = subscriptions
        self._outbox = outbox

    async def recipients(self) -> frozenset[int]:
        """Who is told: members and subscribers, as far as they can be written to."""
        async with self._database.reading() as connection:
            return await self._recipients(connection)

    async def _recipients(self, connection: AsyncConnection) -> frozenset[int]:
        # Telegram gives a private chat the number of the person.
        members = {member.user_id for member in await self._people.all(connection)}
        subscribers = await self._subscriptions.chats(connection)
        return (subscribers | members) - await self._chats.deactivated(connection)

    async def publish(self, name: str, text: str, *, by: int, now: datetime) -> int:
        """Tell everybody something; under the same name, once.

        Args:
            name: What tells this announcement from others.
            text: What is said.
            by: The admin who says it.
            now: The present moment.

        Returns:
            How many chats are going to be told that were not before.

        Raises:
            PeopleError: if `by` is no admin.
        """
        async with self._database.writing() as connection:
            # Who leaves, or gets another number, does so before or after: what is written down
            # for them then goes, or moves, with the rest.
            await take_turns(connection, planner)
            await self._people.require(connection, by, Role.ADMIN)
            notices = [
                Notice(
                    chat_id=chat_id,
                    key=_key(name),
                    kind=NoticeKind.ANNOUNCEMENT,
                    content=Announcement(text=text),
                    not_before=now,
                )
                for chat_id in sorted(await self._recipients(connection))
            ]
            return await self._outbox.enqueue(connection, notices)

    async def on_its_way(self, name: str) -> int:
        """How many chats an announcement may still be sent to."""
        return await self._outbox.on_its_way(_key(name))

    async def cancel(self, name: str, *, by: int, now: datetime) -> int:
        """Hold back an announcement where it is not sent yet; returns for how many chats.

        Raises:
            PeopleError: if `by` is no admin.
        """
        async with self._database.writing() as connection:
            await self._people.require(connection, by, Role.ADMIN)
            return await self._outbox.cancel(connection, _key(name), "held back", now=now)


def _key(name: str) -> str:
    return f"{NoticeKind.ANNOUNCEMENT}:{name}"
