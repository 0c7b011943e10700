"""Serving: who connects and asks nothing is hung up on, and nobody else."""

import asyncio
from contextlib import suppress

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import serving as module
from bot.serving import serving

HEAD = b"GET / HTTP/1.1\r\nHost: bot\r\n"


def an_app(until: asyncio.Event) -> Starlette:
    async def answer(_: Request) -> Response:
        await until.wait()
        return Response("da")

    return Starlette(routes=[Route("/", answer)])


async def hung_up(port: int, said: bytes, *, patience: float = 10) -> bytes:
    """Everything that is said to somebody until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(said)
    heard = b""
    async with asyncio.timeout(patience):
        with suppress(ConnectionResetError):  # where not all that was said was listened to
            while part := await reader.read(1000):
                heard += part
    writer.close()
    return heard


@pytest.mark.parametrize(
    "said",
    [
        b"",
        HEAD,
        # The head of a second request, and a body that never comes.
        HEAD + b"\r\n" + HEAD,
        b"POST / HTTP/1.1\r\nHost: bot\r\nContent-Length: 5\r\n\r\nx",
    ],
)
async def test_who_does_not_come_to_the_point_is_hung_up_on(
    said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ASKED_WITHIN", 0.0)
    monkeypatch.setattr(module, "LOOK_EVERY", 0.05)
    ready = asyncio.Event()
    ready.set()
    async with serving(an_app(ready), "127.0.0.1", 0, timeout_keep_alive=60) as port:
        heard = await hung_up(port, said)
    assert heard.count(b"HTTP/1.1") <= 1


async def test_who_is_waiting_for_an_answer_gets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ASKED_WITHIN", 0.0)
    monkeypatch.setattr(module, "LOOK_EVERY", 0.01)
    ready = asyncio.Event()
    async with serving(an_app(ready), "127.0.0.1", 0) as port:
        asking = asyncio.create_task(hung_up(port, HEAD + b"\r\n"))
        assert await hung_up(port, b"") == b""  # somebody who came later is hung up on meanwhile
        ready.set()
        assert (await asking).endswith(b"da")


async def test_an_endless_head_is_refused() -> None:
    async with serving(an_app(asyncio.Event()), "127.0.0.1", 0) as port:
        assert b" 200 " not in await hung_up(port, HEAD + b"X-Long: " + b"a" * 200_000)
