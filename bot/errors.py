"""What happens when a handler fails: the person gets a sentence, the log the details."""

from __future__ import annotations

import secrets
from typing import Any

import structlog
from telegram import Update
from telegram.error import BadRequest, Conflict, Forbidden, NetworkError, TelegramError
from telegram.ext import CallbackContext

from handlers.messages import render, send

log = structlog.get_logger(__name__)


async def report(update: object, context: CallbackContext[Any, Any, Any, Any]) -> None:
    """Log an error under a short reference and tell the person, who may quote it."""
    error = context.error
    if isinstance(error, Forbidden):
        log.info("chat is closed to us", reason=str(error))
        return
    if isinstance(error, NetworkError) and not isinstance(error, BadRequest):
        log.warning("Telegram did not answer", reason=str(error))
        return
    reference = secrets.token_hex(3).upper()
    log.error("handler failed", reference=reference, exc_info=error)
    message = update.effective_message if isinstance(update, Update) else None
    if message is None:
        return
    try:
        await send(message, render("problem", problem="failed", reference=reference))
    except TelegramError as exc:
        log.warning("apology not delivered", reference=reference, reason=str(exc))


def polling_failed(error: TelegramError) -> None:
    """Log trouble with receiving updates; polling goes on by itself."""
    if isinstance(error, Conflict):
        log.error("another program receives this bot's updates: stop it, or change the token")
    else:
        log.warning("receiving updates failed, trying again", reason=str(error))
