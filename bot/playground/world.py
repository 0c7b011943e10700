"""People, chats, messages and files: the world as Telegram would know it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

from bot.playground.entities import Formatted
from bot.playground.markup import to_html
from bot.playground.wire import Json, present

FIRST_USER: Final = 1001
FIRST_GROUP: Final = -2001
FIRST_SUPERGROUP: Final = -1_002_000_000_001

PRESENT: Final = frozenset({"member", "administrator", "creator"})


@dataclass(slots=True)
class User:
    """A person or the bot.

    Attributes:
        id: Also the id of the private chat with the bot.
        started: The person has written to the bot, so the bot may write back.
        blocked: The person has blocked the bot.
    """

    id: int
    first_name: str
    username: str = ""
    language_code: str = "de"
    is_bot: bool = False
    started: bool = False
    blocked: bool = False

    def as_json(self) -> Json:
        """Telegram's User."""
        return present(
            id=self.id,
            is_bot=self.is_bot,
            first_name=self.first_name,
            username=self.username or None,
            language_code=None if self.is_bot else self.language_code,
        )


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file on the playground.

    Attributes:
        path: What `getFile` hands out for the download.
        kind: `document` or `photo`.
        width: Pixels of a photo, 0 for a document.
        height: Pixels of a photo, 0 for a document.
    """

    file_id: str
    path: str
    name: str
    mime_type: str
    content: bytes
    kind: str
    width: int = 0
    height: int = 0

    @property
    def unique_id(self) -> str:
        """Same for the same content, as Telegram promises."""
        return hashlib.sha256(self.content).hexdigest()[:16]

    def as_json(self) -> Json:
        """Telegram's Document or PhotoSize."""
        common: Json = {"file_id": self.file_id, "file_unique_id": self.unique_id}
        if self.kind == "photo":
            return {
                **common,
                "width": self.width,
                "height": self.height,
                "file_size": len(self.content),
            }
        return {
            **common,
            "file_name": self.name,
            "mime_type": self.mime_type,
            "file_size": len(self.content),
        }


@dataclass(slots=True)
class Message:
    """A message; `body` is its text or, with a file, its caption."""

    chat_id: int
    id: int
    sender_id: int
    date: int
    body: Formatted = field(default_factory=Formatted)
    file: StoredFile | None = None
    markup: Json | None = None
    reply_to: int | None = None
    edit_date: int | None = None
    service: Json | None = None
    preview: Json | None = None


@dataclass(slots=True)
class Chat:
    """A private chat, a group or a supergroup.

    Attributes:
        members: Status by user id, the bot included, e.g. `member` or `kicked`.
        migrated_to: Id of the supergroup this group became.
        messages: By id, in order.
    """

    id: int
    type: str
    title: str = ""
    members: dict[int, str] = field(default_factory=dict)
    migrated_to: int | None = None
    messages: dict[int, Message] = field(default_factory=dict)
    last_id: int = 0

    @property
    def is_group(self) -> bool:
        """Groups and supergroups."""
        return self.type != "private"

    def status(self, user_id: int) -> str:
        """A person's status, `left` for strangers."""
        return self.members.get(user_id, "left")

    def has(self, user_id: int) -> bool:
        """Whether somebody is in the chat."""
        return self.status(user_id) in PRESENT


@dataclass(slots=True)
class World:
    """Everything there is.

    Attributes:
        bot: The bot's own account.
    """

    bot: User
    users: dict[int, User] = field(default_factory=dict)
    chats: dict[int, Chat] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    _last_message: int = 0

    def __post_init__(self) -> None:
        self.users[self.bot.id] = self.bot

    def people(self) -> list[User]:
        """Everybody but the bot."""
        return [user for user in self.users.values() if not user.is_bot]

    def add_user(self, first_name: str, *, user_id: int | None = None, username: str = "") -> User:
        """Add a person and the private chat with the bot.

        Raises:
            ValueError: The id is taken or not positive.
        """
        number = user_id or max((FIRST_USER - 1, *(user.id for user in self.people()))) + 1
        if number in self.users or number < 1:
            raise ValueError(f"user id {number} is not free")
        user = User(number, first_name, username)
        self.users[number] = user
        self.chats[number] = Chat(
            number, "private", members={number: "member", self.bot.id: "member"}
        )
        return user

    def add_group(
        self,
        title: str,
        *,
        members: list[int],
        supergroup: bool = False,
        chat_id: int | None = None,
    ) -> Chat:
        """Add a group; its first member owns it.

        Raises:
            ValueError: The id is taken or not negative, or a member is unknown.
        """
        first = FIRST_SUPERGROUP if supergroup else FIRST_GROUP
        number = chat_id or first
        while chat_id is None and number in self.chats:
            number -= 1
        if number in self.chats or number >= 0:
            raise ValueError(f"chat id {number} is not free")
        if not set(members) <= self.users.keys():
            raise ValueError("a member is unknown")
        chat = Chat(number, "supergroup" if supergroup else "group", title)
        for position, member in enumerate(members):
            chat.members[member] = "member" if position else "creator"
        self.chats[number] = chat
        return chat

    def add_message(self, chat: Chat, message: Message) -> Message:
        """Put a message into its chat and number it.

        Private chats and groups share one count, every supergroup has its own, as with Telegram.
        """
        if chat.type == "supergroup":
            message.id = chat.last_id + 1
        else:
            self._last_message += 1
            message.id = self._last_message
        chat.last_id = message.id
        chat.messages[message.id] = message
        return message

    def add_file(
        self, content: bytes, name: str, mime_type: str, *, size: tuple[int, int] | None = None
    ) -> StoredFile:
        """Keep a file; with a size in pixels it is a photo."""
        number = len(self.files) + 1
        kind = "photo" if size else "document"
        suffix = name.rpartition(".")[2] if "." in name else "bin"
        width, height = size or (0, 0)
        stored = StoredFile(
            file_id=f"playground-{kind}-{number:06d}",
            path=f"{kind}s/file_{number}.{suffix if suffix.isalnum() else 'bin'}",
            name=name,
            mime_type=mime_type,
            content=content,
            kind=kind,
            width=width,
            height=height,
        )
        self.files[stored.file_id] = stored
        return stored

    def chat_json(self, chat: Chat) -> Json:
        """Telegram's Chat."""
        if chat.is_group:
            return present(
                id=chat.id,
                type=chat.type,
                title=chat.title,
                all_members_are_administrators=False if chat.type == "group" else None,
            )
        user = self.users[chat.id]
        return present(
            id=chat.id, type=chat.type, first_name=user.first_name, username=user.username or None
        )

    def message_json(self, message: Message, *, quoted: bool = False) -> Json:
        """Telegram's Message; a quoted one does not quote in turn."""
        chat = self.chats[message.chat_id]
        answered = None if quoted else chat.messages.get(message.reply_to or 0)
        entities = [entity.as_json() for entity in message.body.entities] or None
        content = present(text=message.body.text or None, entities=entities)
        if message.file is not None:
            shown = message.file.as_json()
            content = present(
                caption=message.body.text or None,
                caption_entities=entities,
                **{message.file.kind: [shown] if message.file.kind == "photo" else shown},
            )
        return {
            "message_id": message.id,
            "from": self.users[message.sender_id].as_json(),
            "chat": self.chat_json(chat),
            "date": message.date,
            **content,
            **present(
                edit_date=message.edit_date,
                reply_to_message=self.message_json(answered, quoted=True) if answered else None,
                reply_markup=message.markup,
                link_preview_options=message.preview,
            ),
            **(message.service or {}),
        }

    def message_view(self, message: Message) -> Json:
        """A message as the chat page and tests want it: flat, with HTML and buttons."""
        sender = self.users[message.sender_id]
        return {
            "message_id": message.id,
            "chat_id": message.chat_id,
            "from_id": sender.id,
            "from_name": sender.first_name,
            "from_bot": sender.is_bot,
            "date": message.date,
            "edit_date": message.edit_date,
            "text": message.body.text,
            "entities": [entity.as_json() for entity in message.body.entities],
            "html": to_html(message.body),
            "buttons": message.markup["inline_keyboard"] if message.markup else [],
            "reply_to": message.reply_to,
            "service": message.service,
            "file": message.file
            and {
                "file_id": message.file.file_id,
                "kind": message.file.kind,
                "file_name": message.file.name,
                "mime_type": message.file.mime_type,
                "size": len(message.file.content),
                "width": message.file.width,
                "height": message.file.height,
            },
        }
