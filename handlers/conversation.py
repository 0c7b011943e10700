"""Free text: the one place that decides whether it belongs to a draft or is a question."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from telegram import Message, Update
from telegram.constants import ChatType
from telegram.ext import BaseHandler, MessageHandler, filters

from handlers.editing.drafts import (
    is_for_buttons,
    repeat,
    say_lapsed,
    say_to_tap,
    take_text,
)
from handlers.editing.preview import reopened
from handlers.fallbacks import unknown_command
from handlers.importing.uploads import open_for_words, take_words
from handlers.messages import render, send
from handlers.presses import Context
from handlers.questions import ASKED_BELOW, WRITTEN_BELOW, respond_to, written_in
from handlers.services import Services
from knowledge.editing import drafts, uploads
from knowledge.editing.drafts import Draft
from knowledge.people import Member, Role
from knowledge.snapshot import Snapshot

PREVIEWED_WITHIN = timedelta(minutes=1)
"""How soon after a message Telegram adds what its link leads to."""


class Addressed(filters.MessageFilter):
    """Private messages, and in groups those that mention or reply to the bot."""

    def filter(self, message: Message) -> bool:
        """Whether the message is meant for the bot."""
        if message.chat.type == ChatType.PRIVATE:
            return True
        me = message.get_bot()
        replied = message.reply_to_message
        if replied and replied.from_user and replied.from_user.id == me.id:
            return True
        entities = message.parse_entities if message.text else message.parse_caption_entities
        mentions = entities(["mention"]).values()
        return f"@{me.username}".lower() in {mention.lower() for mention in mentions}


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """Texts that are no commands, and what stands below pictures, also with the command."""
    fresh, private = filters.UpdateType.MESSAGE, filters.ChatType.PRIVATE
    status = filters.StatusUpdate.ALL
    written = (filters.TEXT & ~filters.COMMAND) | WRITTEN_BELOW
    return [
        MessageHandler(fresh & ASKED_BELOW, partial(_asked_below, services)),
        MessageHandler(fresh & written & Addressed(), partial(_text, services)),
        MessageHandler(fresh & private & ~filters.TEXT & ~status, partial(_not_text, services)),
        MessageHandler(
            filters.UpdateType.EDITED_MESSAGE & private & (filters.TEXT | filters.CAPTION),
            partial(_edited, services),
        ),
    ]


async def _not_text(services: Services, update: Update, _: Context) -> None:
    message = update.effective_message
    if message is None:
        return
    member, draft = await _waiting(services, message)
    if member is not None and draft is not None and _waits(draft, services.snapshot):
        await repeat(services, member, draft, message, render("problem", problem="no_answer"))
    else:
        await send(message, render("problem", problem="not_text"))


async def _edited(services: Services, update: Update, _: Context) -> None:
    """Say that a change of what was written to a draft is not read."""
    message = update.effective_message
    if message is None or _is_only_previewed(message):
        return
    member, draft = await _waiting(services, message)
    if member is None or draft is None:
        return
    number, content = message.message_id, draft.content
    # Between them may stand questions; what came after was not understood.
    if number == content.taken or (number > content.taken and _waits(draft, services.snapshot)):
        said = render("edited", waits=_waits(draft, services.snapshot))
        await repeat(services, member, draft, message, said)


def _is_only_previewed(message: Message) -> bool:
    """Whether Telegram may have changed a message by itself: it shows what a link leads to."""
    has_link = "://" in written_in(message)
    if not has_link or message.edit_date is None:
        return False
    return message.edit_date - message.date < PREVIEWED_WITHIN


async def _waiting(services: Services, message: Message) -> tuple[Member | None, Draft | None]:
    """An editor in private, and the draft that they have open."""
    user = message.from_user
    if message.chat.type != ChatType.PRIVATE or user is None:
        return None, None
    member = await services.people.member(user.id)
    if member is None or not member.role.includes(Role.EDITOR):
        return None, None  # nothing waits; whose right was withdrawn may ask like everybody
    now = services.clock()
    return member, await services.drafts.open(user.id, message.chat_id, now=now)


async def _asked_below(services: Services, update: Update, _: Context) -> None:
    message = update.effective_message
    if message is not None:
        await respond_to(services, message, written_in(message))


async def _text(services: Services, update: Update, _: Context) -> None:
    message = update.effective_message
    if message is None:
        return
    typed = message.text or ""
    if message.chat.type == ChatType.PRIVATE and typed.startswith("/"):
        # Telegram takes it for no command. It must not become a sentence of an open draft.
        await unknown_command(services, message, typed)
        return
    if await _is_an_answer(services, message):
        return
    await respond_to(services, message, written_in(message))


async def _is_an_answer(services: Services, message: Message) -> bool:
    """Give a text to the writer's open draft or import, if that waits for something.

    A text that comes again belongs to the draft that took it, and one from before the draft to
    none: it is a question whose answer did not arrive. Where both wait, the one that asked last
    is answered.
    """
    member, draft = await _waiting(services, message)
    if member is None:
        return False
    user_id, said = member.user_id, written_in(message)
    upload = await open_for_words(services, user_id, said)
    takes = draft is not None and _takes(draft, message, services.snapshot)
    if draft and upload and takes and message.message_id > draft.content.taken:
        # Both wait: what is written answers what was asked last.
        takes = draft.expires_at - drafts.VALID >= upload.expires_at - uploads.VALID
    if draft and takes:
        await take_text(services, member, draft, message, said)
        return True
    is_later = draft is not None and message.message_id >= draft.content.begun
    if draft and not upload and is_later and is_for_buttons(said):
        await say_to_tap(services, member, draft, message)
        return True
    if upload is not None:
        await take_words(services, member, upload, message)
        return True
    lapsed = await services.drafts.lapsed(user_id, message.chat_id, now=services.clock())
    if lapsed is not None and _takes(lapsed, message, services.snapshot):
        # It may be an answer or a question: only its writer can tell.
        await say_lapsed(services, lapsed, message)
    return False


def _takes(draft: Draft, message: Message, snapshot: Snapshot) -> bool:
    """Whether a draft waits for a text, or has taken it before."""
    if message.message_id < draft.content.begun:
        return False
    return _waits(draft, snapshot) or message.message_id <= draft.content.taken


def _waits(draft: Draft, snapshot: Snapshot) -> bool:
    return reopened(draft.content, snapshot).form is not None
