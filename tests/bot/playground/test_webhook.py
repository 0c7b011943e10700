"""Updates are delivered to a webhook, each chat's in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.playground.server import HOST
from bot.playground.webhook import SECRET_HEADER
from bot.serving import serving
from tests.bot.playground.helpers import COUNCILLOR, STAFF, Json, World


@dataclass
class Receiver:
    """A bot's web server: notes what comes and answers as told."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    received: asyncio.Queue[tuple[str | None, Json]] = field(default_factory=asyncio.Queue)
    hold: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, request: Request) -> Response:
        self.received.put_nowait((request.headers.get(SECRET_HEADER), await request.json()))
        if self.statuses:
            return Response(status_code=self.statuses.pop(0))
        await self.hold.wait()
        return Response()

    async def text(self) -> str:
        """Wait for the next update and return its text."""
        async with asyncio.timeout(10):
            _, update = await self.received.get()
        return str(update["message"]["text"])


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    receiver.hold.set()

    async def hook(request: Request) -> Response:
        return await receiver(request)

    app = Starlette(routes=[Route("/hook", hook, methods=["POST"])])
    async with serving(app, HOST, 0) as port:
        receiver.url = f"http://{HOST}:{port}/hook"
        yield receiver
        receiver.hold.set()


async def test_updates_are_posted_with_the_secret(served: World, receiver: Receiver) -> None:
    await served.ok("setWebhook", url=receiver.url, secret_token="geheim_1")
    await served.say("hallo")
    async with asyncio.timeout(10):
        secret, update = await receiver.received.get()
    assert secret == "geheim_1"
    assert update["message"]["text"] == "hallo"


async def test_a_refused_update_is_posted_again_and_the_failure_told(
    served: World, receiver: Receiver
) -> None:
    receiver.statuses = [500, 403]
    await served.ok("setWebhook", url=receiver.url)
    await served.say("hallo")
    assert [await receiver.text() for _ in range(3)] == ["hallo"] * 3
    await drained(served)
    info = await served.ok("getWebhookInfo")
    assert info["pending_update_count"] == 0
    assert info["last_error_message"] == "Wrong response from the webhook: 403 Forbidden"


async def test_chats_are_served_side_by_side_but_each_in_order(
    served: World, receiver: Receiver
) -> None:
    receiver.hold.clear()
    await served.ok("setWebhook", url=receiver.url)
    await served.say("eins")
    await served.say("zwei")
    await served.say("drei", user=STAFF)
    assert {await receiver.text(), await receiver.text()} == {"eins", "drei"}
    assert receiver.received.empty()
    receiver.hold.set()
    assert await receiver.text() == "zwei"


async def test_what_waits_when_the_webhook_goes_can_be_polled(served: World) -> None:
    await served.ok("setWebhook", url="http://127.0.0.1:9/closed")
    await served.say("hallo")
    await served.ok("deleteWebhook")
    core = served.playground.core
    assert [u["message"]["text"] for u in await served.ok("getUpdates")] == ["hallo"]
    await served.ok("deleteWebhook", drop_pending_updates=True)
    assert len(core.updates) == 0


@pytest.mark.parametrize(
    ("parameters", "description"),
    [
        ({"url": "https://example.org/hook"}, "bad webhook"),
        ({"url": "http://[broken/"}, "bad webhook"),
        ({"secret_token": "ä"}, "secret token contains unallowed characters"),
        ({"max_connections": 101}, "max_connections must be"),
        ({"max_connections": "viele"}, "invalid max_connections"),
    ],
)
async def test_webhooks_that_cannot_be_are_refused(
    world: World, parameters: dict[str, object], description: str
) -> None:
    call = {"url": "http://127.0.0.1:9/", **parameters}
    assert (await world.refused("setWebhook", **call)).startswith(f"Bad Request: {description}")


async def test_the_webhook_tells_about_itself(world: World) -> None:
    assert (await world.ok("getWebhookInfo"))["url"] == ""
    await world.say("vorher", user=COUNCILLOR)
    await world.ok(
        "setWebhook",
        url="http://localhost:9/",
        max_connections=3,
        allowed_updates=["message"],
        drop_pending_updates=True,
    )
    info = await world.ok("getWebhookInfo")
    assert info == {
        "url": "http://localhost:9/",
        "has_custom_certificate": False,
        "pending_update_count": 0,
        "max_connections": 3,
        "ip_address": "127.0.0.1",
        "allowed_updates": ["message"],
    }
    await world.ok("setWebhook", url="")
    assert (await world.ok("getWebhookInfo"))["url"] == ""


async def drained(world: World) -> None:
    """Wait until no update is left."""
    core = world.playground.core
    assert await core.signal.until(lambda: not len(core.updates) or None, 10)
