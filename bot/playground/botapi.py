"""The HTTP face of the Bot API: token, method, faults, record, answer."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.playground.core import Core
from bot.playground.faults import Fault
from bot.playground.forms import read_parameters
from bot.playground.methods import METHODS
from bot.playground.parameters import Parameters
from bot.playground.polling import get_updates
from bot.playground.wire import ApiError, Json
from bot.playground.world import StoredFile

GET_UPDATES = "getupdates"

Disconnect = Callable[[Request], Response]
"""Drops the connection of a request; what it returns is never seen."""


class BotApi:
    """Answers bots as Telegram would.

    Args:
        core: The state.
        disconnect: How to drop a connection, for faults.
    """

    def __init__(self, core: Core, disconnect: Disconnect) -> None:
        self._core = core
        self._disconnect = disconnect

    def routes(self) -> list[BaseRoute]:
        """The routes of methods and downloads."""
        return [
            Route("/bot{token}/{method}", self.method, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", self.download, methods=["GET"]),
        ]

    async def method(self, request: Request) -> Response:
        """Answer one call."""
        if not self._is_ours(request):
            return error_response(ApiError(401, "Unauthorized"))
        name = request.path_params["method"].lower()
        proper = "getUpdates" if name == GET_UPDATES else METHODS.get(name, (None,))[0]
        if proper is None:
            return error_response(ApiError(404, "Not Found"))
        try:
            parameters = await read_parameters(request)
        except ApiError as error:
            return error_response(error)
        started = self._core.clock.now()
        fault = self._core.faults.strike(name, _chat_id(parameters))
        body, outcome = await self._outcome(name, parameters, fault)
        record = {"time": started, "method": proper, "parameters": parameters.as_json()}
        self._core.calls.add(
            {**record, "ok": body["ok"], "response": body, "fault": fault and fault.kind}
        )
        self._core.signal.notify()
        return self._disconnect(request) if outcome is None else outcome

    async def download(self, request: Request) -> Response:
        """Hand out a file by the path `getFile` told."""
        if not self._is_ours(request):
            return error_response(ApiError(401, "Unauthorized"))
        path = request.path_params["path"]
        for stored in self._core.world.files.values():
            if stored.path == path:
                return file_response(stored)
        return error_response(ApiError(404, "Not Found"))

    def _is_ours(self, request: Request) -> bool:
        given = str(request.path_params["token"]).encode()
        return hmac.compare_digest(given, self._core.token.encode())

    async def _outcome(
        self, name: str, parameters: Parameters, fault: Fault | None
    ) -> tuple[Json, Response | None]:
        """What is recorded and what is answered; no answer means a dropped connection."""
        match fault.kind if fault else "":
            case "error" if fault:
                error = fault.error()
                return error.as_json(), error_response(error)
            case "close_before":
                return {"ok": False, "description": "connection closed before the effect"}, None
            case "delay" if fault:
                # Not a sleep: a server that goes down does not wait for its own delays.
                await self._core.signal.until(lambda: None, fault.seconds)
            case _:
                pass
        body = await self._call(name, parameters)
        if fault and fault.kind == "close_after":
            return body, None
        if fault and fault.kind == "malformed":
            return body, Response('{"ok":true,"result":{', media_type="application/json")
        return body, JSONResponse(body, status_code=body.get("error_code", 200))

    async def _call(self, name: str, parameters: Parameters) -> Json:
        try:
            if name == GET_UPDATES:
                return {"ok": True, "result": await get_updates(self._core, parameters)}
            return {"ok": True, "result": METHODS[name][1](self._core, parameters)}
        except ApiError as error:
            return error.as_json()


def error_response(error: ApiError) -> JSONResponse:
    """Answer with an error in Telegram's shape."""
    return JSONResponse(error.as_json(), status_code=error.code)


def file_response(stored: StoredFile, *, inline: bool = False) -> Response:
    """Answer with a file; only pictures may be shown in place."""
    disposition = "inline" if inline and stored.kind == "photo" else "attachment"
    return Response(
        stored.content,
        media_type=stored.mime_type if disposition == "inline" else "application/octet-stream",
        headers={"Content-Disposition": f"{disposition}; filename*=utf-8''{quote(stored.name)}"},
    )


def _chat_id(parameters: Parameters) -> int | None:
    try:
        return int(parameters.text("chat_id"))
    except ValueError:
        return None
