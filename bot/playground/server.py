"""The playground as a web application, and how it is served."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.playground.botapi import BotApi
from bot.playground.clock import Clock, SystemClock
from bot.playground.core import Core
from bot.playground.guard import Guard
from bot.playground.limits import Limiter, Limits
from bot.playground.simulation import ClockListener, Simulation
from bot.playground.webhook import Delivery
from bot.playground.world import User, World
from bot.serving import serving

HOST: Final = "127.0.0.1"
TOKEN: Final = "1:playground"  # noqa: S105 (opens nothing but this server)
NAME: Final = "Maßnahmenbot"
USERNAME: Final = "massnahmenbot"
CAST: Final = ("Stadträtin", "Beratungsstelle", "Admin")
GROUP: Final = "Fraktion"

_STATIC: Final = Path(__file__).parent / "static"


class Playground:
    """A local Telegram with one bot, a few people and a group, all in memory.

    Args:
        token: The bot's token, `<number>:<secret>`; the number is the bot's user id.
        clock: Where the present moment comes from; the machine's clock if None.
        limits: Telegram's sending limits, None for no limits.
        clock_listener: Told the new present whenever the clock is set; the page then offers "a
            day forward".

    Attributes:
        core: The state, for those who share the process.
        app: The Starlette application.

    Raises:
        ValueError: The token has no number.
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        clock: Clock | None = None,
        limits: Limits | None = None,
        clock_listener: ClockListener | None = None,
    ) -> None:
        number, colon, _ = token.partition(":")
        if not colon or not number.isdecimal():
            raise ValueError("a token looks like 1:playground")
        world = World(User(int(number), NAME, USERNAME, is_bot=True))
        people = [world.add_user(person).id for person in CAST]
        world.add_group(GROUP, members=people).members[world.bot.id] = "member"
        self.core = Core(
            token=token,
            clock=clock or SystemClock(),
            world=world,
            limiter=Limiter(limits),
        )
        self._connections: dict[tuple[str, int], asyncio.Transport] = {}
        self.app = Starlette(
            routes=[
                Route("/", _page),
                *BotApi(self.core, self._disconnect).routes(),
                *Simulation(self.core, clock_listener).routes(),
                Mount("/static", StaticFiles(directory=_STATIC)),
            ],
            middleware=[Middleware(Guard)],
        )

    def _disconnect(self, request: Request) -> Response:
        """Drop the connection a request came in on, without a farewell."""
        client = request.client
        transport = self._connections.get((client.host, client.port)) if client else None
        if transport is None:
            raise ConnectionAbortedError("the connection is dropped on order")
        transport.abort()
        return Response()

    @contextlib.asynccontextmanager
    async def serve(self, port: int = 0) -> AsyncIterator[str]:
        """Serve on 127.0.0.1 while the block runs; the world outlives it and can be served again.

        Args:
            port: TCP port, 0 for any free one.

        Yields:
            The address without a trailing slash, e.g. `http://127.0.0.1:8081`.

        Raises:
            OSError: The port is taken.
        """
        self.core.signal.reopen()
        async with serving(self.app, HOST, port, http=self._protocol()) as taken:
            delivering = asyncio.create_task(Delivery(self.core).run())
            try:
                yield f"http://{HOST}:{taken}"
            finally:
                # Ends long polls and streams, for which the server would wait otherwise.
                self.core.signal.close()
                await delivering

    def _protocol(self) -> type[asyncio.Protocol]:
        connections = self._connections

        class Protocol(H11Protocol):
            """Remembers its transports, because ASGI knows no way to drop a connection."""

            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's own narrowing
                super().connection_made(transport)
                self._peer = transport.get_extra_info("peername")
                connections[self._peer] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                connections.pop(self._peer, None)
                super().connection_lost(exc)

        return Protocol


async def _page(_: Request) -> Response:
    return FileResponse(_STATIC / "index.html", headers={"Cache-Control": "no-cache"})
