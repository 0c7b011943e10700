"""Bot API methods that put messages into chats, change and remove them."""

from __future__ import annotations

from typing import Final

from bot.playground.core import Core
from bot.playground.entities import Formatted, detected, from_json, trimmed, utf16_length
from bot.playground.images import photo_size
from bot.playground.keyboards import inline_keyboard
from bot.playground.markup import parse_html
from bot.playground.parameters import Parameters
from bot.playground.wire import Json, bad_request
from bot.playground.world import Chat, Message, StoredFile

MAX_TEXT: Final = 4096
MAX_CAPTION: Final = 1024
MAX_PHOTO: Final = 10 * 1024 * 1024
MAX_DOWNLOAD: Final = 20 * 1024 * 1024
DELETABLE_SECONDS: Final = 48 * 3600

_ACTIONS: Final = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)


def chat_id(core: Core, parameters: Parameters) -> int:
    """Read the target of a call; groups here have no @names.

    Raises:
        ApiError: 400 if it is absent, or not a number and thus an unknown name.
    """
    if not parameters.has("chat_id"):
        raise bad_request("chat_id is empty")
    try:
        return int(parameters.text("chat_id"))
    except ValueError as error:
        raise bad_request("chat not found") from error


def formatted(parameters: Parameters, name: str, entities: str) -> Formatted:
    """Read a text with its parse mode or entities, resolved and completed.

    Raises:
        ApiError: 400 if it cannot be parsed or the mode is not HTML.
    """
    text = parameters.text(name)
    mode = parameters.text("parse_mode").lower()
    if mode in {"markdown", "markdownv2"}:
        raise bad_request("the playground knows parse_mode HTML only")
    if mode not in {"", "none", "html"}:
        raise bad_request("unsupported parse_mode")
    if mode == "html":
        return detected(parse_html(text))
    if (given := parameters.decoded(entities)) is not None:
        return detected(trimmed(from_json(text, given)))
    return detected(trimmed(Formatted(text)))


def message_text(parameters: Parameters, *, too_long: str) -> Formatted:
    """Read the text of a message.

    Raises:
        ApiError: 400 if it is empty or longer than 4096 UTF-16 units after parsing.
    """
    body = formatted(parameters, "text", "entities")
    if not body.text:
        raise bad_request("message text is empty")
    if utf16_length(body.text) > MAX_TEXT:
        raise bad_request(too_long)
    return body


def send_message(core: Core, parameters: Parameters) -> Json:
    """Send a text."""
    chat = core.writable_chat(chat_id(core, parameters))
    body = message_text(parameters, too_long="message is too long")
    message = _draft(core, chat, parameters, body)
    message.preview = _preview(parameters)
    return _post(core, chat, message)


def send_document(core: Core, parameters: Parameters) -> Json:
    """Send a file, uploaded or already known by its id."""
    chat = core.writable_chat(chat_id(core, parameters))
    message = _draft(core, chat, parameters, _caption(parameters))
    message.file = _file(core, parameters, "document")
    return _post(core, chat, message)


def send_photo(core: Core, parameters: Parameters) -> Json:
    """Send a PNG or JPEG picture, uploaded or already known by its id."""
    chat = core.writable_chat(chat_id(core, parameters))
    message = _draft(core, chat, parameters, _caption(parameters))
    message.file = _file(core, parameters, "photo")
    return _post(core, chat, message)


def edit_message_text(core: Core, parameters: Parameters) -> Json:
    """Replace text and keyboard of a message the bot sent."""
    message = _editable(core, parameters)
    body = message_text(parameters, too_long="MESSAGE_TOO_LONG")
    if message.file is not None or message.service is not None:
        raise bad_request("there is no text in the message to edit")
    markup = inline_keyboard(parameters.decoded("reply_markup"))
    preview = _preview(parameters)
    return _change(core, message, body, markup, preview)


def edit_message_reply_markup(core: Core, parameters: Parameters) -> Json:
    """Replace or remove the keyboard of a message the bot sent."""
    message = _editable(core, parameters)
    markup = inline_keyboard(parameters.decoded("reply_markup"))
    return _change(core, message, message.body, markup, message.preview)


def delete_message(core: Core, parameters: Parameters) -> bool:
    """Remove a message.

    In private chats either side's, in groups the bot's own and, for an administrator, all; not
    after 48 hours.
    """
    chat = core.writable_chat(chat_id(core, parameters))
    message = _find(core, chat, parameters, "message to delete not found")
    own = message.sender_id == core.bot_id
    may = own or not chat.is_group or chat.status(core.bot_id) == "administrator"
    if not may or core.clock.now() - message.date > DELETABLE_SECONDS:
        raise bad_request("message can't be deleted for everyone")
    del chat.messages[message.id]
    core.emit("deleted", chat_id=chat.id, message_id=message.id)
    return True


def send_chat_action(core: Core, parameters: Parameters) -> bool:
    """Show for a moment that the bot is busy."""
    chat = core.writable_chat(chat_id(core, parameters))
    action = parameters.text("action").lower()
    if action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    core.emit("action", chat_id=chat.id, action=action)
    return True


def get_file(core: Core, parameters: Parameters) -> Json:
    """Tell where a file can be downloaded."""
    stored = core.world.files.get(parameters.text("file_id"))
    if stored is None:
        raise bad_request("invalid file_id")
    if len(stored.content) > MAX_DOWNLOAD:
        raise bad_request("file is too big")
    return {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": len(stored.content),
        "file_path": stored.path,
    }


def _caption(parameters: Parameters) -> Formatted:
    caption = formatted(parameters, "caption", "caption_entities")
    if utf16_length(caption.text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    return caption


def _draft(core: Core, chat: Chat, parameters: Parameters, body: Formatted) -> Message:
    return Message(
        chat_id=chat.id,
        id=0,
        sender_id=core.bot_id,
        date=core.seconds(),
        body=body,
        markup=inline_keyboard(parameters.decoded("reply_markup")),
        reply_to=_answered(chat, parameters),
    )


def _answered(chat: Chat, parameters: Parameters) -> int | None:
    reply = parameters.decoded("reply_parameters")
    if reply is None:
        return None
    number = reply.get("message_id") if isinstance(reply, dict) else None
    if not isinstance(reply, dict) or not isinstance(number, int):
        raise bad_request("can't parse reply parameters JSON object")
    if number in chat.messages:
        return number
    if reply.get("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")


def _preview(parameters: Parameters) -> Json | None:
    options = parameters.decoded("link_preview_options")
    if options is not None and not isinstance(options, dict):
        raise bad_request("object expected as link preview options")
    return options or None


def _post(core: Core, chat: Chat, message: Message) -> Json:
    core.limiter.take(chat.id, group=chat.is_group, now=core.clock.now())
    core.world.add_message(chat, message)
    core.show("message", message)
    return core.world.message_json(message)


def _file(core: Core, parameters: Parameters, kind: str) -> StoredFile:
    upload = parameters.upload(kind)
    if upload is None:
        stored = core.world.files.get(parameters.text(kind))
        if stored is not None and stored.kind == kind:
            return stored
        if parameters.has(kind):
            raise bad_request("wrong file identifier/HTTP URL specified")
        raise bad_request(f"there is no {kind} in the request")
    if not upload.content:
        raise bad_request("file must be non-empty")
    if kind == "photo" and len(upload.content) > MAX_PHOTO:
        raise bad_request("file is too big for a photo; the maximum size is 10485760 bytes")
    size = photo_size(upload.content) if kind == "photo" else None
    return core.world.add_file(upload.content, upload.name, upload.mime_type, size=size)


def _find(core: Core, chat: Chat, parameters: Parameters, missing: str) -> Message:
    number = parameters.number("message_id")
    if number is None:
        raise bad_request("message identifier is not specified")
    message = chat.messages.get(number)
    if message is None:
        raise bad_request(missing)
    return message


def _editable(core: Core, parameters: Parameters) -> Message:
    chat = core.writable_chat(chat_id(core, parameters))
    message = _find(core, chat, parameters, "message to edit not found")
    if message.sender_id != core.bot_id or message.service is not None:
        raise bad_request("message can't be edited")
    return message


def _change(
    core: Core, message: Message, body: Formatted, markup: Json | None, preview: Json | None
) -> Json:
    if (body, markup, preview) == (message.body, message.markup, message.preview):
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly "
            "the same as a current content and reply markup of the message"
        )
    chat = core.world.chats[message.chat_id]
    core.limiter.take(chat.id, group=chat.is_group, now=core.clock.now())
    message.body, message.markup, message.preview = body, markup, preview
    message.edit_date = core.seconds()
    core.show("edited", message)
    return core.world.message_json(message)
