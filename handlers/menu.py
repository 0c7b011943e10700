"""The command menus: for everybody, in groups, and for members in their own chat."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from telegram import Bot, BotCommand, BotCommandScopeChat
from telegram.error import TelegramError

from handlers.messages import PHRASES
from knowledge.people import Role

log = structlog.get_logger(__name__)

_IN_GROUPS = ("frage", "massnahmen", "termine", "quellen", "hilfe")


def private_commands() -> list[BotCommand]:
    """The menu in private chats."""
    return _menu(PHRASES["command"])


def group_commands() -> list[BotCommand]:
    """The menu in groups: without the greeting."""
    return _menu({name: PHRASES["command"][name] for name in _IN_GROUPS})


def member_commands(role: Role) -> list[BotCommand]:
    """The menu in a member's private chat: what everybody has, and what the role adds."""
    return [*private_commands(), *_menu(added_commands(role))]


def added_commands(role: Role) -> dict[str, str]:
    """The commands that a role has and readers do not, each with what it does."""
    return {
        name: text
        for needed, commands in PHRASES["member_command"].items()
        if role.includes(Role(needed))
        for name, text in commands.items()
    }


async def show_menu(bot: Bot, user_id: int, role: Role) -> None:
    """Bring the menu in somebody's private chat in line with their role.

    To be called when a role is gained or lost, and at start. Where Telegram does not take it, for
    instance because the person never wrote to the bot, everything works without the menu.
    """
    scope = BotCommandScopeChat(user_id)
    try:
        if role is Role.READER:
            await bot.delete_my_commands(scope=scope)
        else:
            await bot.set_my_commands(commands=member_commands(role), scope=scope)
    except TelegramError as exc:
        log.info("menu of a member not updated", reason=str(exc))


def _menu(commands: Mapping[str, str]) -> list[BotCommand]:
    return [BotCommand(name, text) for name, text in commands.items()]
