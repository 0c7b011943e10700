"""Sending notices through Telegram, and what its errors mean for them.

Replies to people go out through the application's own bot and its own connections. Pushes have
another one, so that a push that hangs holds up no reply.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import structlog
from telegram import Bot, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.ext import BaseRateLimiter

from bot.errors import is_closed, pause_of
from handlers.messages import Reply, is_unreadable, keyboard, plain
from scheduler.notifier import (
    ChatGone,
    Delivered,
    Migrated,
    Outcome,
    Refused,
    TooFast,
    TryAgain,
    Unanswered,
)
from scheduler.pacing import Pacing

log = structlog.get_logger(__name__)


class Delivery:
    """The scheduler's way into chats."""

    def __init__(self, bot: Bot, note: Callable[[Outcome], None] = lambda _: None) -> None:
        """Send as a bot that nothing else uses.

        Args:
            bot: Who sends.
            note: Told what came of each message.
        """
        self._bot = bot
        self._note = note

    async def send(self, chat_id: int, message: Reply) -> Outcome:
        """Send one message to a chat, once; says what came of it instead of raising."""
        outcome = await self._outcome(chat_id, message)
        self._note(outcome)
        return outcome

    async def _outcome(self, chat_id: int, message: Reply) -> Outcome:
        try:
            try:
                return await self._send(chat_id, message.markup, message, ParseMode.HTML)
            except BadRequest as exc:
                if not is_unreadable(exc):
                    raise
                # A fault of ours; the chat is told all the same.
                log.exception("Telegram cannot read our markup")
                return await self._send(chat_id, plain(message.markup), message, None)
        except TelegramError as exc:
            return outcome_of(exc)

    async def _send(
        self, chat_id: int, text: str, message: Reply, parse_mode: str | None
    ) -> Outcome:
        sent = await self._bot.send_message(
            chat_id=chat_id,
            text=text,
            parse_mode=parse_mode,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
            reply_markup=keyboard(message.buttons),
        )
        return Delivered(sent.message_id)


def outcome_of(error: TelegramError) -> Outcome:
    """What an error says about a message that was being sent.

    A connection that breaks is taken to have broken on the way there, because that is the usual
    case and nobody may be left untold; only where Telegram had the whole message and did not
    answer, or not in words, is it unknown whether it arrived.
    """
    match error:
        case RetryAfter():
            return TooFast(pause_of(error))
        case ChatMigrated(new_chat_id=chat_id):
            return Migrated(chat_id)
        case Forbidden() | BadRequest() if is_closed(error):
            return ChatGone(error.message)
        case BadRequest():  # before NetworkError, whose child it is
            return Refused(error.message)
        case TimedOut():
            never_left = isinstance(error.__cause__, httpx.ConnectTimeout | httpx.PoolTimeout)
            return TryAgain("no connection") if never_left else Unanswered("no answer in time")
        case NetworkError():
            return TryAgain(error.message)
        case InvalidToken():  # its text may contain the token
            return TryAgain("the token was refused")
        case _:
            # PTB's word for an answer that is no JSON.
            return Unanswered(error.message)


class Precedence(BaseRateLimiter[int]):
    """Lets replies pass at once, and pushes make room for them.

    PTB's own limiter would hold up answers together with pushes, and knows no limit per chat.
    """

    def __init__(self, pacing: Pacing, elapsed: Callable[[], float] = time.monotonic) -> None:
        """Note replies where pushes look."""
        self._pacing = pacing
        self._elapsed = elapsed

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to release."""

    async def process_request(  # noqa: PLR0917 (PTB's own signature)
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,  # noqa: ANN401 (PTB's own type)
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Any:  # noqa: ANN401 (PTB's own type)
        """Make a request of the application."""
        chat_id = data.get("chat_id")
        if not isinstance(chat_id, int) or not endpoint.startswith(("send", "edit")):
            return await callback(*args, **kwargs)
        self._pacing.begin(chat_id, self._elapsed())
        try:
            return await callback(*args, **kwargs)
        except RetryAfter as exc:
            self._pacing.pause(self._elapsed() + pause_of(exc).total_seconds())
            raise
        finally:
            self._pacing.end(chat_id, self._elapsed())
