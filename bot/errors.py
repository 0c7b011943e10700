"""When a handler fails: a sentence for the person, details for the log, a notice for admins."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, Final

import structlog
from telegram import Message, Update
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

from bot.alarms import Alarms
from bot.inbox import MOST_POSTPONEMENTS, Inbox
from bot.metrics import Outcome
from handlers.messages import render, send

log = structlog.get_logger(__name__)

_CLOSED: Final = (
    "chat not found",
    "not enough rights to send",
    "have no rights to send",
    "need administrator rights in the channel",
    "chat_write_forbidden",
    "peer_id_invalid",
)
"""What Telegram says, as a 400, of chats that cannot be written to for now."""


async def report(
    inbox: Inbox, alarms: Alarms, update: object, context: CallbackContext[Any, Any, Any, Any]
) -> None:
    """Log an error under a short reference and tell the person, who may quote it, and admins.

    Where the reply only could not be delivered, the update is taken up again later.
    """
    error = context.error
    if isinstance(error, ChatMigrated) or is_closed(error) or _is_in_closed_topic(error):
        _note(inbox, update, Outcome.UNDELIVERED)
        log.info("chat is closed to us", reason=str(error))
        return
    if isinstance(error, RetryAfter | NetworkError) and not isinstance(error, BadRequest):
        # After a time-out nobody knows whether the reply arrived: it is sent once more at most.
        most = 1 if isinstance(error, TimedOut) else MOST_POSTPONEMENTS
        again = isinstance(update, Update) and inbox.postpone(
            update, pause=pause_of(error) if isinstance(error, RetryAfter) else None, most=most
        )
        if not again:
            _note(inbox, update, Outcome.UNDELIVERED)
        log.warning("Telegram did not take a reply", reason=str(error), again=again)
        return
    if type(error) is TelegramError:
        # PTB's word for an answer that is no JSON: the reply itself has most likely arrived.
        log.warning("Telegram's answer was not understood", reason=str(error))
        return
    reference = secrets.token_hex(3).upper()
    log.error("handler failed", reference=reference, exc_info=error)
    _note(inbox, update, Outcome.FAILED)
    if isinstance(update, Update) and update.effective_message is not None:
        await _apologise(update.effective_message, reference)
    if error is not None:
        await alarms.tell(context.bot, error, reference=reference)


def _note(inbox: Inbox, update: object, outcome: Outcome) -> None:
    if isinstance(update, Update):
        inbox.metrics.noted(update, outcome)


async def _apologise(to: Message, reference: str) -> None:
    try:
        await send(to, render("problem", problem="failed", reference=reference))
    except TelegramError as exc:
        log.warning("apology not delivered", reference=reference, reason=str(exc))


def is_closed(error: Exception | None) -> bool:
    """Whether Telegram says that a chat, or who decides there, lets nothing of ours in for now."""
    return isinstance(error, Forbidden) or (
        isinstance(error, BadRequest) and any(words in error.message.lower() for words in _CLOSED)
    )


def _is_in_closed_topic(error: Exception | None) -> bool:
    """Whether that is said of the part of a forum only in which somebody wrote."""
    return isinstance(error, BadRequest) and "topic_closed" in error.message.lower()


def pause_of(error: RetryAfter) -> timedelta:
    """How long Telegram wants us to wait."""
    after = error.retry_after
    return after if isinstance(after, timedelta) else timedelta(seconds=after)
