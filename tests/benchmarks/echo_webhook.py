"""The shortest bot of python-telegram-bot behind a web server of one's own, as its example does.

The library's `customwebhookbot` with Starlette: an update is acknowledged as soon as it is in
memory, and the library handles one after the other.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Update
from telegram.ext import Application, MessageHandler, filters

from bot.web import PATH
from tests.benchmarks.echo import echo


async def main() -> None:
    """Answer until SIGTERM; settings are those of the environment, as for our bot."""
    application: Application[Any, Any, Any, Any, Any, Any] = (
        Application.builder()
        .token(os.environ["BOT_TOKEN"])
        .base_url(os.environ["BOT_API_URL"])
        .updater(None)
        .build()
    )
    application.add_handler(MessageHandler(filters.TEXT, echo))

    async def telegram(request: Request) -> Response:
        update = Update.de_json(await request.json(), application.bot)
        await application.update_queue.put(update)
        return Response()

    host, _, port = os.environ["LISTEN"].partition(":")
    app = Starlette(routes=[Route(PATH, telegram, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, host, int(port), access_log=False, ws="none"))
    async with application:
        await application.start()
        await server.serve()
        await application.stop()


if __name__ == "__main__":
    asyncio.run(main())
