"""Reply markup, checked the way Telegram checks it before it accepts a message."""

from __future__ import annotations

import re
from typing import Final

from bot.playground.wire import Json, bad_request

MAX_ROW: Final = 8
MAX_BUTTONS: Final = 100
MAX_DATA_BYTES: Final = 64
MAX_COPY: Final = 256

_ACTIONS: Final = (
    "callback_data",
    "url",
    "copy_text",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "web_app",
    "login_url",
    "pay",
)
_OTHERS: Final = frozenset({"keyboard", "remove_keyboard", "force_reply"})
_STYLES: Final = frozenset({"danger", "success", "primary"})


def inline_keyboard(markup: object) -> Json | None:
    """The inline keyboard in a `reply_markup`, None if it has none.

    Reply keyboards, their removal and forced replies are accepted and have no effect: the bot
    API does not echo them either.

    Args:
        markup: The decoded `reply_markup`, None if the bot passed none.

    Raises:
        ApiError: 400 if Telegram would refuse it, `BUTTON_DATA_INVALID` among others.
    """
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if _OTHERS & markup.keys():
        return None
    rows = markup.get("inline_keyboard", [])
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(
            'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'
        )
    keyboard = [[_button(button) for button in row] for row in rows if row]
    if sum(map(len, keyboard)) > MAX_BUTTONS or any(len(row) > MAX_ROW for row in keyboard):
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": keyboard} if keyboard else None


def has_button(markup: Json | None, callback_data: str) -> bool:
    """Whether a keyboard carries that callback data."""
    rows = markup["inline_keyboard"] if markup else []
    return any(button.get("callback_data") == callback_data for row in rows for button in row)


def _button(button: object) -> Json:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad_request(
            'can\'t parse inline keyboard button: field "text" must be of type String'
        )
    if not button["text"].strip():
        raise bad_request("BUTTON_TEXT_INVALID")
    given = [action for action in _ACTIONS if action in button]
    if len(given) != 1:
        reason = "Text buttons are unallowed in the inline keyboard"
        if given:
            reason = "exactly one of the optional fields must be used"
        raise bad_request(f"can't parse inline keyboard button: {reason}")
    _check_action(given[0], button[given[0]])
    if button.get("style") not in _STYLES | {None}:
        raise bad_request("can't parse inline keyboard button: Invalid button style specified")
    return dict(button)


def _check_action(action: str, value: object) -> None:
    if action == "callback_data" and not (
        isinstance(value, str) and 1 <= len(value.encode()) <= MAX_DATA_BYTES
    ):
        raise bad_request("BUTTON_DATA_INVALID")
    if action == "url" and not (isinstance(value, str) and re.match(r"(?:https?|tg)://\S", value)):
        raise bad_request(f"inline keyboard button URL '{value}' is invalid: Wrong HTTP URL")
    if action == "copy_text":
        text = value.get("text") if isinstance(value, dict) else None
        if not (isinstance(text, str) and 1 <= len(text) <= MAX_COPY):
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
