"""Taking over what other processes publish in the moment in which they do."""

from __future__ import annotations

from typing import Never

import structlog

from knowledge.storage.database import Database
from knowledge.storage.outages import Backoff, report
from knowledge.storage.sessions import session
from knowledge.storage.store import PUBLISHED, Store

log = structlog.get_logger(__name__)


async def follow(store: Store, database: Database) -> Never:
    """Refresh a store whenever something is published, until cancelled.

    While there is no connection, nothing is heard: whoever needs to be sure asks now and then.

    Args:
        store: What is brought up to date.
        database: A PostgreSQL database; the store's own.
    """
    backoff = Backoff()
    while True:
        try:
            async with session(database) as own:
                await own.listen(PUBLISHED)
                # What was published before we listened.
                await store.refresh()
                backoff.reset()
                while True:
                    await own.hear()
                    await store.refresh()
        except Exception as exc:
            report(log, "not told of publications, listening again", exc)
        await backoff.wait()
