"""A bot and people at a playground, spoken to over HTTP."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Any

import httpx

from bot.playground import TOKEN, ManualClock, Playground

COUNCILLOR, STAFF, ADMIN = 1001, 1002, 1003
GROUP = -2001

Json = dict[str, Any]
Answer = Any  # What an endpoint answers; a test that looks into it knows what it looks for.


@dataclass(frozen=True)
class World:
    """A playground with its clock and an HTTP client."""

    playground: Playground
    clock: ManualClock
    http: httpx.AsyncClient

    async def call(self, method: str, **parameters: object) -> Json:
        """Call the Bot API and return the whole answer."""
        answer = await self.http.post(f"/bot{TOKEN}/{method}", json=parameters)
        body: Json = answer.json()
        assert answer.status_code == body.get("error_code", 200)
        return body

    async def ok(self, method: str, **parameters: object) -> Answer:
        """Call the Bot API and return the result."""
        body = await self.call(method, **parameters)
        assert body["ok"], body
        return body["result"]

    async def refused(self, method: str, **parameters: object) -> str:
        """Call the Bot API and return the description of its refusal."""
        body = await self.call(method, **parameters)
        assert not body["ok"], body
        return str(body["description"])

    async def sim(self, verb: str, path: str, **body: object) -> Answer:
        """Call the simulation interface and return its answer."""
        answer = await self.http.request(verb, f"/sim/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def say(
        self, text: str, *, user: int = COUNCILLOR, chat: int = 0, **more: object
    ) -> Json:
        """Write as a person, in private unless told otherwise."""
        path = f"chats/{chat or user}/messages"
        message: Json = await self.sim("POST", path, user_id=user, text=text, **more)
        return message

    async def updates(self) -> list[Json]:
        """Take all waiting updates."""
        updates: list[Json] = await self.ok("getUpdates")
        if updates:
            await self.ok("getUpdates", offset=updates[-1]["update_id"] + 1)
        return updates


def buttons(*rows: list[Json]) -> Json:
    """Build an inline keyboard."""
    return {"inline_keyboard": list(rows)}


def button(text: str = "Weiter", **action: object) -> Json:
    """Build an inline button, by default with callback data."""
    return {"text": text, **(action or {"callback_data": "m1:7"})}


def png(width: int = 3, height: int = 2) -> bytes:
    """Build a valid grey PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
