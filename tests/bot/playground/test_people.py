"""What people do in their chats reaches the bot as it would from Telegram."""

from __future__ import annotations

import pytest

from tests.bot.playground.helpers import ADMIN, COUNCILLOR, GROUP, STAFF, Json, World, png


async def test_people_begin_with_a_cast_and_a_group(world: World) -> None:
    state = await world.sim("GET", "state")
    assert [user["id"] for user in state["users"]] == [COUNCILLOR, STAFF, ADMIN]
    assert [chat["id"] for chat in state["chats"]] == [COUNCILLOR, STAFF, ADMIN, GROUP]
    assert state["bot"]["username"] == "massnahmenbot"


async def test_a_command_carries_its_entity_and_payload(world: World) -> None:
    await world.say("/start abo_12")
    (update,) = await world.updates()
    assert update["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert update["message"]["text"] == "/start abo_12"
    assert update["message"]["from"]["language_code"] == "de"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Guten Morgen", False),
        ("/stand", True),
        ("/stand@massnahmenbot Sprache", True),
        ("/stand@MassnahmenBot", True),
        ("/stand@anderer_bot", False),
        ("schau mal /stand", False),
        ("schau mal /stand@massnahmenbot", True),
        ("@massnahmenbot wie weit?", True),
        ("@massnahmenbotin wie weit?", False),
    ],
)
async def test_in_groups_the_bot_sees_only_what_is_meant_for_it(
    world: World, text: str, seen: bool
) -> None:
    await world.say(text, chat=GROUP)
    assert bool(await world.updates()) is seen


async def test_in_groups_the_bot_sees_replies_to_it_but_not_to_others(world: World) -> None:
    from_bot = await world.ok("sendMessage", chat_id=GROUP, text="Frage?")
    answer = await world.say("Ja", chat=GROUP, reply_to=from_bot["message_id"])
    await world.say("Doch", chat=GROUP, user=STAFF, reply_to=answer["message_id"])
    (update,) = await world.updates()
    assert update["message"]["reply_to_message"]["text"] == "Frage?"


async def test_an_administrator_bot_sees_everything(world: World) -> None:
    await world.sim("POST", f"chats/{GROUP}/bot", status="administrator")
    await world.say("Guten Morgen", chat=GROUP)
    kinds = [set(update) - {"update_id"} for update in await world.updates()]
    assert kinds == [{"my_chat_member"}, {"message"}]


async def test_an_edited_message_comes_again_as_edited(world: World) -> None:
    message = await world.say("/stand Sprahce")
    world.clock.advance(5)
    path = f"chats/{COUNCILLOR}/messages/{message['message_id']}"
    await world.sim("PATCH", path, text="/stand Sprache")
    update = (await world.updates())[-1]["edited_message"]
    assert update["text"] == "/stand Sprache"
    assert update["edit_date"] == message["date"] + 5


async def test_a_file_of_a_person_reaches_the_bot(world: World) -> None:
    answer = await world.http.post(
        f"/sim/chats/{ADMIN}/files",
        data={"user_id": str(ADMIN), "caption": "Neue Einträge"},
        files={"file": ("einträge.yaml", b"a: 1\n")},
    )
    assert answer.json()["file"]["file_name"] == "einträge.yaml"
    message = (await world.updates())[0]["message"]
    assert message["caption"] == "Neue Einträge"
    assert message["document"]["file_name"] == "einträge.yaml"
    file_id = message["document"]["file_id"]
    shown = await world.http.get(f"/sim/files/{file_id}")
    assert shown.content == b"a: 1\n"
    assert shown.headers["content-disposition"].startswith("attachment")


async def test_a_picture_of_a_person_reaches_the_bot_as_photo(world: World) -> None:
    await world.http.post(
        f"/sim/chats/{ADMIN}/files",
        data={"user_id": str(ADMIN), "photo": "true"},
        files={"file": ("plan.png", png(), "image/png")},
    )
    (photo,) = (await world.updates())[0]["message"]["photo"]
    shown = await world.http.get(f"/sim/files/{photo['file_id']}")
    assert shown.headers["content-disposition"].startswith("inline")
    assert shown.headers["content-type"] == "image/png"


async def test_the_bot_is_told_when_it_is_added_and_removed(world: World) -> None:
    group = await world.sim("POST", "chats", title="Ausschuss", members=[STAFF, ADMIN])
    await world.sim("POST", f"chats/{group['id']}/bot", status="kicked", by=ADMIN)
    updates = await world.updates()
    changes = [u["my_chat_member"] for u in updates if "my_chat_member" in u]
    assert [c["new_chat_member"]["status"] for c in changes] == ["member", "kicked"]
    assert [c["from"]["id"] for c in changes] == [STAFF, ADMIN]
    answer = await world.call("sendMessage", chat_id=group["id"], text="x")
    assert answer["description"] == "Forbidden: bot was kicked from the group chat"
    await world.say("/stand", user=STAFF, chat=group["id"])
    assert await world.updates() == []


@pytest.mark.parametrize("started", [False, True])
async def test_only_who_has_written_before_can_be_written_to(world: World, started: bool) -> None:
    person = await world.sim("POST", "users", first_name="Vertretung", started=started)
    answer = await world.call("sendMessage", chat_id=person["id"], text="Guten Tag")
    assert answer["ok"] is started


async def test_members_come_and_go(world: World) -> None:
    person = await world.sim("POST", "users", first_name="Vertretung")
    assert person["id"] == 1004
    group = await world.sim("POST", f"chats/{GROUP}/members", user_id=1004)
    assert group["members"]["1004"] == "member"
    await world.sim("DELETE", f"chats/{GROUP}/members/1004")
    services = [set(u["message"]) for u in await world.updates()]
    assert ["new_chat_members" in services[0], "left_chat_member" in services[1]] == [True, True]


async def test_a_group_becomes_a_supergroup_and_tells_both_ids(world: World) -> None:
    successor = await world.sim("POST", f"chats/{GROUP}/migrate")
    assert successor["type"] == "supergroup"
    first, second = [update["message"] for update in await world.updates()]
    assert (first["chat"]["id"], first["migrate_to_chat_id"]) == (GROUP, successor["id"])
    assert (second["chat"]["id"], second["migrate_from_chat_id"]) == (successor["id"], GROUP)
    answer = await world.call("sendMessage", chat_id=GROUP, text="x")
    assert answer == {
        "ok": False,
        "error_code": 400,
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": successor["id"]},
    }
    await world.ok("sendMessage", chat_id=successor["id"], text="x")


async def test_supergroups_number_their_messages_themselves(world: World) -> None:
    await world.say("eins")
    group = await world.sim(
        "POST", "chats", title="Rat", members=[ADMIN], type="supergroup", bot=False
    )
    message = await world.say("eins", user=ADMIN, chat=group["id"])
    assert message["message_id"] == 1


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"chats/{COUNCILLOR}/messages", {"user_id": COUNCILLOR, "text": " "}, 400),
        (f"chats/{COUNCILLOR}/messages", {"user_id": COUNCILLOR, "text": "x" * 4097}, 400),
        (f"chats/{COUNCILLOR}/messages", {"user_id": STAFF, "text": "x"}, 400),
        (f"chats/{COUNCILLOR}/messages", {"user_id": 1, "text": "x"}, 404),
        (f"chats/{COUNCILLOR}/messages", {"text": "x"}, 400),
        ("chats/nowhere/messages", {"user_id": COUNCILLOR, "text": "x"}, 404),
        (f"chats/{COUNCILLOR}/messages/7/press", {"user_id": COUNCILLOR}, 400),
        (
            f"chats/{COUNCILLOR}/messages/7/press",
            {"user_id": COUNCILLOR, "callback_data": "x"},
            404,
        ),
        (f"chats/{COUNCILLOR}/files", {"user_id": COUNCILLOR}, 400),
        (f"chats/{COUNCILLOR}/members", {"user_id": STAFF}, 400),
        (f"chats/{COUNCILLOR}/migrate", {}, 400),
        (f"chats/{GROUP}/bot", {"status": "asleep"}, 400),
        (f"users/{GROUP}/block", {}, 400),
        ("users", {"first_name": "x", "id": COUNCILLOR}, 400),
        ("users", {}, 400),
        ("chats", {"title": "x"}, 400),
        ("chats", {"title": "x", "members": [4711]}, 400),
        ("clock", {"now": "gestern"}, 400),
    ],
)
async def test_what_people_cannot_do_is_refused(
    world: World, path: str, body: Json, status: int
) -> None:
    answer = await world.http.post(f"/sim/{path}", json=body)
    assert answer.status_code == status, answer.text
    assert answer.json()["ok"] is False


async def test_who_has_blocked_the_bot_must_unblock_it_to_write(world: World) -> None:
    await world.sim("POST", f"users/{STAFF}/block")
    answer = await world.http.post(
        f"/sim/chats/{STAFF}/messages", json={"user_id": STAFF, "text": "x"}
    )
    assert answer.status_code == 400
