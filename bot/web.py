"""Receiving updates by webhook: Telegram posts each one and hears "200" when it is stored."""

from __future__ import annotations

import asyncio
import hmac
import json
from datetime import datetime
from typing import Final

import structlog
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot, Update
from telegram.error import InvalidToken, TelegramError

from bot.backoff import Backoff
from bot.inbox import NotStoredError
from bot.polling import Put, TokenError, pass_on
from handlers.registry import ALLOWED_UPDATES

log = structlog.get_logger(__name__)

PATH: Final = "/telegram"

SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (a header's name)

LARGEST: Final = 1024 * 1024
"""Bytes of an update; a message of 4,096 characters with what it replies to has some 50,000."""

BODY_WITHIN: Final = 10.0
"""Seconds in which an update must have come in completely."""

CONNECTIONS: Final = 40
"""Updates that Telegram may deliver at the same time; its own default."""

WATCH_EVERY: Final = 60.0
"""Seconds between two looks at whether Telegram still delivers here."""

LARGEST_ID: Final = 2**63 - 1
"""Update ids that a database column takes."""


def derived_secret(token: str) -> str:
    """The secret by which posts are known to come from Telegram, if none is set."""
    return hmac.digest(token.encode(), b"webhook", "sha256").hex()


def webhook_app(bot: Bot, put: Put, secret: str) -> Starlette:
    """The application that Telegram posts to.

    It answers 200 when the update is stored, 403 to whoever does not know the secret, 400 and 413
    to what is no update, and 503 if it cannot be stored now: Telegram then offers it again. What
    our own code fails on is passed over, as when polling.

    Args:
        bot: Whose updates these are; initialized.
        put: Where they go.
        secret: What Telegram was told to send along.
    """

    async def receive(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return Response(status_code=403)
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return Response(status_code=400)
        try:
            async with asyncio.timeout(BODY_WITHIN):
                body = await _body(request)
        except (TimeoutError, ClientDisconnect):
            return Response(status_code=400)
        if body is None:
            return Response(status_code=413)
        update = _read(body, bot)
        if update is None:
            return Response(status_code=400)
        try:
            await pass_on(update, put)
        except NotStoredError as exc:
            log.warning("update refused for now", reason=str(exc))
            return Response(status_code=503)
        return Response()

    return Starlette(routes=[Route(PATH, receive, methods=["POST"])])


async def keep_webhook(bot: Bot, *, url: str, secret: str) -> None:
    """Have Telegram deliver to an address until cancelled, whatever happens.

    Whoever asks for updates with the same token ends the delivery; it is then set up again.

    Args:
        bot: The bot; initialized.
        url: The address as Telegram reaches it.
        secret: What Telegram sends along.

    Raises:
        TokenError: if Telegram refuses the token.
    """
    is_set = False
    told: datetime | None = None
    backoff = Backoff()
    while True:
        try:
            if not is_set:
                is_set = await bot.set_webhook(
                    url=url,
                    secret_token=secret,
                    allowed_updates=ALLOWED_UPDATES,
                    max_connections=CONNECTIONS,
                )
                log.info("webhook set")
            info = await bot.get_webhook_info()
        except InvalidToken as exc:
            raise TokenError from exc
        except TelegramError as exc:
            backoff.heed(exc)
            log.warning(
                "webhook not checked, trying again", reason=str(exc), seconds=backoff.seconds
            )
            await backoff.wait()
            continue
        backoff.reset()
        if info.url != url:
            log.warning("another program took the webhook away; it is set again")
            is_set = False
        if info.last_error_date not in {None, told}:
            told = info.last_error_date
            log.warning("Telegram could not deliver", reason=info.last_error_message)
        await asyncio.sleep(WATCH_EVERY if is_set else backoff.seconds)


async def _body(request: Request) -> bytes | None:
    """What was posted; None if it is more than an update can be."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared) > LARGEST:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return None
    return bytes(body)


def _read(body: bytes, bot: Bot) -> Update | None:
    """The update in a body; None if there is none that this version of PTB can read."""
    try:
        content = json.loads(body)
        number = content["update_id"]
        is_number = type(number) is int and 0 <= number <= LARGEST_ID
        update = Update.de_json(content, bot) if is_number else None
    except Exception as exc:
        # Whatever it is, it is not from Telegram, or newer than this program.
        log.warning("a post cannot be read", reason=type(exc).__name__)
        return None
    return update
