"""One person's private chat with all handlers, over a Telegram that only remembers."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from telegram import Update
from telegram.ext import Application
from telegram.request import BaseRequest, RequestData

from handlers.registry import all_handlers
from handlers.services import Services

Json = dict[str, Any]

BOT = {"id": 1, "is_bot": True, "first_name": "Bot", "username": "bot"}
DATE = 1_760_000_000


class Telegram(BaseRequest):
    """Takes every call, keeps messages as they are now, and hands out files.

    `meanwhile` is awaited with each text that a message is changed to.
    """

    def __init__(self) -> None:
        self.messages: dict[int, Json] = {}
        self.sent: list[tuple[str, bytes]] = []
        self.files: dict[str, bytes] = {}
        self.meanwhile: Callable[[str], Awaitable[None]] | None = None

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    @property
    def read_timeout(self) -> float | None:
        return None

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        if "/file/" in url:
            return 200, self.files[unquote(url.rpartition("/")[2])]
        given: Json = dict(request_data.parameters) if request_data else {}
        name = url.rpartition("/")[2]
        if name == "getFile" and given["file_id"] not in self.files:
            problem = {"ok": False, "error_code": 400, "description": "Bad Request: gone"}
            return 400, json.dumps(problem).encode()
        files = request_data.multipart_data if request_data else None
        for file_name, content, _type in (files or {}).values():
            assert isinstance(content, bytes)
            self.sent.append((file_name, content))
        if name == "editMessageText" and self.meanwhile is not None:
            await self.meanwhile(given["text"])
        return 200, json.dumps({"ok": True, "result": self._result(name, given)}).encode()

    def _result(self, name: str, given: Json) -> object:
        match name:
            case "getMe":
                return BOT
            case "getFile":
                file_id = given["file_id"]
                return {"file_id": file_id, "file_unique_id": file_id, "file_path": file_id}
            case "sendMessage" | "editMessageText" | "sendDocument":
                number = given.get("message_id") or len(self.messages) + 101
                self.messages.setdefault(number, {})
                self.messages[number] |= {
                    "message_id": number,
                    "date": DATE,
                    "chat": {"id": given["chat_id"], "type": "private", "first_name": "Eva"},
                    "from": BOT,
                    "text": given.get("text", "Datei"),
                    "reply_markup": given.get("reply_markup") or {"inline_keyboard": []},
                }
                return self.messages[number]
        return True


@dataclass
class Chat:
    """What a person does, and sees of it.

    Attributes:
        user_id: The person, and the chat with the bot.
        telegram: What the bot has sent.
        errors: What handlers raised.
    """

    services: Services
    user_id: int
    telegram: Telegram = field(default_factory=Telegram)
    errors: list[BaseException | None] = field(default_factory=list)
    _updates: int = 0

    @property
    def last(self) -> Json:
        """The newest message of the bot that is no file, as it is now."""
        return [m for m in self.telegram.messages.values() if m["text"] != "Datei"][-1]

    @property
    def text(self) -> str:
        """Its text, which is Telegram HTML."""
        text: str = self.last["text"]
        return text

    @property
    def labels(self) -> list[str]:
        """The labels below it."""
        return [b["text"] for row in self.last["reply_markup"]["inline_keyboard"] for b in row]

    def data(self, label: str) -> str:
        """What a button of it says to the bot."""
        rows = self.last["reply_markup"]["inline_keyboard"]
        found: str = next(b["callback_data"] for row in rows for b in row if b["text"] == label)
        return found

    async def say(self, text: str, **more: object) -> str:
        """Write; returns the bot's last message."""
        entities = []
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            entities = [{"type": "bot_command", "offset": 0, "length": length}]
        return await self._message(text=text, entities=entities, **more)

    def document(self, name: str, content: bytes, *, size: int | None = None) -> Json:
        """A file that Telegram keeps."""
        self.telegram.files[name] = content
        size = len(content) if size is None else size
        return {"file_id": name, "file_unique_id": name, "file_name": name, "file_size": size}

    async def send(self, name: str, content: bytes, caption: str = "") -> str:
        """Send a file; returns the bot's last message."""
        return await self._message(document=self.document(name, content), caption=caption)

    async def press(self, label: str) -> str:
        """Tap a button of the last message; returns the bot's last message."""
        return await self.press_data(self.data(label))

    async def press_data(self, data: str, *, below: Json | None = None) -> str:
        """Tap a button that need not be there."""
        query = {
            "id": "9",
            "from": self._person,
            "chat_instance": "1",
            "data": data,
            "message": below or self.last,
        }
        await self._process({"callback_query": query})
        return self.text

    async def _message(self, **content: object) -> str:
        message = {"message_id": 50 + self._updates, "date": DATE, "from": self._person}
        chat = {"id": self.user_id, "type": "private", "first_name": "Eva"}
        await self._process({"message": message | {"chat": chat} | content})
        return self.text

    @property
    def _person(self) -> Json:
        return {"id": self.user_id, "is_bot": False, "first_name": "Eva"}

    async def _process(self, update: Json) -> None:
        self._updates += 1
        application = (
            Application.builder()
            .token("1:x")
            .request(self.telegram)
            .get_updates_request(self.telegram)
            .updater(None)
            .job_queue(None)
            .build()
        )
        application.add_handlers(all_handlers(self.services))

        async def note(_: object, context: Any) -> None:
            self.errors.append(context.error)

        application.add_error_handler(note)
        async with application:
            item = Update.de_json({"update_id": self._updates, **update}, application.bot)
            await application.process_update(item)
