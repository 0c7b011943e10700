"""What people do in the chat: write, edit, upload, tap buttons."""

from __future__ import annotations

from bot.playground.core import Core, Query
from bot.playground.entities import Formatted, detected, trimmed, utf16_length
from bot.playground.images import photo_size
from bot.playground.keyboards import has_button
from bot.playground.parameters import Upload
from bot.playground.sending import MAX_CAPTION, MAX_TEXT
from bot.playground.wire import ApiError, bad_request
from bot.playground.world import Chat, Message, StoredFile, User


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
    query = Query(str(len(core.queries) + 1), user.id, chat.id, asked_at=core.clock.now())
    core.queries[query.id] = query
    update = {
        "id": query.id,
        "from": user.as_json(),
        "message": core.world.message_json(message),
        "chat_instance": str(abs(chat.id) * 7919),
        "data": callback_data,
    }
    core.queue("callback_query", update, lane=chat.id)
    return query


def sees(core: Core, message: Message) -> bool:
    """Whether the bot gets a person's message.

    In private chats all; in groups, with privacy mode as bots begin with it, commands that are not
    for another bot, mentions and replies to the bot
    (https://core.telegram.org/bots/features#privacy-mode).
    """
    chat = core.world.chats[message.chat_id]
    if not chat.is_group:
        return not core.world.users[chat.id].blocked
    status = chat.status(core.bot_id)
    if status != "member":
        return status == "administrator"
    answered = chat.messages.get(message.reply_to or 0)
    is_reply = answered is not None and answered.sender_id == core.bot_id
    return is_reply or _addresses(message.body, core.world.bot.username)


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
) -> Message:
    user, chat = _participant(core, user_id, chat_id)
    if reply_to is not None:
        _message(core, chat_id, reply_to)
    if not chat.is_group:
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
            reply_to=reply_to,
        ),
    )
    core.show("message", message)
    _deliver(core, message, "message")
    return message


def _deliver(core: Core, message: Message, kind: str) -> None:
    if sees(core, message):
        core.queue(kind, core.world.message_json(message), lane=message.chat_id)
