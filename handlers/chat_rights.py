"""Commands and buttons by which a chat decides for itself: in groups and channels, its admins."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from telegram import CallbackQuery, Chat, Message, Update, User
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import TelegramError
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, filters

from handlers.buttons import Action, Press, pattern
from handlers.commands import Commanded, carry_out
from handlers.presses import Context, dispatch, show_toast
from handlers.rights import refuse

log = structlog.get_logger(__name__)

ChatPressed = Callable[[Press, Message], Awaitable[str | None]]

_ADMINS = frozenset({ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.OWNER})
_ANYWHERE = filters.UpdateType.MESSAGE | filters.UpdateType.CHANNEL_POST


@dataclass(frozen=True, slots=True)
class Decision:
    """A handler's callback that only those get through to who may decide for the chat.

    Attributes:
        name: The command or button, for the log.
        callback: What is decided.
    """

    name: str
    callback: Callable[[Update, Context], Awaitable[None]]

    async def __call__(self, update: Update, context: Context) -> None:
        """Find out who it is and let them through, or say that they may not."""
        if await _may_decide(update):
            await self.callback(update, context)
            return
        await refuse(update, self.name, "not_chat_admin")


def chat_command(name: str, commanded: Commanded) -> BaseHandler[Any, Any, Any]:
    """A command by which a chat decides something, also as a post in a channel.

    Args:
        name: The command's name.
        commanded: Called with the message and what stands behind the command.
    """
    decision = Decision(f"/{name}", partial(carry_out, commanded))
    return CommandHandler(name, decision, filters=_ANYWHERE)


def chat_press(action: Action, pressed: ChatPressed) -> BaseHandler[Any, Any, Any]:
    """A button by which a chat decides something.

    Args:
        action: Which buttons.
        pressed: Called with the press and the message below which the button is; may return a
            few words that are shown for a moment.
    """

    async def act(press: Press, message: Message, query: CallbackQuery) -> None:
        await show_toast(query, pressed(press, message))

    decision = Decision(f"button {action.name}", partial(dispatch, act))
    return CallbackQueryHandler(decision, pattern=pattern(action))


async def _may_decide(update: Update) -> bool:
    """Whether whoever sent an update may decide for the chat in which it was sent.

    In a private chat that is the person, in groups and channels whoever Telegram calls an admin,
    also one who writes as the group. Everything that is unclear counts as no.
    """
    chat, user = update.effective_chat, update.effective_user
    if chat is None:
        return False
    if chat.type == ChatType.PRIVATE:
        return True
    written = update.message or update.channel_post
    if written is not None and written.sender_chat is not None:
        return written.sender_chat.id == chat.id
    return user is not None and await _is_admin(user, chat)


async def _is_admin(user: User, chat: Chat) -> bool:
    try:
        member = await chat.get_member(user.id)
    except TelegramError as exc:
        log.info("chat member not told", reason=str(exc))
        return False
    return member.status in _ADMINS
