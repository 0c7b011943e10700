"""Greeting and help."""

from __future__ import annotations

from functools import partial
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CommandHandler, filters

from handlers.buttons import Action, button
from handlers.messages import PHRASES, render, send
from handlers.presses import Context
from handlers.questions import respond
from handlers.services import Services


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """/start, also with an entry's key as a deep link, and /hilfe."""
    fresh = filters.UpdateType.MESSAGE
    return [
        CommandHandler("start", partial(_start, services), filters=fresh),
        CommandHandler(["hilfe", "help"], _help, filters=fresh),
    ]


async def _start(services: Services, update: Update, context: Context) -> None:
    message = update.effective_message
    if message is None:
        return
    await services.chats.reactivate(message.chat_id)
    key = context.args[0] if context.args else ""
    if services.snapshot.get(key):
        await respond(services, message, key)
        return
    examples = [
        [button(text, Action.EXAMPLE, detail=str(number))]
        for number, text in enumerate(PHRASES["examples"])
    ]
    await send(message, render("start"), examples)


async def _help(update: Update, _: Context) -> None:
    if update.effective_message is not None:
        await send(update.effective_message, render("help"))
