"""Methods of the Bot API that send nothing: the bot itself, buttons, menus, chats."""

from __future__ import annotations

import pytest

from bot.playground import TOKEN
from tests.bot.playground.helpers import (
    ADMIN,
    COUNCILLOR,
    GROUP,
    STAFF,
    Json,
    World,
    button,
    buttons,
)

TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


async def test_the_bot_knows_itself(world: World) -> None:
    me = await world.ok("GETme")
    assert me["id"] == 1
    assert me["username"] == "massnahmenbot"
    assert me["can_read_all_group_messages"] is False


async def test_unknown_methods_and_tokens_are_refused_as_telegram_does(world: World) -> None:
    unknown = await world.http.get(f"/bot{TOKEN}/sendFlowers")
    assert unknown.status_code == 404
    assert unknown.json() == {"ok": False, "error_code": 404, "description": "Not Found"}
    foreign = await world.http.get("/bot2:other/getMe")
    assert foreign.status_code == 401
    assert foreign.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert (await world.http.get("/file/bot2:other/documents/x")).status_code == 401
    assert (await world.http.get(f"/file/bot{TOKEN}/documents/x")).status_code == 404


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'{"text": "\\ud800"}', "application/json"),
        (b"x", "text/plain"),
        (b"\xff=\xff", "application/x-www-form-urlencoded"),
        (b"x", "multipart/form-data"),
        (b"--b\r\nnothing", "multipart/form-data; boundary=b"),
        (b"--b\r\nno name\r\n--b--", "multipart/form-data; boundary=b"),
    ],
)
async def test_malformed_bodies_are_bad_requests(world: World, content: bytes, kind: str) -> None:
    answer = await world.http.post(
        f"/bot{TOKEN}/getMe", content=content, headers={"Content-Type": kind}
    )
    assert answer.json()["error_code"] == 400


async def pressed(world: World) -> str:
    await world.say("/start")
    message = await world.ok(
        "sendMessage", chat_id=COUNCILLOR, text="?", reply_markup=buttons([button()])
    )
    path = f"chats/{COUNCILLOR}/messages/{message['message_id']}/press"
    answer = await world.sim("POST", path, user_id=COUNCILLOR, callback_data="m1:7")
    return str(answer["query_id"])


async def test_a_tapped_button_reaches_the_bot_and_its_answer_the_person(world: World) -> None:
    query_id = await pressed(world)
    query = (await world.updates())[-1]["callback_query"]
    assert (query["id"], query["data"], query["message"]["text"]) == (query_id, "m1:7", "?")
    await world.ok("answerCallbackQuery", callback_query_id=query_id, text="Gut", show_alert=True)
    answer = (await world.sim("GET", f"queries/{query_id}"))["answer"]
    assert answer == {"text": "Gut", "show_alert": True, "url": ""}
    await world.ok("answerCallbackQuery", callback_query_id=query_id, text="Zu spät")
    assert (await world.sim("GET", f"queries/{query_id}"))["answer"]["text"] == "Gut"


async def test_unknown_old_and_wordy_answers_to_buttons_are_refused(world: World) -> None:
    query_id = await pressed(world)
    assert await world.refused("answerCallbackQuery", callback_query_id="4711") == TOO_OLD
    wordy = await world.refused("answerCallbackQuery", callback_query_id=query_id, text="x" * 201)
    assert wordy == "Bad Request: MESSAGE_TOO_LONG"
    world.clock.advance(61)
    assert await world.refused("answerCallbackQuery", callback_query_id=query_id) == TOO_OLD


async def menu(world: World, chat: int, user: int) -> list[str]:
    answer = await world.sim("GET", f"chats/{chat}/commands?user_id={user}")
    return [entry["command"] for entry in answer["commands"]]


async def test_the_narrowest_command_menu_is_shown(world: World) -> None:
    def commands(name: str) -> list[Json]:
        return [{"command": name, "description": name}]

    await world.ok("setMyCommands", commands=commands("alle"))
    assert await menu(world, GROUP, STAFF) == ["alle"]
    scopes: list[Json] = [
        {"type": "all_private_chats"},
        {"type": "all_group_chats"},
        {"type": "all_chat_administrators"},
        {"type": "chat", "chat_id": ADMIN},
        {"type": "chat_member", "chat_id": GROUP, "user_id": ADMIN},
    ]
    for scope in scopes:
        await world.ok("setMyCommands", commands=commands(scope["type"]), scope=scope)
    await world.ok("setMyCommands", commands=commands("de"), scope=scopes[0], language_code="de")
    assert await menu(world, STAFF, STAFF) == ["de"]
    assert await menu(world, ADMIN, ADMIN) == ["chat"]
    assert await menu(world, GROUP, STAFF) == ["all_group_chats"]
    assert await menu(world, GROUP, COUNCILLOR) == ["all_chat_administrators"]
    assert await menu(world, GROUP, ADMIN) == ["chat_member"]
    assert await world.ok("getMyCommands", scope=scopes[0], language_code="de") == commands("de")
    await world.ok("deleteMyCommands", scope=scopes[0], language_code="de")
    assert await menu(world, STAFF, STAFF) == ["all_private_chats"]
    assert await world.ok("getMyCommands", scope=scopes[0], language_code="de") == []


@pytest.mark.parametrize(
    ("commands", "scope", "description"),
    [
        ([{"command": "maßnahme", "description": "x"}], None, "BOT_COMMAND_INVALID"),
        ([{"command": "a" * 33, "description": "x"}], None, "BOT_COMMAND_INVALID"),
        ([{"command": "a", "description": ""}], None, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ([{"command": "a", "description": "x"}] * 101, None, "BOT_COMMANDS_TOO_MUCH"),
        ({}, None, "can't parse commands"),
        ([1], None, "can't parse commands"),
        ([], {"type": "planet"}, "can't parse BotCommandScope"),
        ([], {"type": "chat"}, "can't parse BotCommandScope"),
        ([], {"type": "chat", "chat_id": 4711}, "chat not found"),
    ],
)
async def test_command_menus_telegram_would_refuse_are_refused(
    world: World, commands: object, scope: object, description: str
) -> None:
    refusal = await world.refused("setMyCommands", commands=commands, scope=scope)
    assert refusal.startswith(f"Bad Request: {description}")


@pytest.mark.parametrize(
    ("method", "field", "most"),
    [
        ("MyName", "name", 64),
        ("MyDescription", "description", 512),
        ("MyShortDescription", "short_description", 120),
    ],
)
async def test_texts_about_the_bot_are_kept_by_language(
    world: World, method: str, field: str, most: int
) -> None:
    await world.ok(f"set{method}", **{field: "allgemein"})
    await world.ok(f"set{method}", **{field: "deutsch"}, language_code="de")
    assert await world.ok(f"get{method}") == {field: "allgemein"}
    assert await world.ok(f"get{method}", language_code="de") == {field: "deutsch"}
    assert await world.ok(f"get{method}", language_code="fr") == {field: "allgemein"}
    assert "TOO_LONG" in await world.refused(f"set{method}", **{field: "x" * (most + 1)})


async def test_chats_and_members_can_be_looked_up(world: World) -> None:
    chat = await world.ok("getChat", chat_id=GROUP)
    assert (chat["title"], chat["type"]) == ("Fraktion", "group")
    member = await world.ok("getChatMember", chat_id=GROUP, user_id=COUNCILLOR)
    assert member["status"] == "creator"
    stranger = await world.refused("getChatMember", chat_id=GROUP, user_id=4711)
    assert stranger == "Bad Request: invalid user_id specified"


async def test_a_bot_that_left_is_out(world: World) -> None:
    assert await world.ok("leaveChat", chat_id=GROUP) is True
    answer = await world.call("sendMessage", chat_id=GROUP, text="x")
    assert answer["error_code"] == 403
    assert answer["description"] == "Forbidden: bot is not a member of the group chat"
    assert (await world.call("leaveChat", chat_id=COUNCILLOR))["error_code"] == 403


async def test_too_large_bodies_are_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.playground.forms.MAX_BODY", 10)
    answer = await world.http.post(f"/bot{TOKEN}/getMe", content=b"x" * 11)
    assert answer.status_code == 413
