"""The Bot API method that answers a tapped button."""

from __future__ import annotations

from typing import Final

from bot.playground.core import QUERY_LIFETIME, Core
from bot.playground.parameters import Parameters
from bot.playground.wire import bad_request

MAX_ANSWER: Final = 200


def answer_callback_query(core: Core, parameters: Parameters) -> bool:
    """Answer a tapped button; answering again is accepted and changes nothing."""
    query = core.queries.get(parameters.text("callback_query_id"))
    if query is None or core.clock.now() - query.asked_at > QUERY_LIFETIME:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    text = parameters.text("text")
    if len(text) > MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    if query.answer is None:
        query.answer = {
            "text": text,
            "show_alert": parameters.flag("show_alert"),
            "url": parameters.text("url"),
        }
        core.emit(
            "callback_answer",
            chat_id=query.chat_id,
            user_id=query.user_id,
            query_id=query.id,
            answer=query.answer,
        )
    return True
