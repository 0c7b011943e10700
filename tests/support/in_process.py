"""The playground without HTTP: calls of python-telegram-bot go straight to its methods."""

from __future__ import annotations

import json

from telegram.request import RequestData

from bot.playground import Playground
from bot.playground.methods import METHODS
from bot.playground.parameters import Parameters, Upload
from bot.playground.wire import ApiError
from tests.support.telegram import Offline


class InProcess(Offline):
    """A connection of python-telegram-bot to a playground of the same process.

    Attributes:
        refused: Name and description of every call that the playground refused.
    """

    def __init__(self, playground: Playground) -> None:
        """Talk to a playground."""
        self._core = playground.core
        self.refused: list[tuple[str, str]] = []

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        *_: object,
        **__: object,
    ) -> tuple[int, bytes]:
        """Answer a call."""
        name = url.rpartition("/")[2]
        try:
            result = METHODS[name.lower()][1](self._core, _parameters(request_data))
        except ApiError as error:
            self.refused.append((name, error.description))
            return error.code, json.dumps(error.as_json()).encode()
        return 200, json.dumps({"ok": True, "result": result}).encode()


def _parameters(data: RequestData | None) -> Parameters:
    if data is None:
        return Parameters()
    uploads = {
        name: Upload(file[0], file[2], file[1])
        for name, file in (data.multipart_data or {}).items()
        if isinstance(file[1], bytes)
    }
    return Parameters(data.json_parameters, uploads)
