"""What nothing else handles: unknown commands, stale buttons, stickers and the like."""

from __future__ import annotations

from functools import partial
from typing import Any

from rapidfuzz import fuzz, process
from telegram import Message, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, MessageHandler, filters

from handlers.menu import added_commands
from handlers.messages import PHRASES, render, send
from handlers.presses import Context, say_outdated
from handlers.services import Services
from knowledge.german import fold
from knowledge.people import Role

SIMILAR = 60
"""How alike, of 100, a command is to one that was typed for it to be offered."""

MOST_NEAR = 2
"""Commands that are offered."""


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """Only for private chats, except buttons: in groups the bot keeps quiet."""
    private = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE
    return [
        MessageHandler(private & filters.COMMAND, partial(_unknown_command, services)),
        CallbackQueryHandler(_stale_button),
    ]


async def _unknown_command(services: Services, update: Update, _: Context) -> None:
    message = update.effective_message
    if message is not None:
        await unknown_command(services, message, message.text or message.caption or "")


async def unknown_command(services: Services, message: Message, typed: str) -> None:
    """Say that there is no such command, how it is spelt, or which are like it.

    Args:
        services: Where roles are looked up.
        message: The message.
        typed: What was typed, from the stroke on.
    """
    user = message.from_user
    member = await services.people.member(user.id if user else None)
    known = {**PHRASES["command"], **added_commands(member.role if member else Role.READER)}
    name, space, rest = typed.removeprefix("/").partition(" ")
    folded = fold(name)
    is_known = folded in {**PHRASES["command"], **added_commands(Role.ADMIN)}
    spelt = f"/{folded}{space}{rest}" if is_known and folded != name else None
    alike = process.extract(
        folded, known.keys(), scorer=fuzz.ratio, score_cutoff=SIMILAR, limit=MOST_NEAR
    )
    near = [] if spelt else [(found, known[found]) for found, *_ in alike]
    said = render("problem", problem="unknown_command", spelt=spelt, near=near)
    await send(message, said)


async def _stale_button(update: Update, _: Context) -> None:
    if update.callback_query is not None:
        await say_outdated(update.callback_query)
