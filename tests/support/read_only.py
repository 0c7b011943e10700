"""Databases that can be read and take nothing any more."""

from __future__ import annotations

from sqlalchemy import event, text

from knowledge.storage.database import Database


async def make_read_only(database: Database) -> None:
    """Let a database be as on a disk that was mounted anew to be read, or as a standby server."""
    if database.is_sqlite:
        # The rights on a file would not keep root from writing.
        event.listen(
            database.engine.sync_engine,
            "connect",
            lambda connection, _: connection.execute("PRAGMA query_only=ON"),
        )
    else:
        async with database.writing() as connection:
            statement = (
                f"ALTER DATABASE {database.url.database} SET default_transaction_read_only=on"
            )
            await connection.execute(text(statement))
    await database.engine.dispose()
