"""A database that is away for a while: told in a line, and tried again ever more seldom."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Final

from sqlalchemy import exc
from structlog.typing import FilteringBoundLogger

from knowledge.storage.database import DatabaseError

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 10.0
"""Seconds between two attempts: doubled each time, and never so many that somebody who looks
whether it works again would lose patience."""

_LOCKED: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_SQLITE_AWAY: Final = _LOCKED | {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_READONLY,
}


class Backoff:
    """Pauses that grow from one failure to the next, and are short again after a success.

    Attributes:
        seconds: The next pause.
    """

    def __init__(self, first: float = FIRST_PAUSE, longest: float = LONGEST_PAUSE) -> None:
        """Begin with the shortest pause."""
        self.seconds = first
        self._first = first
        self._longest = longest

    def take(self) -> float:
        """How many seconds to pause now; the next time it is longer."""
        seconds = self.seconds
        self.seconds = min(2 * seconds, self._longest)
        return seconds

    async def wait(self) -> None:
        """Pause, the next time for longer."""
        await asyncio.sleep(self.take())

    def reset(self) -> None:
        """Begin anew: it worked."""
        self.seconds = self._first


def outage(error: BaseException) -> str | None:
    """Why the database cannot be used, in one line; None if the error is of another kind."""
    match error:
        case BaseExceptionGroup(exceptions=inner):
            reasons = [outage(each) for each in inner]
            known = [reason for reason in reasons if reason is not None]
            return "; ".join(dict.fromkeys(known)) if len(known) == len(reasons) else None
        case exc.DBAPIError() if _is_away(error):
            text = str(error.orig)
        case DatabaseError() | exc.TimeoutError():
            text = str(error)
        case _:
            return None
    return text.partition("\n")[0]


def is_locked(error: BaseException) -> bool:
    """Whether SQLite only tells that somebody else writes, or has done so for too long."""
    return isinstance(error, exc.DBAPIError) and _sqlite_code(error) in _LOCKED


def _is_away(error: exc.DBAPIError) -> bool:
    """Whether a driver tells of the database, and not of what it was asked.

    PostgreSQL's tells that by the kind of the error. SQLite's has one kind for both, which a table
    that there is not is of as well.
    """
    code = _sqlite_code(error)
    if code is not None:
        return code in _SQLITE_AWAY
    return isinstance(error, exc.OperationalError | exc.InterfaceError)


def _sqlite_code(error: exc.DBAPIError) -> int | None:
    """SQLite's code, without what extends it; None if it gave none, or is not the database."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def report(log: FilteringBoundLogger, event: str, error: BaseException, **more: object) -> None:
    """Log that something failed: with its traceback, unless the database is away."""
    reason = outage(error)
    if reason is None:
        log.error(event, exc_info=error, **more)
    else:
        log.warning(event, reason=reason, **more)
