"""What people do in the chat: write, edit, upload, tap buttons, ask inline."""

from __future__ import annotations

from bot.playground.core import Core, Query
from bot.playground.entities import Formatted, detected, trimmed, utf16_length
from bot.playground.images import photo_size
from bot.playground.keyboards import has_button, inline_keyboard
from bot.playground.parameters import Upload
from bot.playground.queries import content
from bot.playground.sending import MAX_CAPTION, MAX_TEXT, message_text
from bot.playground.wire import ApiError, Json, bad_request, present
from bot.playground.world import Chat, Message, StoredFile, User

MAX_INLINE_QUERY = 256


def write(
    core: Core, user_id: int, chat_id: int, text: str, *, reply_to: int | None = None
) -> Message:
    """Send a text as a person.

    Raises:
        ApiError: 400 where the person's own app would not send it.
    """
    return _post(core, user_id, chat_id, _typed(text, MAX_TEXT), reply_to=reply_to)


def upload(
    core: Core, user_id: int, chat_id: int, file: Upload, *, caption: str = "", photo: bool = False
) -> Message:
    """Send a file as a person, as a picture or as a document."""
    size = photo_size(file.content) if photo else None
    body = _typed(caption, MAX_CAPTION) if caption.strip() else Formatted()
    stored = core.world.add_file(file.content, file.name, file.mime_type, size=size)
    return _post(core, user_id, chat_id, body, file=stored)


def edit(core: Core, chat_id: int, message_id: int, text: str) -> Message:
    """Edit the text of a person's own message."""
    message = _message(core, chat_id, message_id)
    if message.sender_id == core.bot_id or message.service or message.file:
        raise bad_request("only a person's text can be edited")
    message.body = _typed(text, MAX_TEXT)
    message.edit_date = core.seconds()
    core.show("edited", message)
    _deliver(core, message, "edited_message")
    return message


def press(
    core: Core,
    user_id: int,
    chat_id: int,
    message_id: int,
    callback_data: str,
    *,
    forged: bool = False,
) -> Query:
    """Tap an inline button; a forged one need not exist, as with an altered client."""
    user, chat = _participant(core, user_id, chat_id)
    message = _message(core, chat_id, message_id)
    if not forged and not has_button(message.markup, callback_data):
        raise bad_request("the message has no such button")
    query = _ask(core, "callback", user, chat.id, callback_data)
    origin: Json = {"message": core.world.message_json(message)}
    if message.inline_id is not None:
        origin = {"inline_message_id": message.inline_id}
    update = {
        "id": query.id,
        "from": user.as_json(),
        **origin,
        "chat_instance": str(abs(chat.id) * 7919),
        "data": callback_data,
    }
    core.queue("callback_query", update, lane=chat.id)
    return query


def ask_inline(
    core: Core, user_id: int, text: str, *, offset: str = "", chat_type: str = "sender"
) -> Query:
    """Type ``@bot text`` into any message field."""
    user = _person(core, user_id)
    if len(text) > MAX_INLINE_QUERY:
        raise bad_request("an inline query has at most 256 characters")
    query = _ask(core, "inline", user, user.id, text)
    update = {
        "id": query.id,
        "from": user.as_json(),
        "query": text,
        "offset": offset,
        "chat_type": chat_type,
    }
    core.queue("inline_query", update, lane=user.id)
    return query


def choose(core: Core, query_id: str, result_id: str, chat_id: int) -> Message:
    """Send one of the results of an inline query into a chat."""
    query = core.queries.get(query_id)
    results = (query.answer or {}).get("results", []) if query else []
    result = next((item for item in results if item["id"] == result_id), None)
    if query is None or result is None:
        raise bad_request("no such inline result")
    _participant(core, query.user_id, chat_id)
    body = message_text(content(result), too_long="MESSAGE_TOO_LONG")
    message = _post(
        core,
        query.user_id,
        chat_id,
        body,
        markup=inline_keyboard(result.get("reply_markup")),
        inline_id=f"inline-{query.id}-{result_id}",
    )
    update = present(
        result_id=result_id,
        query=query.text,
        inline_message_id=message.inline_id if message.markup else None,
        **{"from": core.world.users[query.user_id].as_json()},
    )
    core.queue("chosen_inline_result", update, lane=query.user_id)
    return message


def sees(core: Core, message: Message) -> bool:
    """Tell whether the bot gets a person's message.

    In private chats all; in groups, with privacy mode as bots begin with it, commands that are not
    for another bot, mentions, replies to the bot and messages sent through it
    (https://core.telegram.org/bots/features#privacy-mode).
    """
    chat = core.world.chats[message.chat_id]
    if not chat.is_group:
        return not core.world.users[chat.id].blocked
    status = chat.status(core.bot_id)
    if status != "member":
        return status == "administrator"
    answered = chat.messages.get(message.reply_to or 0)
    return (
        message.inline_id is not None
        or (answered is not None and answered.sender_id == core.bot_id)
        or _addresses(message.body, core.world.bot.username)
    )


def _addresses(body: Formatted, username: str) -> bool:
    name = f"@{username}".lower()
    for entity in body.entities:
        words = body.stretch(entity).lower()
        if entity.type == "mention" and words == name:
            return True
        if entity.type == "bot_command" and (
            words.endswith(name) or ("@" not in words and entity.offset == 0)
        ):
            return True
    return False


def _typed(text: str, most: int) -> Formatted:
    body = detected(trimmed(Formatted(text.replace("\r", ""))))
    if not body.text:
        raise bad_request("message text is empty")
    if utf16_length(body.text) > most:
        raise bad_request("message is too long")
    return body


def _person(core: Core, user_id: int) -> User:
    user = core.world.users.get(user_id)
    if user is None or user.is_bot:
        raise ApiError(404, "Not Found: no such person")
    return user


def _participant(core: Core, user_id: int, chat_id: int) -> tuple[User, Chat]:
    user, chat = _person(core, user_id), core.chat(chat_id)
    if not chat.has(user.id):
        raise bad_request("the person is not in this chat")
    if chat.migrated_to is not None:
        raise bad_request("the group has become a supergroup")
    return user, chat


def _message(core: Core, chat_id: int, message_id: int) -> Message:
    message = core.chat(chat_id).messages.get(message_id)
    if message is None:
        raise ApiError(404, "Not Found: no such message")
    return message


def _post(
    core: Core,
    user_id: int,
    chat_id: int,
    body: Formatted,
    *,
    reply_to: int | None = None,
    file: StoredFile | None = None,
    markup: Json | None = None,
    inline_id: str | None = None,
) -> Message:
    user, chat = _participant(core, user_id, chat_id)
    if reply_to is not None:
        _message(core, chat_id, reply_to)
    if not chat.is_group and inline_id is None:
        if user.blocked:
            raise bad_request("the person has blocked the bot and must unblock it first")
        user.started = True
    message = core.world.add_message(
        chat,
        Message(
            chat_id=chat.id,
            id=0,
            sender_id=user.id,
            date=core.seconds(),
            body=body,
            file=file,
            markup=markup,
            reply_to=reply_to,
            inline_id=inline_id,
        ),
    )
    core.show("message", message)
    _deliver(core, message, "message")
    return message


def _deliver(core: Core, message: Message, kind: str) -> None:
    if sees(core, message):
        core.queue(kind, core.world.message_json(message), lane=message.chat_id)


def _ask(core: Core, kind: str, user: User, chat_id: int, text: str) -> Query:
    query = Query(
        id=str(len(core.queries) + 1),
        kind=kind,
        user_id=user.id,
        chat_id=chat_id,
        text=text,
        asked_at=core.clock.now(),
    )
    core.queries[query.id] = query
    return query
