"""Taking over what other processes publish in the moment in which they do."""

from __future__ import annotations

import asyncio
from typing import Never

import structlog

from knowledge.storage.database import Database
from knowledge.storage.sessions import SessionError, session
from knowledge.storage.store import PUBLISHED, Store

log = structlog.get_logger(__name__)

PAUSE = 1.0
"""Seconds until the next attempt to listen, when the connection was lost."""


async def follow(store: Store, database: Database) -> Never:
    """Refresh a store whenever something is published, until cancelled.

    While there is no connection, nothing is heard: whoever needs to be sure asks now and then.

    Args:
        store: What is brought up to date.
        database: A PostgreSQL database; the store's own.
    """
    while True:
        try:
            async with session(database) as own:
                await own.listen(PUBLISHED)
                # What was published before we listened.
                await store.refresh()
                while True:
                    await own.hear()
                    await store.refresh()
        except SessionError as exc:
            log.warning("not told of publications, listening again", reason=str(exc))
        except Exception:
            log.exception("not up to date, listening again")
        await asyncio.sleep(PAUSE)
