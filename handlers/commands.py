"""Commands that are open to everybody, and what stands behind a command."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from telegram import Message, Update
from telegram.ext import BaseHandler, CommandHandler, filters

from handlers.presses import Context

BREAKS = str.maketrans("\v\f", "\n\n")
"""Word's line and page breaks, which come with what is pasted, as line breaks."""

Commanded = Callable[[Message, str], Awaitable[None]]


def command(name: str, commanded: Commanded, *, also: str = "") -> BaseHandler[Any, Any, Any]:
    """A command for everybody.

    Args:
        name: The command's name.
        commanded: Called with the message and what stands behind the command.
        also: Another name for the same.
    """
    names = [name, also] if also else [name]
    return CommandHandler(names, partial(carry_out, commanded), filters=filters.UpdateType.MESSAGE)


async def carry_out(commanded: Commanded, update: Update, _: Context) -> None:
    """Do what a command says, with what stands behind it."""
    message = update.effective_message
    if message is not None:
        await commanded(message, arguments(message))


def arguments(message: Message) -> str:
    """What stands behind a command, line breaks included."""
    _, *rest = (message.text or message.caption or "/").split(maxsplit=1)
    return "".join(rest).translate(BREAKS).strip()
