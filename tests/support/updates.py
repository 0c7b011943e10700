"""Updates as Telegram may send them, drawn by a seeded generator: likely ones and odd ones."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from random import Random
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from aiogram.types import Message as TelegramMessage
from aiogram.types import Update as TelegramUpdate
from pydantic import BaseModel

from bot.playground.core import Core, Query
from bot.playground.world import World
from handlers.buttons import VERSION, Action

Json = dict[str, Any]

ODD_TEXTS = (
    "",
    "0",
    "-1",
    "99999999999999999999",
    "<b>",
    "</i>&amp;<a href='x'>",
    "'; DROP TABLE revision; --",
    "{{ 7 * 7 }}",
    "%s%n{0}",
    "\u202eabc",
    "\u200b\u200d",
    "👩\u200d👩\u200d👧" * 20,
    "e\u0301" * 300,
    "a" * 4096,
    "Ü" * 500,
    "2170/24 " * 100,
    "30.02.2026",
    "31.12.9999",
    "Ende 2026",
    "../../etc/passwd",
    "=HYPERLINK(1)",
    "unbekannt",
    "ja",
)


@dataclass
class Typist:
    """Draws updates.

    Attributes:
        draw: The source of chance.
        core: A playground, with people, chats and what the bot has written there.
        commands: Names of commands that the bot knows.
        texts: Sentences that people may type.
        keys: Keys of entries.
    """

    draw: Random
    core: Core
    commands: Sequence[str]
    texts: Sequence[str]
    keys: Sequence[str]
    _number: int = 0

    @property
    def world(self) -> World:
        """People and chats."""
        return self.core.world

    def update(self) -> Json:
        """One more update."""
        self._number += 1
        self._forget_old_messages()
        kinds = (self._text, self._command, self._press, self._replayed_press, self._odd)
        kind = self.draw.choices(kinds, weights=(20, 35, 20, 15, 10))[0]
        return {"update_id": self._number, **kind()}

    def _forget_old_messages(self) -> None:
        for chat in self.world.chats.values():
            for number in (
                list(chat.messages)[:-_REMEMBERED] if len(chat.messages) > _MOST_KEPT else ()
            ):
                del chat.messages[number]

    def _text(self) -> Json:
        return {"message": self._message(text=self._words())}

    def _command(self) -> Json:
        name = self.draw.choice([*self.commands, "nichts"])
        text = f"/{name} {self._arguments()}".strip()[:4096]
        entity = {"type": "bot_command", "offset": 0, "length": len(name) + 1}
        kind = self.draw.choices(("message", "edited_message"), weights=(20, 1))[0]
        return {kind: self._message(text=text, entities=[entity])}

    def _press(self) -> Json:
        values = (self.draw.choice((*self.keys, *ODD_TEXTS)), self.draw.choice(ODD_TEXTS))
        data = ":".join((VERSION, self.draw.choice(list(Action)), *values))
        return self._query(data.encode()[:64].decode(errors="ignore"))

    def _replayed_press(self) -> Json:
        """A button that the bot has shown to somebody, pressed by anybody."""
        shown = [
            button["callback_data"]
            for chat in self.world.chats.values()
            for message in list(chat.messages.values())[-40:]
            if message.markup
            for row in message.markup["inline_keyboard"]
            for button in row
            if "callback_data" in button
        ]
        return self._query(self.draw.choice(shown)) if shown else self._press()

    def _odd(self) -> Json:
        """An update of any kind with any content that the Bot API's model allows."""
        kind = self.draw.choice(
            [name for name in TelegramUpdate.model_fields if name != "update_id"]
        )
        value = self._any(TelegramUpdate.model_fields[kind].annotation, 0)
        return {kind: self._placed(value)}

    def _placed(self, value: object) -> object:
        """Whatever it is, it happens in a chat that exists."""
        if isinstance(value, dict):
            if "chat" in value:
                value["chat"] = self._chat()
            if "from" in value:
                value["from"] = self._person()
            for held in value.values():
                self._placed(held)
        return value

    def _message(self, **content: object) -> Json:
        """A message of somebody, perhaps in reply to one of the bot's."""
        person = self._person()
        chat = self._chat(person["id"])
        message: Json = {"message_id": 10**6 + self._number, "date": 1_760_000_000}
        message |= {"from": person, "chat": chat, **content}
        written = list(self.world.chats[chat["id"]].messages.values())
        if written and self.draw.random() < 0.2:
            message["reply_to_message"] = self.world.message_json(self.draw.choice(written))
        return message

    def _query(self, data: str) -> Json:
        person = self._person()
        written = [
            message
            for chat in (self.world.chats[person["id"]], *self._groups())
            for message in chat.messages.values()
            if message.sender_id == self.world.bot.id
        ]
        number = str(self._number)
        chat_id, now = person["id"], self.core.clock.now()
        self.core.queries[number] = Query(number, person["id"], chat_id, now)
        query: Json = {"id": number, "from": person, "chat_instance": "1", "data": data}
        if written and self.draw.random() < 0.95:
            query["message"] = self.world.message_json(self.draw.choice(written[-30:]))
        elif self.draw.random() < 0.5:
            query["message"] = {"message_id": 1, "date": 0, "chat": self._chat(person["id"])}
        return {"callback_query": query}

    def _arguments(self) -> str:
        parts = [
            self.draw.choice((*self.keys, *self.texts, *ODD_TEXTS))
            for _ in range(self.draw.choice((0, 1, 1, 2, 3)))
        ]
        return " ".join(parts)

    def _words(self) -> str:
        if self.draw.random() < 0.7:
            return self.draw.choice(self.texts)
        return (self._arguments() or "x")[:4096]

    def _person(self) -> Json:
        return self.draw.choice(self.world.people()).as_json()

    def _chat(self, person: int | None = None) -> Json:
        if person is not None and self.draw.random() < 0.8:
            return self.world.chat_json(self.world.chats[person])
        return self.world.chat_json(self.draw.choice(list(self.world.chats.values())))

    def _groups(self) -> list[Any]:
        return [chat for chat in self.world.chats.values() if chat.is_group]

    def _any(self, kind: Any, depth: int) -> Any:
        """A value of a type of aiogram's models, as JSON."""
        origin = get_origin(kind)
        if origin is Annotated:
            return self._any(get_args(kind)[0], depth)
        if origin in {Union, types.UnionType}:
            options = [option for option in get_args(kind) if option is not type(None)]
            return self._any(self.draw.choice(options), depth)
        if origin is Literal:
            return self.draw.choice(get_args(kind))
        if origin in {list, Sequence}:
            return [
                self._any(get_args(kind)[0], depth + 1) for _ in range(self.draw.randint(0, 2))
            ]
        if isinstance(kind, type):
            if issubclass(kind, BaseModel):
                return self._object(kind, depth + 1)
            if issubclass(kind, Enum):
                return self.draw.choice(list(kind)).value
            if issubclass(kind, bool):
                return self.draw.random() < 0.5
            if issubclass(kind, (datetime, timedelta, int)):
                return self.draw.choice((0, 1, 5, 60, 1_760_000_000))
            if issubclass(kind, float):
                return self.draw.choice((0.0, 51.5))
        return self.draw.choice(ODD_TEXTS)

    def _object(self, model: type[BaseModel], depth: int) -> Json:
        made: Json = {}
        for name, field in model.model_fields.items():
            # What tells variants of a type apart has a default in aiogram's models.
            needed = field.is_required() or get_origin(field.annotation) is Literal
            given = needed or self.draw.random() < _SHARE[min(depth, 4)]
            if not given or (depth > _DEEPEST and not needed):
                continue
            if issubclass(model, TelegramMessage) and name in _RECURSIVE and depth > 2:
                continue
            made[field.alias or name] = self._any(field.annotation, depth)
        return made


_SHARE: Mapping[int, float] = {0: 0.5, 1: 0.08, 2: 0.15, 3: 0.1, 4: 0.0}
"""How often something optional is there, by depth: a message with everything is none."""

_DEEPEST = 4
_REMEMBERED, _MOST_KEPT = 100, 500
_RECURSIVE = frozenset({"reply_to_message", "pinned_message"})
