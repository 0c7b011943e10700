"""What happens when a handler fails: the person gets a sentence, the log the details."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

import structlog
from telegram import Update
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.ext import CallbackContext

from bot.inbox import MOST_POSTPONEMENTS, Inbox
from bot.metrics import Outcome
from handlers.messages import render, send

log = structlog.get_logger(__name__)


async def report(
    inbox: Inbox, update: object, context: CallbackContext[Any, Any, Any, Any]
) -> None:
    """Log an error under a short reference and tell the person, who may quote it.

    Where the reply only could not be delivered, the update is taken up again later.
    """
    error = context.error
    if isinstance(error, Forbidden | ChatMigrated):
        log.info("chat is closed to us", reason=str(error))
        return
    if isinstance(error, RetryAfter | NetworkError) and not isinstance(error, BadRequest):
        # After a time-out nobody knows whether the reply arrived: it is sent once more at most.
        most = 1 if isinstance(error, TimedOut) else MOST_POSTPONEMENTS
        again = isinstance(update, Update) and inbox.postpone(
            update, pause=pause_of(error) if isinstance(error, RetryAfter) else None, most=most
        )
        if not again and isinstance(update, Update):
            inbox.metrics.noted(update, Outcome.UNDELIVERED)
        log.warning("Telegram did not take a reply", reason=str(error), again=again)
        return
    if type(error) is TelegramError:
        # PTB's word for an answer that is no JSON: the reply itself has most likely arrived.
        log.warning("Telegram's answer was not understood", reason=str(error))
        return
    reference = secrets.token_hex(3).upper()
    log.error("handler failed", reference=reference, exc_info=error)
    if isinstance(update, Update):
        inbox.metrics.noted(update, Outcome.FAILED)
    message = update.effective_message if isinstance(update, Update) else None
    if message is None:
        return
    try:
        await send(message, render("problem", problem="failed", reference=reference))
    except TelegramError as exc:
        log.warning("apology not delivered", reference=reference, reason=str(exc))


def pause_of(error: RetryAfter) -> timedelta:
    """How long Telegram wants us to wait."""
    after = error.retry_after
    return after if isinstance(after, timedelta) else timedelta(seconds=after)
