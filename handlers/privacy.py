"""/datenschutz, /meinedaten and /loeschmich: what is kept about a chat, shown and deleted."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from telegram import Message
from telegram.constants import ChatType
from telegram.ext import BaseHandler

from handlers.buttons import Action, Press, button
from handlers.chat_rights import chat_command, chat_press
from handlers.commands import command
from handlers.messages import PHRASES, edit, render, send, send_file
from handlers.services import Services
from knowledge.people import Role

COMMANDS = EXPLAIN, SHOW, FORGET = "datenschutz", "meinedaten", "loeschmich"
"""What nobody is shut out of, whoever the bot is for."""


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """The three commands and the button that confirms."""
    return [
        command(EXPLAIN, partial(_explain, services)),
        chat_command(SHOW, partial(_show, services)),
        chat_command(FORGET, partial(_ask, services)),
        chat_press(Action.FORGET, partial(_forget, services)),
    ]


async def _explain(services: Services, message: Message, _: str) -> None:
    await send(message, render("privacy", days=services.question_log.days))


async def _show(services: Services, message: Message, _: str) -> None:
    kept = await services.personal_data.export(message.chat_id)
    if not kept:
        await send(message, render("personal_data", outcome="nothing"))
        return
    content = json.dumps(kept, ensure_ascii=False, indent=2).encode()
    await send(message, render("personal_data", outcome="file", tables=sorted(kept)))
    await send_file(message, content, PHRASES["file"]["personal_data"])


async def _ask(services: Services, message: Message, _: str) -> None:
    sure = button(PHRASES["button"]["forget"], Action.FORGET)
    role = await _role(services, message)
    await send(message, render("personal_data", outcome="sure", role=role), [[sure]])


async def _forget(services: Services, _: Press, message: Message) -> None:
    await services.personal_data.forget(message.chat_id)
    role = await _role(services, message)
    await edit(message, render("personal_data", outcome="forgotten", role=role))


async def _role(services: Services, message: Message) -> Role:
    """The role of whoever a private chat is with; a group has none."""
    if message.chat.type != ChatType.PRIVATE:
        return Role.READER
    return await services.people.role(message.chat_id)
