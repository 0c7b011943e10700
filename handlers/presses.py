"""Handlers for buttons: unpacking, answering the press, and what to do with forged data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

from telegram import CallbackQuery, Message, Update
from telegram.error import TelegramError
from telegram.ext import CallbackContext, CallbackQueryHandler

from handlers.buttons import VERSION, Action, Press
from handlers.messages import plain, render, send

Context = CallbackContext[Any, Any, Any, Any]
Pressed = Callable[[Press, Message], Awaitable[None]]


def press_handler(action: Action, pressed: Pressed) -> CallbackQueryHandler[Any, Any]:
    """A handler for one action's buttons.

    Args:
        action: Which buttons.
        pressed: Called with the press and the message below which the button is.
    """
    return CallbackQueryHandler(partial(_dispatch, pressed), pattern=f"^{VERSION}:{action}:")


async def _dispatch(pressed: Pressed, update: Update, _: Context) -> None:
    query = update.callback_query
    if query is None:
        return
    try:
        press = Press.unpack(query.data or "")
    except ValueError:
        await refuse(query)
        return
    if not isinstance(query.message, Message):
        await refuse(query)
        return
    await acknowledge(query)
    await pressed(press, query.message)


async def acknowledge(query: CallbackQuery, text: str | None = None) -> None:
    """Stop the button's spinner; where that fails, what was pressed still matters."""
    with suppress(TelegramError):
        await query.answer(text=text)


async def refuse(query: CallbackQuery) -> None:
    """Say that a button is no longer of use."""
    await acknowledge(query, plain(render("problem", problem="old_button")))


async def say_gone(message: Message) -> None:
    """Say that the entry of a button does not exist any more."""
    await send(message, render("problem", problem="gone"))
