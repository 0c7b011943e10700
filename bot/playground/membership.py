"""Who is in which chat: blocking, joining, leaving, and groups that become supergroups."""

from __future__ import annotations

from typing import Final

from bot.playground.core import Core
from bot.playground.parameters import Parameters
from bot.playground.sending import chat_id
from bot.playground.wire import Json, bad_request, forbidden
from bot.playground.world import PRESENT, Chat, Message

STATUSES: Final = frozenset({"member", "administrator", "left", "kicked"})


def set_blocked(core: Core, user_id: int, *, blocked: bool) -> None:
    """Let a person block or unblock the bot."""
    user = core.world.users[user_id]
    if user.blocked == blocked:
        return
    states = ("member", "kicked")
    user.blocked = blocked
    core.chat(user_id).members[core.bot_id] = states[blocked]
    _tell_bot(core, core.chat(user_id), user_id, states[not blocked], states[blocked])
    core.emit("chat", chat_id=user_id)


def set_bot_status(core: Core, chat: Chat, status: str, *, by: int) -> None:
    """Add the bot to a group, promote or remove it.

    Args:
        core: The state.
        chat: A group or supergroup.
        status: One of `STATUSES`.
        by: Who does it.

    Raises:
        ValueError: No such status, or not a group.
    """
    if status not in STATUSES or not chat.is_group:
        raise ValueError(f"status must be one of {', '.join(sorted(STATUSES))}, in a group")
    before = chat.status(core.bot_id)
    if before == status:
        return
    chat.members[core.bot_id] = status
    _tell_bot(core, chat, by, before, status)
    if status in PRESENT and before not in PRESENT:
        announce(core, chat, by, {"new_chat_members": [core.world.bot.as_json()]})
    elif status not in PRESENT and before in PRESENT:
        announce(core, chat, by, {"left_chat_member": core.world.bot.as_json()})
    core.emit("chat", chat_id=chat.id)


def add_member(core: Core, chat: Chat, user_id: int, *, status: str = "member") -> None:
    """Add a person to a group, or change what they are in it."""
    known = chat.has(user_id)
    chat.members[user_id] = status
    if not known:
        joined = {"new_chat_members": [core.world.users[user_id].as_json()]}
        announce(core, chat, user_id, joined)
    core.emit("chat", chat_id=chat.id)


def remove_member(core: Core, chat: Chat, user_id: int) -> None:
    """Let a person leave a group."""
    if chat.has(user_id):
        chat.members[user_id] = "left"
        announce(core, chat, user_id, {"left_chat_member": core.world.users[user_id].as_json()})
        core.emit("chat", chat_id=chat.id)


def migrate(core: Core, chat: Chat) -> Chat:
    """Turn a group into a supergroup with a new id.

    Raises:
        ApiError: 400 if it is not a group or has already become one.
    """
    if chat.type != "group" or chat.migrated_to is not None:
        raise bad_request("only a group can become a supergroup, and only once")
    members = [user for user in chat.members if user != core.bot_id]
    successor = core.world.add_group(chat.title, members=members, supergroup=True)
    successor.members = dict(chat.members)
    owner = members[0] if members else core.bot_id
    announce(core, chat, owner, {"migrate_to_chat_id": successor.id})
    chat.migrated_to = successor.id
    announce(core, successor, owner, {"migrate_from_chat_id": chat.id})
    core.emit("chat", chat_id=successor.id)
    return successor


def leave_chat(core: Core, parameters: Parameters) -> bool:
    """Bot API: leave a group."""
    chat = core.chat(chat_id(core, parameters))
    if not chat.is_group:
        raise forbidden("bot can't leave a private chat")
    core.writable_chat(chat.id)
    set_bot_status(core, chat, "left", by=core.bot_id)
    return True


def announce(core: Core, chat: Chat, user_id: int, service: Json) -> None:
    """Put a service message into a chat; bots see all of them while they are members."""
    message = core.world.add_message(
        chat,
        Message(chat_id=chat.id, id=0, sender_id=user_id, date=core.seconds(), service=service),
    )
    core.show("message", message)
    if chat.has(core.bot_id):
        core.queue("message", core.world.message_json(message), lane=chat.id)


def _tell_bot(core: Core, chat: Chat, by: int, before: str, after: str) -> None:
    update = {
        "chat": core.world.chat_json(chat),
        "from": core.world.users[by].as_json(),
        "date": core.seconds(),
        "old_chat_member": core.member_json(core.bot_id, before),
        "new_chat_member": core.member_json(core.bot_id, after),
    }
    core.queue("my_chat_member", update, lane=chat.id)
