"""People who talk to the real handlers over real databases; Telegram is a recorder."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import unquote

from telegram import Update
from telegram.error import BadRequest, NetworkError
from telegram.ext import Application
from telegram.request import RequestData

from handlers.messages import plain
from handlers.registry import all_handlers
from handlers.services import Services
from tests.support.telegram import Offline

Json = dict[str, Any]

ADMIN, EDITOR, OTHER, READER = 1, 2, 3, 4
BOT = 99
_COMMAND = re.compile(r"/[A-Za-z0-9_]+(?:@\w+)?(?![\w/])")
"""What Telegram takes for a command: in another alphabet there is none."""

SENT = 1_760_000_000
"""The second at which everything is written; nothing depends on it."""

WRITTEN = count(10_000)
"""Numbers of what people write: as in Telegram, each is higher than those before."""


@dataclass
class Shown:
    """A message of the bot, as it is now.

    Attributes:
        chat: Its chat.
        number: Its number.
        markup: Its text, as Telegram HTML.
        buttons: Data by label.
        reply_to: Number of the message that it shows as the one it replies to, or 0.
    """

    chat: int
    number: int
    markup: str
    buttons: dict[str, str]
    reply_to: int = 0

    @property
    def text(self) -> str:
        """Its text, without markup."""
        return plain(self.markup)


@dataclass
class Telegram(Offline):
    """Takes every call as Telegram does, notes it, and hands out files.

    Attributes:
        shown: The bot's messages by number, without its files.
        toasts: What taps were answered with.
        written: What people wrote, by number of the message.
        sent: Names and contents of the bot's files.
        kept: Contents of people's files by name.
        admins: Who administers the groups.
        meanwhile: Awaited with each text that a message is changed to.
        numbers: Messages of the bot so far.
        failing: How many of the next messages are lost on their way to Telegram.
    """

    shown: dict[int, Shown] = field(default_factory=dict)
    toasts: list[str | None] = field(default_factory=list)
    written: dict[int, str] = field(default_factory=dict)
    sent: list[tuple[str, bytes]] = field(default_factory=list)
    kept: dict[str, bytes] = field(default_factory=dict)
    admins: set[int] = field(default_factory=set)
    meanwhile: Callable[[str], Awaitable[None]] | None = None
    numbers: int = 0
    failing: int = 0

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        name = url.rpartition("/")[2]
        if "/file/" in url:
            return 200, self.kept[unquote(name)]
        given = request_data.parameters if request_data else {}
        if name == "getFile" and given["file_id"] not in self.kept:
            problem = {"ok": False, "error_code": 400, "description": "Bad Request: gone"}
            return 400, json.dumps(problem).encode()
        files = (request_data.multipart_data if request_data else None) or {}
        for file_name, content, _type in files.values():
            assert isinstance(content, bytes)
            self.sent.append((file_name, content))
        if self.failing and name in {"sendMessage", "editMessageText"}:
            self.failing -= 1
            raise NetworkError("connection broken")
        if name == "editMessageText" and self.meanwhile is not None:
            await self.meanwhile(str(given["text"]))
        result = self.result(name, given)
        return 200, json.dumps({"ok": True, "result": result}).encode()

    def result(self, name: str, given: Json) -> object:
        if name == "getMe":
            return {"id": BOT, "is_bot": True, "first_name": "Bot", "username": "massnahmenbot"}
        if name == "answerCallbackQuery":
            self.toasts.append(given.get("text"))
            return True
        if name == "getChatMember":
            user = int(given["user_id"])
            status = "creator" if user in self.admins else "member"
            return {"user": a_person(user), "status": status, "is_anonymous": False}
        if name == "getFile":
            file_id = given["file_id"]
            return {"file_id": file_id, "file_unique_id": file_id, "file_path": file_id}
        if name == "sendDocument":
            return a_message(int(given["chat_id"]), 0, "")
        if name not in {"sendMessage", "editMessageText"}:
            return True
        self.numbers += name == "sendMessage"
        number = int(given.get("message_id", self.numbers))
        markup = given.get("reply_markup")
        rows = markup["inline_keyboard"] if markup else []
        buttons = {b["text"]: b["callback_data"] for row in rows for b in row}
        chat = int(given["chat_id"])
        reply_to = int((given.get("reply_parameters") or {}).get("message_id", 0))
        self.shown[number] = Shown(chat, number, given["text"], buttons, reply_to)
        return a_message(chat, number, given["text"])


def a_message(chat: int, number: int, text: str) -> Json:
    place = {"id": chat, "type": "private", "first_name": "P"}
    if chat < 0:
        place = {"id": chat, "type": "group", "title": "G"}
    return {"message_id": number, "date": SENT, "chat": place, "text": text}


@dataclass
class Chat:
    """One bot and everybody who talks to it."""

    services: Services
    application: Application[Any, Any, Any, Any, Any, Any]
    telegram: Telegram
    errors: list[BaseException]
    updates: int = 0
    newest: Json = field(default_factory=dict)
    passed: int = 0

    @classmethod
    def over(cls, services: Services) -> Chat:
        telegram, errors = Telegram(), list[BaseException]()
        application = (
            Application.builder()
            .token("99:x")
            .request(telegram)
            .get_updates_request(Telegram())
            .updater(None)
            .job_queue(None)
            .build()
        )
        application.add_handlers(all_handlers(services))

        async def note(_: object, context: Any) -> None:
            errors.append(context.error)

        application.add_error_handler(note)
        return cls(services, application, telegram, errors)

    async def update(self, **content: Any) -> list[Shown]:
        """Receive an update; returns what the bot showed on it, changed messages included.

        Like the inbox, this takes it up again while Telegram does not take the reply.
        """
        self.newest = content
        before = {number: id(shown) for number, shown in self.telegram.shown.items()}
        self.updates += 1
        item = Update.de_json({"update_id": self.updates, **content}, self.application.bot)
        await self.application.process_update(item)
        while self.errors:
            error = self.errors.pop()
            if isinstance(error, BadRequest) or not isinstance(error, NetworkError):
                raise error
            await self.application.process_update(item)
        shown = self.telegram.shown
        return [shown[n] for n in sorted(shown) if before.get(n) != id(shown[n])]

    async def say(self, text: str, *, user: int = EDITOR, chat: int = 0) -> Shown:
        """Write something; returns the bot's last message on it."""
        return (await self.tell(text, user=user, chat=chat))[-1]

    async def tell(
        self, text: str, *, user: int = EDITOR, chat: int = 0, answering: Json | None = None
    ) -> list[Shown]:
        """Write something; returns all that the bot says to it.

        Args:
            text: What is written.
            user: Who writes.
            chat: Where, if not in private.
            answering: The message that it replies to.
        """
        content = a_message(chat or user, next(WRITTEN), text) | {"from": a_person(user)}
        content["date"] += self.passed
        if answering:
            content["reply_to_message"] = answering
        self.telegram.written[content["message_id"]] = text
        if command := _COMMAND.match(text):
            length = len(command[0])
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        return await self.update(message=content)

    async def show_picture(
        self, caption: str = "", *, user: int = EDITOR, chat: int = 0, mentions: str = ""
    ) -> list[Shown]:
        """Send a photo; returns all that the bot says to it.

        Args:
            caption: What stands below it.
            user: Who sends it.
            chat: Where, if not in private.
            mentions: A part of the caption that is a mention.
        """
        size = {"file_id": "P", "file_unique_id": "P", "width": 90, "height": 90}
        content = a_message(chat or user, next(WRITTEN), "") | {"from": a_person(user)}
        del content["text"]
        if caption:
            content["caption"] = caption
            self.telegram.written[content["message_id"]] = caption
        if mentions:
            place = {"offset": caption.index(mentions), "length": len(mentions)}
            content["caption_entities"] = [{"type": "mention", **place}]
        return await self.update(message=content | {"photo": [size]})

    def later(self, seconds: int) -> None:
        """Let time pass before what is written next."""
        self.passed += seconds

    async def change(self, text: str, *, user: int = EDITOR, back: int = 0) -> list[Shown]:
        """Edit what was written last, or so many messages before; returns what is said to it."""
        number = list(self.telegram.written)[-1 - back]
        content = a_message(user, number, text) | {"from": a_person(user)}
        return await self.update(edited_message=content | {"edit_date": SENT + 30})

    async def press(self, shown: Shown, label: str, *, user: int = EDITOR) -> Shown:
        """Tap a button by the beginning of its label; returns what is shown last on it."""
        data = next(data for text, data in shown.buttons.items() if text.startswith(label))
        found = await self.tap(data, user=user, below=shown)
        return found[-1] if found else shown

    async def tap(
        self, data: str, *, user: int = EDITOR, below: Shown | None = None, chat: int = 0
    ) -> list[Shown]:
        """Send button data, genuine or forged; returns what is shown on it."""
        place = below.chat if below else chat or user
        message = a_message(place, below.number if below else 5, below.text if below else "x")
        if below and below.reply_to in self.telegram.written:
            asked = self.telegram.written[below.reply_to]
            message["reply_to_message"] = a_message(place, below.reply_to, asked)
        elif below and below.reply_to in self.telegram.shown:
            own = a_message(place, below.reply_to, self.telegram.shown[below.reply_to].text)
            message["reply_to_message"] = own | {"from": a_person(BOT) | {"is_bot": True}}
        query = {"id": "1", "from": a_person(user), "chat_instance": "1", "data": data}
        return await self.update(callback_query=query | {"message": message})

    @property
    def toast(self) -> str | None:
        """The last answer to a tap."""
        return self.telegram.toasts[-1]


@dataclass
class Person:
    """One of them in private, who looks at the newest message only.

    Attributes:
        chat: The bot.
        user: Who it is.
    """

    chat: Chat
    user: int

    @property
    def last(self) -> Shown:
        """The newest message of the bot, as it is now."""
        shown = self.chat.telegram.shown.values()
        return [message for message in shown if message.chat == self.user][-1]

    @property
    def text(self) -> str:
        """Its text, which is Telegram HTML."""
        return self.last.markup

    @property
    def labels(self) -> list[str]:
        """The labels below it."""
        return list(self.last.buttons)

    async def say(self, text: str, *, answering: Json | None = None) -> str:
        """Write; like all of these, it returns the text that is shown last."""
        await self.chat.tell(text, user=self.user, answering=answering)
        return self.text

    async def send(self, document: Json, caption: str = "") -> str:
        """Send a file, see `keep`."""
        content = a_message(self.user, next(WRITTEN), "") | {"from": a_person(self.user)}
        del content["text"]
        await self.chat.update(message=content | {"document": document, "caption": caption})
        return self.text

    def keep(self, name: str, content: bytes, *, size: int | None = None) -> Json:
        """Have Telegram keep a file; returns how a message names it."""
        self.chat.telegram.kept[name] = content
        size = len(content) if size is None else size
        return {"file_id": name, "file_unique_id": name, "file_name": name, "file_size": size}

    async def send_file(self, name: str, content: bytes, caption: str = "") -> str:
        """Send a file that Telegram keeps."""
        return await self.send(self.keep(name, content), caption)

    async def press(self, label: str) -> str:
        """Tap a button of the newest message."""
        return await self.tap(self.last.buttons[label])

    async def tap(self, data: str) -> str:
        """Send button data, genuine or forged."""
        await self.chat.tap(data, user=self.user, below=self.last)
        return self.text


def a_person(number: int) -> Json:
    return {"id": number, "is_bot": False, "first_name": "P"}
