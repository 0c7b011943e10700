"""Bot API methods that answer what people tapped or typed."""

from __future__ import annotations

from typing import Final

from bot.playground.core import QUERY_LIFETIME, Core, Query
from bot.playground.keyboards import inline_keyboard
from bot.playground.parameters import Parameters
from bot.playground.sending import message_text
from bot.playground.wire import Json, bad_request

MAX_ANSWER: Final = 200
MAX_RESULTS: Final = 50
MAX_OFFSET_BYTES: Final = 64
MAX_ID_BYTES: Final = 64


def answer_callback_query(core: Core, parameters: Parameters) -> bool:
    """Answer a tapped button; answering again is accepted and changes nothing."""
    query = _pending(core, parameters.text("callback_query_id"), "callback")
    text = parameters.text("text")
    if len(text) > MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    if query.answer is None:
        query.answer = {
            "text": text,
            "show_alert": parameters.flag("show_alert"),
            "url": parameters.text("url"),
        }
        _announce(core, query)
    return True


def answer_inline_query(core: Core, parameters: Parameters) -> bool:
    """Answer an inline query with up to 50 results.

    Only articles with a text are checked in full: the bot sends no others.
    """
    query = _pending(core, parameters.text("inline_query_id"), "inline")
    results = parameters.decoded("results")
    if not isinstance(results, list):
        raise bad_request("can't parse inline query results: expected an Array")
    if len(results) > MAX_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    if len(parameters.text("next_offset").encode()) > MAX_OFFSET_BYTES:
        raise bad_request("NEXT_OFFSET_INVALID")
    checked = [_result(result) for result in results]
    if len({result["id"] for result in checked}) < len(checked):
        raise bad_request("RESULT_ID_DUPLICATE")
    query.answer = {
        "results": checked,
        "next_offset": parameters.text("next_offset"),
        "cache_time": parameters.number("cache_time"),
        "is_personal": parameters.flag("is_personal"),
        "button": parameters.decoded("button"),
    }
    _announce(core, query)
    return True


def _pending(core: Core, query_id: str, kind: str) -> Query:
    query = core.queries.get(query_id)
    if query is None or query.kind != kind or core.clock.now() - query.asked_at > QUERY_LIFETIME:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    return query


def _announce(core: Core, query: Query) -> None:
    core.emit(
        f"{query.kind}_answer",
        chat_id=query.chat_id,
        user_id=query.user_id,
        query_id=query.id,
        answer=query.answer,
    )


def _result(result: object) -> Json:
    if not isinstance(result, dict) or not isinstance(result.get("type"), str):
        raise bad_request("can't parse inline query result: expected an Object with a type")
    if not 1 <= len(str(result.get("id", "")).encode()) <= MAX_ID_BYTES:
        raise bad_request("RESULT_ID_INVALID")
    if result["type"] == "article":
        if not result.get("title"):
            raise bad_request("can't parse inline query result: can't find field \"title\"")
        content(result)
    inline_keyboard(result.get("reply_markup"))
    return dict(result)


def content(result: Json) -> Parameters:
    """Return the text an article stands for, as the parameters of a message.

    Raises:
        ApiError: 400 if it has none or it would be refused as a message.
    """
    given = result.get("input_message_content")
    if not isinstance(given, dict) or "message_text" not in given:
        raise bad_request("message content is not specified")
    parameters = Parameters({**given, "text": given["message_text"]})
    message_text(parameters, too_long="MESSAGE_TOO_LONG")
    return parameters
