"""What nothing else handles: unknown commands, stale buttons, stickers and the like."""

from __future__ import annotations

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, MessageHandler, filters

from handlers.messages import render, send
from handlers.presses import Context, say_outdated
from handlers.services import Services


def handlers(_: Services) -> list[BaseHandler[Any, Any, Any]]:
    """Only for private chats, except buttons: in groups the bot keeps quiet."""
    private = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE
    return [
        MessageHandler(private & filters.COMMAND, _unknown_command),
        MessageHandler(private & ~filters.TEXT & ~filters.StatusUpdate.ALL, _not_text),
        CallbackQueryHandler(_stale_button),
    ]


async def _unknown_command(update: Update, _: Context) -> None:
    if update.effective_message is not None:
        said = render("problem", problem="unknown_command", spelt=None)
        await send(update.effective_message, said)


async def _not_text(update: Update, _: Context) -> None:
    if update.effective_message is not None:
        await send(update.effective_message, render("problem", problem="not_text"))


async def _stale_button(update: Update, _: Context) -> None:
    if update.callback_query is not None:
        await say_outdated(update.callback_query)
