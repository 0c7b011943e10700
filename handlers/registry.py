"""All handlers in their order, and the command menu."""

from __future__ import annotations

from typing import Any

from telegram import BotCommand
from telegram.ext import BaseHandler

from handlers import (
    browsing,
    dates,
    fallbacks,
    feedback,
    membership,
    questions,
    sources,
    start,
)
from handlers.messages import PHRASES
from handlers.services import Services

ALLOWED_UPDATES = ("message", "callback_query")
"""The kinds of updates that anything here handles; Telegram sends no others."""

_IN_GROUPS = ("frage", "massnahmen", "termine", "quellen", "hilfe")


def all_handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """Every handler; the first that fits an update takes it, so fallbacks come last."""
    modules = (
        start,
        browsing,
        dates,
        sources,
        membership,
        questions,
        feedback,
        fallbacks,
    )
    return [handler for module in modules for handler in module.handlers(services)]


def private_commands() -> list[BotCommand]:
    """The menu in private chats."""
    return [BotCommand(name, text) for name, text in PHRASES["command"].items()]


def group_commands() -> list[BotCommand]:
    """The menu in groups: without the greeting."""
    return [BotCommand(name, PHRASES["command"][name]) for name in _IN_GROUPS]
