"""What the bot tells about itself: name, descriptions and command menus."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from bot.playground.wire import Json, bad_request
from bot.playground.world import Chat

MAX_COMMANDS: Final = 100
MAX_TEXT: Final = {"name": 64, "description": 512, "short_description": 120}

_SCOPES: Final = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}

Scope = tuple[str | int, ...]


@dataclass(slots=True)
class Profile:
    """Texts by language and commands by scope and language; the language may be empty."""

    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    commands: dict[tuple[Scope, str], list[Json]] = field(default_factory=dict)

    def text(self, kind: str, language: str) -> str:
        """A text, that of the empty language if there is none of its own."""
        return self.texts.get((kind, language)) or self.texts.get((kind, ""), "")

    def set_text(self, kind: str, language: str, text: str) -> None:
        """Replace a text; an empty one removes it.

        Raises:
            ApiError: 400 if it is too long.
        """
        if len(text) > MAX_TEXT[kind]:
            raise bad_request(f"{kind.upper()}_TOO_LONG")
        self.texts[kind, language] = text

    def menu(self, chat: Chat, user_id: int, language: str) -> list[Json]:
        """The commands a person sees in a chat: the narrowest scope that has any.

        The order is Telegram's: https://core.telegram.org/bots/api#determining-list-of-commands.
        """
        for scope in _applying(chat, user_id):
            for tongue in (language, ""):
                if commands := self.commands.get((scope, tongue)):
                    return commands
        return []


def read_scope(scope: object) -> Scope:
    """Turn a BotCommandScope into a key.

    Raises:
        ApiError: 400 if it is unknown or lacks its ids.
    """
    if scope is None:
        return ("default",)
    kind = scope.get("type") if isinstance(scope, dict) else None
    if not isinstance(scope, dict) or kind not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    ids = [scope.get(name) for name in _SCOPES[kind]]
    try:
        return (kind, *(int(str(number)) for number in ids))
    except ValueError as error:
        raise bad_request("can't parse BotCommandScope: chat not found") from error


def read_commands(commands: object) -> list[Json]:
    """Check a list of BotCommand.

    Raises:
        ApiError: 400 if a name or description is not as Telegram wants it.
    """
    if not isinstance(commands, list):
        raise bad_request("can't parse commands: expected an Array of BotCommand")
    if len(commands) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    return [_command(item) for item in commands]


def _command(item: object) -> Json:
    if not isinstance(item, dict):
        raise bad_request("can't parse commands: expected an Object")
    name = str(item.get("command", "")).removeprefix("/").lower()
    description = str(item.get("description", "")).strip()
    if not re.fullmatch(r"[a-z0-9_]{1,32}", name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


def _applying(chat: Chat, user_id: int) -> list[Scope]:
    if not chat.is_group:
        return [("chat", chat.id), ("all_private_chats",), ("default",)]
    admin = chat.status(user_id) in {"creator", "administrator"}
    scopes: list[tuple[Scope, bool]] = [
        (("chat_member", chat.id, user_id), True),
        (("chat_administrators", chat.id), admin),
        (("chat", chat.id), True),
        (("all_chat_administrators",), admin),
        (("all_group_chats",), True),
        (("default",), True),
    ]
    return [scope for scope, applies in scopes if applies]
