"""A load generator: posts updates to a webhook as Telegram does, at a steady rate."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from bot.web import SECRET_HEADER

Json = dict[str, Any]

CONNECTIONS = 40
"""Posts under way at once: what the bot asks Telegram for."""

RETRY = 0.2
"""Seconds before an update is offered again that was not taken."""


def message_update(number: int, text: str, *, person: int) -> Json:
    """An update with a private message; update and message have the same number."""
    message: Json = {
        "message_id": number,
        "date": 1_760_000_000 + number,
        "chat": {"id": person, "type": "private", "first_name": "A"},
        "from": {"id": person, "is_bot": False, "first_name": "A", "language_code": "de"},
        "text": text,
    }
    if text.startswith("/"):
        command = text.partition(" ")[0]
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(command)}]
    return {"update_id": number, "message": message}


async def post(
    url: str,
    secret: str,
    updates: Sequence[Json],
    *,
    rate: float | None = None,
    acknowledged: Callable[[int], None] = lambda _: None,
) -> None:
    """Post updates until each of them is acknowledged.

    Args:
        url: The webhook.
        secret: What Telegram would send along.
        updates: The updates, in order.
        rate: Updates per second; None for as fast as they are taken.
        acknowledged: Told the number of each update that was taken, at once.
    """
    loop = asyncio.get_running_loop()
    begin = loop.time()
    places = asyncio.Semaphore(CONNECTIONS)
    headers = {SECRET_HEADER: secret}
    async with (
        httpx.AsyncClient(trust_env=False, timeout=30, headers=headers) as client,
        asyncio.TaskGroup() as tasks,
    ):

        async def deliver(update: Json) -> None:
            try:
                while True:
                    if await _is_taken(client, url, update):
                        break
                    await asyncio.sleep(RETRY)
                acknowledged(update["update_id"])
            finally:
                places.release()

        for position, update in enumerate(updates):
            if rate is not None:
                await asyncio.sleep(begin + position / rate - loop.time())
            await places.acquire()
            tasks.create_task(deliver(update))


async def _is_taken(client: httpx.AsyncClient, url: str, update: Json) -> bool:
    try:
        return (await client.post(url, json=update)).is_success
    except httpx.TransportError:
        return False
