"""Chats that can be written to again, and groups that get another number."""

from __future__ import annotations

from functools import partial
from typing import Any

from telegram import ChatMember, Update
from telegram.ext import BaseHandler, ChatMemberHandler, MessageHandler, filters

from handlers.presses import Context
from handlers.services import Services

_AWAY = (ChatMember.LEFT, ChatMember.BANNED)
"""A chat that the bot has to leave is deactivated when a notice is refused, not here: a group
that becomes a supergroup may say the same of its old number, and must keep what is under way."""


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """What Telegram says of the bot's own place in a chat."""
    return [
        ChatMemberHandler(
            partial(_note_place, services), chat_member_types=ChatMemberHandler.MY_CHAT_MEMBER
        ),
        MessageHandler(filters.StatusUpdate.MIGRATE, partial(_move, services)),
    ]


async def _note_place(services: Services, update: Update, _: Context) -> None:
    change = update.my_chat_member
    if change is not None and change.new_chat_member.status not in _AWAY:
        await services.chats.reactivate(change.chat.id)


async def _move(services: Services, update: Update, _: Context) -> None:
    message = update.effective_message
    if message is None:
        return
    # Both chats say so; whichever is heard first has everything moved.
    if message.migrate_to_chat_id is not None:
        await services.chats.move(message.chat_id, message.migrate_to_chat_id)
    elif message.migrate_from_chat_id is not None:
        await services.chats.move(message.migrate_from_chat_id, message.chat_id)
