"""The real bot and the playground as processes, and people who talk over HTTP."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from aiogram import methods as aiogram_methods
from aiogram.types import BufferedInputFile

ROOT = Path(__file__).parents[2]
TOKEN = "1:playground"
COUNCILLOR, STAFF, ADMIN, GROUP = 1001, 1002, 1003, -2001
PATIENCE = 20.0
"""Seconds after which something that should happen counts as not happening."""

Json = dict[str, Any]

_METHODS = {
    method.__api_method__.lower(): method
    for method in vars(aiogram_methods).values()
    if isinstance(method, type)
    and issubclass(method, aiogram_methods.TelegramMethod)
    and isinstance(getattr(method, "__api_method__", None), str)
}


@dataclass
class Process:
    """A child process whose output lines can be waited for."""

    popen: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Read output until a line matches."""
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            self.lines.append(line)
            match = re.search(pattern, line)
            if match:
                return match
        raise AssertionError(f"ended without {pattern!r}:\n{''.join(self.lines)}")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit code; a process that ended already is fine."""
        if self.popen.poll() is None:
            self.popen.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Wait for the process to end by itself and return the exit code."""
        rest, _ = self.popen.communicate(timeout=PATIENCE)
        self.lines += (rest or "").splitlines(keepends=True)
        return self.popen.returncode

    @property
    def output(self) -> str:
        """Everything read so far."""
        return "".join(self.lines)


def free_address() -> str:
    """An address on which nothing listens; as good as sure until it is used."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"


def start(*arguments: str, cwd: Path, **environment: str) -> Process:
    """Start `python -m ...` with a bare environment."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return Process(
        subprocess.Popen(
            [sys.executable, "-u", "-m", *arguments],
            cwd=cwd,
            env=kept | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    )


@dataclass
class Stage:
    """A playground in a process of its own, and the bots started on it."""

    http: httpx.Client
    folder: Path
    database_url: str

    @property
    def bot_environment(self) -> dict[str, str]:
        """Settings of a bot that talks to this playground."""
        return {
            "BOT_TOKEN": TOKEN,
            "BOT_API_URL": f"{str(self.http.base_url).rstrip('/')}/bot",
            "DATABASE_URL": self.database_url,
            "ADMIN_IDS": str(ADMIN),
            "OPERATIONS": "off",  # tests run at the same time
            "RATE_PER_MINUTE": "10000",  # and ask faster than people
        }

    @contextmanager
    def bot(self, *options: str, **environment: str) -> Iterator[Process]:
        """Run the bot until the end of the block."""
        given = self.bot_environment | environment
        process = start("bot", "run", *options, cwd=self.folder, **given)
        try:
            process.wait_for(r"\brunning\b")
            yield process
        finally:
            process.stop()

    def sim(self, verb: str, path: str, **body: object) -> Json:
        """Call the simulation interface."""
        reply = self.http.request(verb, f"/sim/{path}", json=body, timeout=PATIENCE + 5)
        assert reply.status_code == 200, reply.text
        result: Json = reply.json()
        return result

    def last_event(self) -> int:
        """Number of the newest event."""
        number: int = self.sim("GET", "state")["last_event_id"]
        return number

    def say(self, text: str, *, user: int = COUNCILLOR, chat: int = 0, **more: object) -> Json:
        """Write as a person, in private unless told otherwise."""
        return self.sim("POST", f"chats/{chat or user}/messages", user_id=user, text=text, **more)

    def send_file(self, name: str, content: bytes, *, user: int, caption: str = "") -> Json:
        """Send a document as a person, in private."""
        reply = self.http.post(
            f"/sim/chats/{user}/files",
            data={"user_id": user, "caption": caption},
            files={"file": (name, content)},
        )
        assert reply.status_code == 200, reply.text
        result: Json = reply.json()
        return result

    def file(self, message: Json) -> bytes:
        """The file of a message."""
        reply = self.http.get(f"/sim/files/{message['file']['file_id']}")
        assert reply.status_code == 200, reply.text
        return reply.content

    def see(self, words: str, *, since: int, chat: int) -> Json:
        """The bot's first message or edit in a chat that has words in it."""
        while True:
            events = self.sim(
                "GET", f"events?since={since}&chat_id={chat}&from_bot=true&timeout={PATIENCE}"
            )
            assert events["events"], f"nobody said {words!r}"
            for event in events["events"]:
                message: Json = event.get("message") or {}
                if words in message.get("text", ""):
                    return message
            since = events["last_id"]

    def wait(self, *, since: int, chat: int, count: int = 1, kind: str = "message") -> list[Json]:
        """The bot's next messages (or edits) in a chat; fails if they do not come."""
        found: list[Json] = []
        while len(found) < count:
            events = self.sim(
                "GET",
                f"events?since={since}&chat_id={chat}&type={kind}&from_bot=true&timeout={PATIENCE}",
            )
            assert events["events"], f"only {len(found)} of {count} messages came"
            found += [event["message"] for event in events["events"]]
            since = events["last_id"]
        return found

    def ask(self, text: str, *, user: int = COUNCILLOR, chat: int = 0, **more: object) -> Json:
        """Ask and return the bot's last message in reply."""
        since = self.last_event()
        self.say(text, user=user, chat=chat, **more)
        return self.wait(since=since, chat=chat or user)[-1]

    def press(self, message: Json, label: str, *, user: int = COUNCILLOR, **more: object) -> Json:
        """Tap the button with a label and return the answer to the tap."""
        data = next(
            button["callback_data"]
            for row in message["buttons"]
            for button in row
            if label in button["text"]
        )
        path = f"chats/{message['chat_id']}/messages/{message['message_id']}/press"
        return self.sim("POST", path, user_id=user, callback_data=data, timeout=PATIENCE, **more)

    def press_for(
        self, message: Json, label: str, *, kind: str = "message", user: int = COUNCILLOR
    ) -> Json:
        """Tap a button and return the message, or edit, that follows."""
        since = self.last_event()
        self.press(message, label, user=user)
        return self.wait(since=since, chat=message["chat_id"], kind=kind)[-1]

    def messages(self, chat: int) -> list[Json]:
        """All messages of a chat."""
        listed: list[Json] = self.sim("GET", f"chats/{chat}/messages")["messages"]
        return listed

    def calls(self) -> list[Json]:
        """All calls of the Bot API."""
        listed: list[Json] = self.sim("GET", "calls")["calls"]
        return listed


def check_call(call: Json) -> None:
    """Hold a call of the Bot API against aiogram's model of the method."""
    method = _METHODS[call["method"].lower()]
    known = {info.alias or name for name, info in method.model_fields.items()}
    unknown = set(call["parameters"]) - known
    assert not unknown, f"{call['method']} has no parameter {unknown}"
    method.model_validate({name: _sent(value) for name, value in call["parameters"].items()})


def _sent(value: object) -> object:
    """A parameter as it was sent: the playground records of a file its name and size only."""
    if isinstance(value, dict) and {"file_name", "mime_type", "size"} == value.keys():
        return BufferedInputFile(b"", value["file_name"])
    return value
