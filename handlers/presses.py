"""Handlers for buttons: unpacking, answering the press, and what to do with forged data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

import structlog
from telegram import CallbackQuery, Message, Update, User
from telegram.error import TelegramError
from telegram.ext import CallbackContext, CallbackQueryHandler

from handlers.buttons import Action, Press, pattern
from handlers.messages import plain, render, send

log = structlog.get_logger(__name__)

Context = CallbackContext[Any, Any, Any, Any]
Pressed = Callable[[Press, Message], Awaitable[None]]
Toasted = Callable[[Press, Message, User], Awaitable[str]]
Queried = Callable[[Press, Message, CallbackQuery], Awaitable[None]]


def press_handler(action: Action, pressed: Pressed) -> CallbackQueryHandler[Any, Any]:
    """A handler for one action's buttons, which lead to a message.

    Args:
        action: Which buttons.
        pressed: Called with the press and the message below which the button is.
    """

    async def act(press: Press, message: Message, query: CallbackQuery) -> None:
        await acknowledge(query)
        await pressed(press, message)

    return _handler(action, act)


def toast_handler(action: Action, pressed: Toasted) -> CallbackQueryHandler[Any, Any]:
    """A handler for one action's buttons, whose effect is told to who pressed, and only there.

    Args:
        action: Which buttons.
        pressed: Called with the press, the message below which the button is, and who pressed
            it; returns what is shown for a moment, at most 200 characters of plain text.
    """

    async def act(press: Press, message: Message, query: CallbackQuery) -> None:
        await show_toast(query, pressed(press, message, query.from_user))

    return _handler(action, act)


async def show_toast(query: CallbackQuery, acting: Awaitable[str | None]) -> None:
    """Answer a press with the few words that come of it, or with none."""
    try:
        toast = await acting
    except Exception:
        await acknowledge(query)  # the spinner must not outlast the failure
        raise
    await acknowledge(query, toast)


def _handler(action: Action, act: Queried) -> CallbackQueryHandler[Any, Any]:
    return CallbackQueryHandler(partial(dispatch, act), pattern=pattern(action))


async def dispatch(act: Queried, update: Update, _: Context) -> None:
    """Unpack a press for a handler; what is forged or outdated is refused."""
    query = update.callback_query
    if query is None:
        return
    try:
        press = Press.unpack(query.data or "")
    except ValueError:
        await say_outdated(query)
        return
    if not isinstance(query.message, Message):
        await say_outdated(query)
        return
    await act(press, query.message, query)


async def acknowledge(query: CallbackQuery, text: str | None = None) -> None:
    """Stop the button's spinner; where that fails, what was pressed still matters."""
    with suppress(TelegramError):
        await query.answer(text=text)


async def say_outdated(query: CallbackQuery) -> None:
    """Say that a button is no longer of use."""
    log.warning("refused", what="button", reason="old_button")
    await acknowledge(query, plain(render("problem", problem="old_button")))


async def say_gone(message: Message) -> None:
    """Say that the entry of a button does not exist any more."""
    await send(message, render("problem", problem="gone"))
