"""Which chats can be written to."""

from knowledge.notification.chats import Chats
from knowledge.storage.database import Database


async def deactivated(database: Database) -> frozenset[int]:
    """The chats that cannot be written to."""
    async with database.reading() as connection:
        return await Chats(database).deactivated(connection)
