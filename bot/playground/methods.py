"""The Bot API methods by name, except getUpdates, which waits and lives in `polling`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from bot.playground.core import Core
from bot.playground.membership import leave_chat
from bot.playground.parameters import Parameters
from bot.playground.profile import Scope, read_commands, read_scope
from bot.playground.queries import answer_callback_query
from bot.playground.sending import (
    chat_id,
    delete_message,
    edit_message_reply_markup,
    edit_message_text,
    get_file,
    send_chat_action,
    send_document,
    send_message,
    send_photo,
)
from bot.playground.webhook import delete_webhook, get_webhook_info, set_webhook
from bot.playground.wire import Json, bad_request, present

Method = Callable[[Core, Parameters], object]


def get_me(core: Core, _: Parameters) -> Json:
    """Tell who the bot is."""
    return {
        **core.world.bot.as_json(),
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
    }


def get_chat(core: Core, parameters: Parameters) -> Json:
    """Tell about a chat."""
    chat = core.chat(chat_id(core, parameters))
    if chat.is_group:
        core.writable_chat(chat.id)
    return {
        **core.world.chat_json(chat),
        "accent_color_id": abs(chat.id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            (
                "unlimited_gifts",
                "limited_gifts",
                "unique_gifts",
                "premium_subscription",
                "gifts_from_channels",
            ),
            False,
        ),
    }


def get_chat_member(core: Core, parameters: Parameters) -> Json:
    """Tell what somebody is in a chat."""
    chat = core.chat(chat_id(core, parameters))
    if chat.is_group:
        core.writable_chat(chat.id)
    user_id = parameters.number("user_id")
    if user_id not in core.world.users:
        raise bad_request("invalid user_id specified")
    return core.member_json(user_id, chat.status(user_id))


def set_my_commands(core: Core, parameters: Parameters) -> bool:
    """Set the command menu of a scope and language."""
    commands = read_commands(parameters.decoded("commands"))
    core.profile.commands[_scope(core, parameters), parameters.text("language_code")] = commands
    core.emit("commands")
    return True


def get_my_commands(core: Core, parameters: Parameters) -> list[Json]:
    """The command menu of exactly this scope and language."""
    key = (_scope(core, parameters), parameters.text("language_code"))
    return core.profile.commands.get(key, [])


def delete_my_commands(core: Core, parameters: Parameters) -> bool:
    """Remove the command menu of a scope and language."""
    key = (_scope(core, parameters), parameters.text("language_code"))
    core.profile.commands.pop(key, None)
    core.emit("commands")
    return True


def _scope(core: Core, parameters: Parameters) -> Scope:
    scope = read_scope(parameters.decoded("scope"))
    if len(scope) > 1:
        core.chat(int(scope[1]))
    return scope


def _text_setter(kind: str) -> Method:
    def set_text(core: Core, parameters: Parameters) -> bool:
        language = parameters.text("language_code")
        core.profile.set_text(kind, language, parameters.text(kind))
        if kind == "name" and not language:
            core.world.bot.first_name = parameters.text("name") or core.world.bot.username
        core.emit("profile")
        return True

    return set_text


def _text_getter(kind: str) -> Method:
    def get_text(core: Core, parameters: Parameters) -> Json:
        text = core.profile.text(kind, parameters.text("language_code"))
        if kind == "name":
            text = text or core.world.bot.first_name
        return present(**{kind: text})

    return get_text


_BY_NAME: Final[dict[str, Method]] = {
    "answerCallbackQuery": answer_callback_query,
    "deleteMessage": delete_message,
    "deleteMyCommands": delete_my_commands,
    "deleteWebhook": delete_webhook,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "editMessageText": edit_message_text,
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getFile": get_file,
    "getMe": get_me,
    "getMyCommands": get_my_commands,
    "getMyDescription": _text_getter("description"),
    "getMyName": _text_getter("name"),
    "getMyShortDescription": _text_getter("short_description"),
    "getWebhookInfo": get_webhook_info,
    "leaveChat": leave_chat,
    "sendChatAction": send_chat_action,
    "sendDocument": send_document,
    "sendMessage": send_message,
    "sendPhoto": send_photo,
    "setMyCommands": set_my_commands,
    "setMyDescription": _text_setter("description"),
    "setMyName": _text_setter("name"),
    "setMyShortDescription": _text_setter("short_description"),
    "setWebhook": set_webhook,
}

METHODS: Final[Mapping[str, tuple[str, Method]]] = MappingProxyType(
    {name.lower(): (name, method) for name, method in _BY_NAME.items()}
)
"""Proper name and function by lower-case name: Telegram ignores the case."""
