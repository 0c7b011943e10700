"""Messages of the bot: sent, changed and removed, or refused with Telegram's words."""

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
    png,
)

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are "
    "exactly the same as a current content and reply markup of the message"
)


@pytest.fixture
async def started(world: World) -> World:
    """A playground whose councillor has begun the chat."""
    await world.say("/start")
    await world.updates()
    return world


async def sent(world: World, text: str = "Hallo", **more: object) -> Json:
    message: Json = await world.ok("sendMessage", chat_id=COUNCILLOR, text=text, **more)
    return message


async def test_a_message_carries_text_entities_and_buttons(started: World) -> None:
    keyboard = buttons([button("Ja", callback_data="ja", style="success")])
    message = await sent(started, "<b>Maß</b>", parse_mode="HTML", reply_markup=keyboard)
    assert message["text"] == "Maß"
    assert message["entities"] == [{"type": "bold", "offset": 0, "length": 3}]
    assert message["reply_markup"] == keyboard
    assert message["from"]["is_bot"] is True
    assert message["chat"] == {"id": COUNCILLOR, "type": "private", "first_name": "Stadträtin"}


@pytest.mark.parametrize("how", ["query", "form", "json", "multipart"])
async def test_parameters_are_read_whatever_way_they_come(started: World, how: str) -> None:
    path = f"/bot{TOKEN}/SENDMESSAGE"
    form = {"chat_id": str(COUNCILLOR), "text": 'ü "x"', "reply_markup": '{"inline_keyboard":[]}'}
    match how:
        case "query":
            answer = await started.http.get(path, params=form)
        case "form":
            answer = await started.http.post(path, data=form)
        case "json":
            body = {**form, "chat_id": COUNCILLOR, "reply_markup": {"inline_keyboard": []}}
            answer = await started.http.post(path, json=body)
        case _:
            parts = {name: (None, value) for name, value in form.items()}
            answer = await started.http.post(path, files=parts)
    assert answer.json()["result"]["text"] == 'ü "x"'


@pytest.mark.parametrize(
    ("parameters", "description"),
    [
        ({"chat_id": ""}, "chat_id is empty"),
        ({"chat_id": 4711}, "chat not found"),
        ({"chat_id": "@niemand"}, "chat not found"),
        ({"text": ""}, "message text is empty"),
        ({"text": " \n"}, "message text is empty"),
        ({"text": "<b> </b>", "parse_mode": "HTML"}, "message text is empty"),
        ({"text": "a" * 4097}, "message is too long"),
        ({"text": "📌" * 2049}, "message is too long"),
        ({"text": "<p>", "parse_mode": "html"}, "can't parse entities: Unsupported start tag"),
        ({"parse_mode": "MarkdownV2"}, "the playground knows parse_mode HTML only"),
        ({"parse_mode": "wiki"}, "unsupported parse_mode"),
        ({"entities": [{"type": "bold", "offset": "a", "length": 1}]}, "can't parse entities"),
        ({"reply_markup": '{"inline_keyboard": "\\ud800"}'}, "can't parse reply_markup JSON"),
        ({"entities": [{"type": "bold"}]}, "can't parse entities: entity lacks"),
        ({"entities": [{"type": "bold", "offset": 3, "length": 9}]}, "can't parse entities"),
        ({"reply_markup": "{"}, "can't parse reply_markup JSON object"),
        ({"reply_markup": "[]"}, "object expected as reply markup"),
        ({"reply_markup": buttons([button(callback_data="ä" * 33)])}, "BUTTON_DATA_INVALID"),
        ({"reply_markup": buttons([button(callback_data="")])}, "BUTTON_DATA_INVALID"),
        ({"reply_markup": buttons([{"text": "x"}])}, "can't parse inline keyboard button"),
        ({"reply_markup": buttons([button(" ", url="http://x.y")])}, "BUTTON_TEXT_INVALID"),
        ({"reply_markup": buttons([button(url="ftp://x")])}, "inline keyboard button URL"),
        ({"reply_markup": buttons([button(url="http://x", callback_data="a")])}, "can't parse"),
        ({"reply_markup": buttons([button(copy_text={"text": ""})])}, "BUTTON_COPY_TEXT_INVALID"),
        ({"reply_markup": buttons([{**button(), "style": "pink"}])}, "can't parse inline"),
        ({"reply_markup": buttons([button()] * 9)}, "reply markup is too long"),
        ({"reply_markup": buttons(*[[button()]] * 101)}, "reply markup is too long"),
        ({"reply_parameters": {"message_id": 99}}, "message to be replied not found"),
        ({"reply_parameters": {}}, "can't parse reply parameters"),
        ({"link_preview_options": "[1]"}, "object expected as link preview options"),
    ],
)
async def test_what_telegram_refuses_is_refused(
    started: World, parameters: Json, description: str
) -> None:
    refusal = await started.refused(
        "sendMessage", **{"chat_id": COUNCILLOR, "text": "Hallo", **parameters}
    )
    assert refusal.startswith(f"Bad Request: {description}")


async def test_the_length_counts_after_parsing(started: World) -> None:
    message = await sent(started, f"<b>{'a' * 4096}</b>", parse_mode="HTML")
    assert len(message["text"]) == 4096


async def test_callback_data_may_have_64_bytes(started: World) -> None:
    await sent(started, reply_markup=buttons([button(callback_data="ä" * 32)]))


async def test_a_person_who_never_wrote_cannot_be_written_to(started: World) -> None:
    answer = await started.call("sendMessage", chat_id=STAFF, text="Hallo")
    assert answer["error_code"] == 403
    assert answer["description"] == "Forbidden: bot can't initiate conversation with a user"


async def test_a_blocked_bot_may_not_write_until_it_is_unblocked(started: World) -> None:
    await started.sim("POST", f"users/{COUNCILLOR}/block")
    answer = await started.call("sendMessage", chat_id=COUNCILLOR, text="Hallo")
    assert answer["error_code"] == 403
    assert answer["description"] == "Forbidden: bot was blocked by the user"
    await started.sim("POST", f"users/{COUNCILLOR}/unblock")
    await sent(started)
    changes = [update["my_chat_member"] for update in await started.updates()]
    assert [change["new_chat_member"]["status"] for change in changes] == ["kicked", "member"]


async def test_an_edit_replaces_text_and_keyboard(started: World) -> None:
    message = await sent(started, reply_markup=buttons([button()]))
    target = {"chat_id": COUNCILLOR, "message_id": message["message_id"]}
    started.clock.advance(60)
    edited = await started.ok("editMessageText", **target, text="Neu")
    assert edited["text"] == "Neu"
    assert "reply_markup" not in edited
    assert edited["edit_date"] == message["date"] + 60
    again = await started.ok("editMessageReplyMarkup", **target, reply_markup=buttons([button()]))
    assert again["text"] == "Neu"
    assert again["reply_markup"] == buttons([button()])


async def test_an_edit_that_changes_nothing_is_refused(started: World) -> None:
    message = await sent(started, "<b>x</b>", parse_mode="HTML", reply_markup=buttons([button()]))
    target = {"chat_id": COUNCILLOR, "message_id": message["message_id"]}
    same = {"text": "<strong>x</strong>", "parse_mode": "HTML"}
    keyboard = buttons([button()])
    assert (
        await started.refused("editMessageText", **target, **same, reply_markup=keyboard)
        == NOT_MODIFIED
    )
    assert (
        await started.refused("editMessageReplyMarkup", **target, reply_markup=keyboard)
        == NOT_MODIFIED
    )


async def test_only_existing_messages_of_the_bot_can_be_edited(started: World) -> None:
    own = await started.say("von mir")
    edit = {"chat_id": COUNCILLOR, "text": "x"}
    refusals = [
        await started.refused("editMessageText", **edit, message_id=own["message_id"]),
        await started.refused("editMessageText", **edit, message_id=4711),
        await started.refused("editMessageText", **edit),
    ]
    assert refusals == [
        "Bad Request: message can't be edited",
        "Bad Request: message to edit not found",
        "Bad Request: message identifier is not specified",
    ]


async def test_messages_can_be_deleted_for_two_days(started: World) -> None:
    message, old = await sent(started), await sent(started)
    target = {"chat_id": COUNCILLOR, "message_id": message["message_id"]}
    assert await started.ok("deleteMessage", **target) is True
    missing = "Bad Request: message to delete not found"
    assert await started.refused("deleteMessage", **target) == missing
    started.clock.advance(49 * 3600)
    refusal = await started.refused(
        "deleteMessage", chat_id=COUNCILLOR, message_id=old["message_id"]
    )
    assert refusal == "Bad Request: message can't be deleted for everyone"


async def test_replies_quote_and_may_do_without(started: World) -> None:
    asked = await started.say("Wie weit?")
    reply = {"message_id": asked["message_id"]}
    message = await sent(started, reply_parameters=reply)
    assert message["reply_to_message"]["text"] == "Wie weit?"
    lonely = {"message_id": 4711, "allow_sending_without_reply": True}
    assert "reply_to_message" not in await sent(started, reply_parameters=lonely)


async def upload(world: World, method: str, name: str, content: bytes, **fields: str) -> Json:
    answer = await world.http.post(
        f"/bot{TOKEN}/{method}",
        data={"chat_id": str(COUNCILLOR), **fields},
        files={method.removeprefix("send").lower(): (name, content)},
    )
    body: Json = answer.json()
    return body


async def test_a_document_can_be_sent_downloaded_and_sent_again(started: World) -> None:
    content = b"a;b\r\n--x\r\n\x00\xff\r\n"
    body = await upload(started, "sendDocument", "Übersicht.csv", content, caption="Stand")
    document = body["result"]["document"]
    assert body["result"]["caption"] == "Stand"
    assert (document["file_name"], document["file_size"]) == ("Übersicht.csv", len(content))
    file = await started.ok("getFile", file_id=document["file_id"])
    download = await started.http.get(f"/file/bot{TOKEN}/{file['file_path']}")
    assert download.content == content
    again = await started.ok("sendDocument", chat_id=COUNCILLOR, document=document["file_id"])
    assert again["document"] == document


async def test_a_photo_must_be_a_picture(started: World) -> None:
    body = await upload(started, "sendPhoto", "stand.png", png(30, 20))
    assert [body["result"]["photo"][0][side] for side in ("width", "height")] == [30, 20]
    refused = await upload(started, "sendPhoto", "stand.png", b"no picture")
    assert refused["description"] == "Bad Request: IMAGE_PROCESS_FAILED"
    narrow = await upload(started, "sendPhoto", "stand.png", png(100, 1))
    assert narrow["description"] == "Bad Request: PHOTO_INVALID_DIMENSIONS"


async def test_files_are_refused_as_telegram_refuses_them(started: World) -> None:
    chat = {"chat_id": COUNCILLOR}
    assert (
        await started.refused("sendDocument", **chat)
        == "Bad Request: there is no document in the request"
    )
    assert (
        await started.refused("sendDocument", **chat, document="x")
        == "Bad Request: wrong file identifier/HTTP URL specified"
    )
    assert await started.refused("getFile", file_id="x") == "Bad Request: invalid file_id"
    empty = await upload(started, "sendDocument", "x", b"")
    assert empty["description"] == "Bad Request: file must be non-empty"
    long = await upload(started, "sendDocument", "x", b"x", caption="ü" * 1025)
    assert long["description"] == "Bad Request: message caption is too long"


async def test_texts_of_files_cannot_be_edited_as_text(started: World) -> None:
    body = await upload(started, "sendDocument", "x.txt", b"x")
    edit = {"chat_id": COUNCILLOR, "message_id": body["result"]["message_id"], "text": "x"}
    refusal = await started.refused("editMessageText", **edit)
    assert refusal == "Bad Request: there is no text in the message to edit"


async def test_actions_are_checked_and_seen(started: World) -> None:
    await started.ok("sendChatAction", chat_id=COUNCILLOR, action="typing")
    events = await started.sim("GET", "events?type=action")
    assert [event["action"] for event in events["events"]] == ["typing"]
    refusal = await started.refused("sendChatAction", chat_id=COUNCILLOR, action="dancing")
    assert refusal == "Bad Request: wrong parameter action in request"


async def test_groups_share_the_rules(world: World) -> None:
    message = await world.ok("sendMessage", chat_id=GROUP, text="Hallo")
    assert message["chat"]["title"] == "Fraktion"
    foreign = await world.say("von mir", user=ADMIN, chat=GROUP)
    delete = {"chat_id": GROUP, "message_id": foreign["message_id"]}
    refusal = await world.refused("deleteMessage", **delete)
    assert refusal == "Bad Request: message can't be deleted for everyone"
    await world.sim("POST", f"chats/{GROUP}/bot", status="administrator")
    assert await world.ok("deleteMessage", **delete) is True
