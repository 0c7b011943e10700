"""All handlers in their order."""

from __future__ import annotations

from typing import Any

from telegram.ext import BaseHandler

from handlers import (
    announcing,
    browsing,
    conversation,
    dates,
    edit_commands,
    editing,
    fallbacks,
    feedback,
    inbox,
    journal,
    membership,
    questions,
    reports,
    roles,
    sources,
    start,
)
from handlers.services import Services

ALLOWED_UPDATES = ("message", "callback_query", "my_chat_member")
"""The kinds of updates that anything here handles; Telegram sends no others."""


def all_handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """Every handler; the first that fits an update takes it, so fallbacks come last."""
    modules = (
        membership,
        start,
        browsing,
        dates,
        sources,
        reports,
        questions,
        feedback,
        roles,
        inbox,
        announcing,
        edit_commands,
        editing,
        journal,
        conversation,
        fallbacks,
    )
    return [handler for module in modules for handler in module.handlers(services)]
