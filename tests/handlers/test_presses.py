"""Pressed buttons: every one is answered, whatever happens behind it."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from telegram import Message, Update, User
from telegram.ext import Application, CallbackQueryHandler
from telegram.request import RequestData

from handlers.buttons import Action, Press
from handlers.presses import press_handler, toast_handler
from tests.support.telegram import NotingRequest

CHAT = {"id": 7, "type": "private", "first_name": "Anna"}
ANNA = {"id": 7, "is_bot": False, "first_name": "Anna"}
BELOW_A_MESSAGE = {
    "message": {"message_id": 3, "date": 1_760_000_000, "chat": CHAT, "text": "Antwort"}
}
BELOW_AN_INLINE_RESULT = {"inline_message_id": "5"}
OUTDATED = "Dieser Knopf ist veraltet. Bitte stellen Sie die Frage noch einmal."


class Telegram(NotingRequest):
    """Notes the answers to presses in order with what handlers do."""

    def __init__(self, events: list[object]) -> None:
        super().__init__()
        self.events = events

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        name = url.rpartition("/")[2]
        if name == "answerCallbackQuery":
            assert request_data is not None
            self.events.append(request_data.parameters.get("text"))
        return await super().do_request(url, method, request_data)


async def press(
    make: Callable[[list[object]], CallbackQueryHandler[Any, Any]],
    data: str = "1:f:EF-7:+",
    origin: dict[str, Any] = BELOW_A_MESSAGE,
) -> list[object]:
    """What happens when a button is pressed: texts of answers, notes of handlers, errors."""
    events: list[object] = []
    application = (
        Application.builder()
        .token("1:x")
        .request(Telegram(events))
        .get_updates_request(NotingRequest())
        .updater(None)
        .job_queue(None)
        .build()
    )

    async def note(_: object, context: Any) -> None:
        events.append(context.error)

    application.add_handler(make(events))
    application.add_error_handler(note)
    query = {"id": "9", "from": ANNA, "chat_instance": "1", "data": data} | origin
    async with application:
        item = Update.de_json({"update_id": 1, "callback_query": query}, application.bot)
        await application.process_update(item)
    return events


async def test_a_press_is_acknowledged_before_it_is_acted_upon() -> None:
    def make(events: list[object]) -> CallbackQueryHandler[Any, Any]:
        async def pressed(press: Press, message: Message) -> None:
            events.append((press.key, message.text))

        return press_handler(Action.FEEDBACK, pressed)

    assert await press(make) == [None, ("EF-7", "Antwort")]


async def test_a_toast_says_what_came_of_the_press() -> None:
    def make(events: list[object]) -> CallbackQueryHandler[Any, Any]:
        async def pressed(press: Press, message: Message, user: User) -> str:
            events.append((press.detail, message.message_id, user.id))
            return "Danke"

        return toast_handler(Action.FEEDBACK, pressed)

    assert await press(make) == [("+", 3, 7), "Danke"]


FAILURE = RuntimeError("kein Strom")


async def _fail(*_: object) -> Any:
    raise FAILURE


@pytest.mark.parametrize("kind", [press_handler, toast_handler])
async def test_a_press_that_fails_is_acknowledged_and_the_failure_reported(
    kind: Callable[[Action, Callable[..., Awaitable[Any]]], CallbackQueryHandler[Any, Any]],
) -> None:
    assert await press(lambda _: kind(Action.FEEDBACK, _fail)) == [None, FAILURE]


@pytest.mark.parametrize("kind", [press_handler, toast_handler])
@pytest.mark.parametrize(
    ("data", "origin"),
    [
        ("1:f:EF-7", BELOW_A_MESSAGE),
        ("1:f:a:b:c", BELOW_A_MESSAGE),
        ("1:f:EF-7:+", BELOW_AN_INLINE_RESULT),
    ],
)
async def test_what_cannot_be_acted_upon_is_refused_with_a_sentence(
    kind: Callable[[Action, Callable[..., Awaitable[Any]]], CallbackQueryHandler[Any, Any]],
    data: str,
    origin: dict[str, Any],
) -> None:
    assert await press(lambda _: kind(Action.FEEDBACK, _fail), data, origin) == [OUTDATED]


async def test_a_handler_leaves_other_buttons_alone() -> None:
    assert await press(lambda _: toast_handler(Action.FEEDBACK, _fail), "1:a:EF-7:") == []
