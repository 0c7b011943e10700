"""All handlers in their order."""

from __future__ import annotations

from typing import Any

from telegram.ext import BaseHandler

from handlers import (
    announcing,
    browsing,
    calendars,
    conversation,
    dates,
    exporting,
    fallbacks,
    feedback,
    handed_over,
    journal,
    notification_times,
    privacy,
    questions,
    reachability,
    reports,
    roles,
    sources,
    start,
    subscribing,
    subscriptions,
)
from handlers.editing import commands, drafts
from handlers.importing import uploads
from handlers.services import Services

ALLOWED_UPDATES = (
    "message",
    "edited_message",
    "channel_post",
    "callback_query",
    "my_chat_member",
)
"""The kinds of updates that anything here handles; Telegram sends no others."""


def all_handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """Every handler; the first that fits an update takes it, so fallbacks come last."""
    modules = (
        reachability,
        start,
        browsing,
        dates,
        sources,
        reports,
        questions,
        feedback,
        subscribing,
        subscriptions,
        notification_times,
        calendars,
        privacy,
        roles,
        handed_over,
        announcing,
        commands,
        drafts,
        journal,
        exporting,
        uploads,
        conversation,
        fallbacks,
    )
    return [handler for module in modules for handler in module.handlers(services)]
