"""What a service manager and a monitoring system ask: alive, ready, figures.

Meant for an address that only the operator reaches.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import structlog
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.instance import ProcessRole
from bot.metrics import Metrics
from knowledge.storage.database import Database
from knowledge.storage.outages import is_locked, outage
from knowledge.storage.tables import received_update
from scheduler.leadership import Leadership, is_led

log = structlog.get_logger(__name__)

DATABASE_WITHIN: Final = 2.0
"""Seconds within which the database has to answer; who asks for health waits a few more."""

LONGEST_WRITING: Final = 60.0
"""Seconds for which the one writer that SQLite lets in may be somebody else: an import, or digests
for many. Meanwhile the database can be read, and what arrives waits for its turn."""

OLDEST_REFUSAL: Final = 60.0
"""Seconds; who asks Telegram is offered again every 30 what could not be stored. To whom it is
delivered it may come no more: a load balancer gives it to others as long as we are not ready."""

OLDEST_REFRESH: Final = 60.0
"""Seconds; the snapshot is compared with the database every two."""

OLDEST_CALL: Final = 180.0
"""Seconds; Telegram is called at least every minute, and a short trouble is no alarm."""


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of being ready.

    Attributes:
        name: Stable, for programs.
        problem: What is wrong, None if nothing is.
    """

    name: str
    problem: str | None


class Leader(StrEnum):
    """Where the process is that plans and sends notices."""

    HERE = "here"
    ELSEWHERE = "elsewhere"
    NOBODY = "nobody"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class State:
    """What is known of the bot at one moment.

    Attributes:
        checks: The conditions of being ready.
        leader: Who sends notices.
    """

    checks: tuple[Check, ...]
    leader: Leader


class Health:
    """Whether the bot can do its work."""

    def __init__(
        self,
        database: Database,
        metrics: Metrics,
        role: ProcessRole,
        leadership: Leadership,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Look at a database, and at what the metrics say about the rest."""
        self.role = role
        self._database = database
        self._metrics = metrics
        self._leadership = leadership
        self._monotonic = monotonic
        self._locked_since: float | None = None

    async def state(self) -> State:
        """Look at everything that answering needs, and at who sends notices."""
        metrics = self._metrics
        leader = Leader.HERE if self._leadership.is_held else Leader.UNKNOWN
        problem = None
        try:
            # One that can only be read answers, too, and nobody would be answered.
            if await self._writes():
                self._locked_since = None
            elif not await self._only_waits():
                problem = f"no answer within {DATABASE_WITHIN:g} seconds"
            if problem is None and leader is not Leader.HERE:
                async with asyncio.timeout(DATABASE_WITHIN):
                    leader = Leader.ELSEWHERE if await self._is_led() else Leader.NOBODY
        except TimeoutError:
            problem = f"no answer within {DATABASE_WITHIN:g} seconds"
        except (SQLAlchemyError, OSError) as exc:
            log.warning("database cannot be used", reason=outage(exc) or str(exc))
            problem = "it cannot be used; the log says why"
        refused = metrics.since_refusal
        if problem is None and refused is not None and refused <= OLDEST_REFUSAL:
            # A full disk can be read, and nobody is answered.
            problem = "updates cannot be stored; the log says why"
        checks = (
            Check("database", problem),
            Check(
                "snapshot",
                _too_old("the knowledge base was", metrics.since_refresh, OLDEST_REFRESH),
            ),
            Check("telegram", _too_old("Telegram was", metrics.since_call, OLDEST_CALL)),
        )
        return State(checks, leader)

    async def _writes(self) -> bool:
        """Whether something can be stored now; False if the turn to do so does not come."""
        try:
            async with asyncio.timeout(DATABASE_WITHIN):
                await self._database.try_writing(patience=DATABASE_WITHIN / 2)
        except TimeoutError:
            return False
        except SQLAlchemyError as exc:
            if not is_locked(exc):
                raise
            return False
        return True

    async def _only_waits(self) -> bool:
        """Whether what cannot be written to only waits for who writes already."""
        if not self._database.is_sqlite:
            return False
        now = self._monotonic()
        if self._locked_since is None:
            self._locked_since = now
        if now - self._locked_since > LONGEST_WRITING:
            return False
        async with asyncio.timeout(DATABASE_WITHIN), self._database.reading() as connection:
            await connection.execute(select(received_update.c.update_id).limit(1))
        return True

    async def _is_led(self) -> bool:
        if self._database.is_sqlite:
            return False
        async with self._database.reading() as connection:
            return await is_led(connection)


def operations_app(health: Health, metrics: Metrics) -> Starlette:
    """The application behind `OPERATIONS`."""

    async def live(_: Request) -> Response:
        return JSONResponse({"live": True})

    async def ready(_: Request) -> Response:
        state = await health.state()
        is_ready = all(check.problem is None for check in state.checks)
        body = {
            "ready": is_ready,
            "role": health.role,
            # No condition: whoever answers can do so while a standby takes over.
            "leader": state.leader,
            "checks": {check.name: check.problem or "ok" for check in state.checks},
        }
        return JSONResponse(body, status_code=200 if is_ready else 503)

    async def figures(_: Request) -> Response:
        state = await health.state()
        metrics.looked_at(
            {check.name: check.problem is None for check in state.checks},
            leading=state.leader is Leader.HERE,
        )
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return Starlette(
        routes=[
            Route("/health/live", live),
            Route("/health/ready", ready),
            Route("/metrics", figures),
        ]
    )


def _too_old(what: str, age: float | None, oldest: float) -> str | None:
    if age is None:
        return f"{what} not reached since the start"
    if age > oldest:
        return f"{what} last reached {age:.0f} seconds ago"
    return None
