"""The buttons "Hilfreich" and "Nicht hilfreich" below answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message, User
from telegram.constants import ChatType
from telegram.error import TelegramError
from telegram.ext import BaseHandler

from handlers.buttons import Action, Press, button
from handlers.messages import PHRASES, plain, render
from handlers.presses import toast_handler
from handlers.services import Services
from knowledge.inquiries.feedback import Effect, Rating
from knowledge.snapshot import Snapshot
from knowledge.storage.row_ids import is_id

_LABELS = {True: "helpful", False: "unhelpful"}
_SIGNS = {True: "+", False: "-"}
_DETAIL = re.compile(r"([0-9]{0,15})([+-])")


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """The two buttons."""
    return [toast_handler(Action.FEEDBACK, partial(_tap, services))]


async def _tap(services: Services, press: Press, message: Message, user: User) -> str:
    rating = rating_of(press, services.snapshot)
    if rating is None:
        return plain(render("problem", problem="old_button"))
    effect = await services.feedback.tap(
        rating,
        chat_id=message.chat_id,
        message_id=message.message_id,
        user_id=user.id,
        today=services.today,
    )
    # In a group all see the same keyboard: a check mark would tell them what one person thinks.
    if message.reply_markup is not None and message.chat.type == ChatType.PRIVATE:
        chosen = None if effect is Effect.TAKEN_BACK else rating.helpful
        row = rating_row(press.key, rating.question_id, chosen)
        # What was done stays done without its mark; taking the update up again would undo it.
        with suppress(TelegramError):
            await message.edit_reply_markup(with_row(message.reply_markup, row))
    return plain(render("feedback", effect=effect, helpful=rating.helpful))


def rating_row(
    key: str, question_id: int | None, chosen: bool | None = None
) -> tuple[InlineKeyboardButton, ...]:
    """The two buttons.

    Args:
        key: The entry that the answer is about first, or empty.
        question_id: Number of the question in the log, or None.
        chosen: The rating that bears a check mark, if any.
    """
    number = "" if question_id is None else question_id
    return tuple(
        button(
            f"{'✓ ' if helpful is chosen else ''}{PHRASES['button'][_LABELS[helpful]]}",
            Action.FEEDBACK,
            key,
            f"{number}{_SIGNS[helpful]}",
        )
        for helpful in (True, False)
    )


def rating_of(press: Press, snapshot: Snapshot) -> Rating | None:
    """What a press says; None if it is not, or no longer, one of our buttons."""
    detail = _DETAIL.fullmatch(press.detail)
    entry = snapshot.get(press.key)
    if detail is None or (press.key and entry is None):
        return None
    question_id = int(detail[1]) if detail[1] else None
    if question_id is not None and not is_id(question_id):
        return None
    return Rating(
        helpful=detail[2] == _SIGNS[True],
        entry=entry.key if entry else None,
        question_id=question_id,
    )


def with_row(
    keyboard: InlineKeyboardMarkup, row: Sequence[InlineKeyboardButton]
) -> InlineKeyboardMarkup:
    """A keyboard in which a row has taken the place of the one with the same data."""
    data = [below.callback_data for below in row]
    return InlineKeyboardMarkup(
        [
            row if [below.callback_data for below in line] == data else line
            for line in keyboard.inline_keyboard
        ]
    )
