"""Serving a web application inside a process that does other things, too."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

GRACE: Final = 2
"""Seconds that requests under way get when serving ends; Telegram sends again what is cut off."""

ASKED_WITHIN: Final = 10.0
"""Seconds in which who connects must have sent the head of a request: uvicorn itself would wait
for ever, and a few hundred who say nothing would leave no connection for others."""

LOOK_EVERY: Final = 1.0
"""Seconds between two looks at the connections."""


@asynccontextmanager
async def serving(app: ASGIApp, host: str, port: int, **options: Any) -> AsyncIterator[int]:  # noqa: ANN401 (uvicorn's own)
    """Serve while the block runs; afterwards nothing is accepted, and what is under way ends.

    Args:
        app: The application; its lifespan is not run.
        host: The address to listen on, or a name for it.
        port: TCP port, 0 for any free one.
        options: More of uvicorn's.

    Yields:
        The port.

    Raises:
        OSError: The address cannot be used.
    """
    with listen(host, port) as listener:
        server = Server(
            uvicorn.Config(
                app,
                lifespan="off",
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                timeout_graceful_shutdown=GRACE,
                **({"http": "h11"} | options),  # unlike uvicorn's other one it limits heads
            )
        )
        running = asyncio.create_task(server.serve([listener]))
        try:
            yield listener.getsockname()[1]
        finally:
            server.stop()
            await running


def listen(host: str, port: int) -> socket.socket:
    """Open a socket that accepts connections.

    Raises:
        OSError: The address cannot be used; the message names it.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, *_, address = found[0]
        listener = socket.create_server(address[:2], family=family)
    except OSError as exc:
        raise OSError(f"{host}:{port} cannot be listened on: {exc.strerror or exc}") from exc
    # asyncio does this only where the protocol's number is given; without it, answers in two parts
    # wait 40 ms for an acknowledgement. Connections inherit it.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


class Server(uvicorn.Server):
    """Stops when told and leaves signals to the process it runs in.

    Left to itself, uvicorn would raise a captured signal again on leaving, which ends the process
    before anything else is put in order, and look for a reason to stop only every tenth of a
    second.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        """Prepare; nothing is served yet."""
        super().__init__(config)
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Accept nothing more and let `serve` return."""
        self.should_exit = True
        self._stopping.set()

    async def main_loop(self) -> None:
        """Until the order to stop, hang up on those who have been asking nothing for too long."""
        idle: dict[H11Protocol, tuple[object, float]] = {}
        while not self._stopping.is_set():
            now = asyncio.get_running_loop().time()
            idle = {
                connection: idle[connection]
                if connection in idle and idle[connection][0] is connection.cycle
                else (connection.cycle, now)
                for connection in self.server_state.connections
                if isinstance(connection, H11Protocol)
                and (connection.cycle is None or connection.cycle.response_complete)
            }
            for connection, (_, since) in idle.items():
                if now - since >= ASKED_WITHIN:
                    connection.transport.close()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), LOOK_EVERY)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Capture none."""
        yield
