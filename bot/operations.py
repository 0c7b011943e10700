"""What a service manager and a monitoring system ask: alive, ready, figures.

Meant for an address that only the operator reaches.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

import structlog
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.metrics import Metrics
from knowledge.database import Database
from knowledge.tables import revision

log = structlog.get_logger(__name__)

DATABASE_WITHIN: Final = 2.0
"""Seconds within which the database has to answer; who asks for health waits a few more."""

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


class Health:
    """Whether the bot can do its work."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        """Look at a database, and at what the metrics say about the rest."""
        self._database = database
        self._metrics = metrics

    async def checks(self) -> tuple[Check, ...]:
        """Look at everything that answering needs."""
        metrics = self._metrics
        return (
            Check("database", await self._database_problem()),
            Check(
                "snapshot",
                _too_old("the knowledge base was", metrics.since_refresh, OLDEST_REFRESH),
            ),
            Check("telegram", _too_old("Telegram was", metrics.since_call, OLDEST_CALL)),
        )

    async def _database_problem(self) -> str | None:
        try:
            async with asyncio.timeout(DATABASE_WITHIN), self._database.reading() as connection:
                await connection.execute(select(revision.c.number).limit(1))
        except TimeoutError:
            return f"no answer within {DATABASE_WITHIN:g} seconds"
        except (SQLAlchemyError, OSError) as exc:
            log.warning("database does not answer", reason=str(exc))
            return "no answer; the log says why"
        return None


def operations_app(health: Health, metrics: Metrics) -> Starlette:
    """The application behind `OPERATIONS`."""

    async def live(_: Request) -> Response:
        return JSONResponse({"live": True})

    async def ready(_: Request) -> Response:
        checks = await health.checks()
        is_ready = all(check.problem is None for check in checks)
        body = {
            "ready": is_ready,
            "checks": {check.name: check.problem or "ok" for check in checks},
        }
        return JSONResponse(body, status_code=200 if is_ready else 503)

    async def figures(_: Request) -> Response:
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
