"""What the bot gets is what Telegram documents, checked with another library's models."""

from __future__ import annotations

import pytest
from aiogram.methods import GetChat, GetChatMember, GetMe, GetWebhookInfo, SendMessage
from aiogram.methods.base import TelegramMethod
from aiogram.types import Update
from pydantic import TypeAdapter

from bot.playground import TOKEN
from tests.bot.playground.helpers import ADMIN, COUNCILLOR, GROUP, STAFF, World, button, buttons


async def test_every_kind_of_update_is_valid(world: World) -> None:
    message = await world.say("/start")
    path = f"chats/{COUNCILLOR}/messages"
    await world.sim("PATCH", f"{path}/{message['message_id']}", text="/start neu")
    sent = await world.ok(
        "sendMessage", chat_id=COUNCILLOR, text="?", reply_markup=buttons([button()])
    )
    press = {"user_id": COUNCILLOR, "callback_data": "m1:7"}
    await world.sim("POST", f"{path}/{sent['message_id']}/press", **press)
    await world.say("Antwort", reply_to=sent["message_id"])
    await world.http.post(
        f"/sim/chats/{ADMIN}/files",
        data={"user_id": str(ADMIN)},
        files={"file": ("x.yaml", b"a: 1")},
    )
    for status in ("administrator", "kicked", "member"):
        await world.sim("POST", f"chats/{GROUP}/bot", status=status)
    await world.sim("POST", f"users/{STAFF}/block")
    await world.sim("POST", f"chats/{GROUP}/migrate")
    kinds: set[str] = set()
    for update in await world.updates():
        Update.model_validate(update)
        kinds |= update.keys()
    assert kinds == {
        "update_id",
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
    }


@pytest.mark.parametrize(
    "method",
    [
        GetMe(),
        GetChat(chat_id=GROUP),
        GetChat(chat_id=COUNCILLOR),
        GetChatMember(chat_id=GROUP, user_id=COUNCILLOR),
        GetChatMember(chat_id=STAFF, user_id=1),
        GetWebhookInfo(),
        SendMessage(chat_id=GROUP, text="<b>x</b>", parse_mode="HTML"),
    ],
    ids=lambda method: type(method).__name__,
)
async def test_results_are_valid(world: World, method: TelegramMethod[object]) -> None:
    body = method.model_dump(exclude_none=True, exclude_defaults=True, mode="json", warnings=False)
    answer = await world.http.post(f"/bot{TOKEN}/{method.__api_method__}", json=body)
    TypeAdapter(method.__returning__).validate_python(answer.json()["result"])
