"""Telegram without a network: PTB's port to it, and a Telegram that notes every call."""

import json
from typing import Any

from telegram.error import NetworkError
from telegram.request import BaseRequest, RequestData

BOT = {"id": 1, "is_bot": True, "first_name": "Bot", "username": "massnahmenbot"}
MESSAGE = {"message_id": 99, "date": 1_760_000_000, "chat": {"id": 7, "type": "private"}}


class Offline(BaseRequest):
    """PTB's port to the network where there is none: nothing to open, to close, or to wait for."""

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    @property
    def read_timeout(self) -> float | None:
        return None


class NotingRequest(Offline):
    """Takes every call and notes it.

    Attributes:
        calls: Methods with their parameters, in order; getMe is left out.
        is_away: Whether Telegram cannot be reached.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.is_away = False

    @property
    def texts(self) -> list[str]:
        """What was said, in order."""
        return [given["text"] for _, given in self.calls if "text" in given]

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        name = url.rpartition("/")[2]
        if name == "getMe":
            return 200, json.dumps({"ok": True, "result": BOT}).encode()
        if self.is_away:
            raise NetworkError("away")
        self.calls.append((name, request_data.parameters if request_data else {}))
        result: object = MESSAGE if name == "sendMessage" else True
        return 200, json.dumps({"ok": True, "result": result}).encode()
