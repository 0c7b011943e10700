"""Request bodies: JSON, urlencoded and multipart forms, read within a size limit."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from bot.playground.parameters import Parameters, Upload, load_json
from bot.playground.wire import ApiError, bad_request

MAX_BODY: Final = 52 * 1024 * 1024  # Telegram takes uploads of 50 MB; the rest is for the form.

_NAME: Final = re.compile(rb'[;\s]name="((?:[^"\\]|\\.)*)"')
_FILE_NAME: Final = re.compile(rb'filename="((?:[^"\\]|\\.)*)"')
_BOUNDARY: Final = re.compile(r'boundary="?([^";]+)"?')


async def read_parameters(request: Request) -> Parameters:
    """Read query string and body; the body wins.

    Raises:
        ApiError: 400 if the body is malformed, 413 if it is too large.
    """
    values: dict[str, object] = dict(request.query_params)
    body = await read_body(request)
    if not body:
        return Parameters(values)
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        return Parameters(values | _json_object(body))
    if kind.startswith("multipart/form-data"):
        fields, uploads = parse_multipart(body, kind)
        return Parameters(values | fields, uploads)
    if kind.startswith("application/x-www-form-urlencoded"):
        try:
            pairs = parse_qsl(body.decode(), keep_blank_values=True)
        except UnicodeDecodeError as error:
            raise bad_request("strings must be encoded in UTF-8") from error
        return Parameters(values | dict(pairs))
    raise bad_request("unsupported content type")


async def read_body(request: Request) -> bytes:
    """Read the body.

    Raises:
        ApiError: 413 as soon as it exceeds `MAX_BODY`.
    """
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > MAX_BODY:
            raise ApiError(413, "Request Entity Too Large")
        pieces.append(piece)
    return b"".join(pieces)


def parse_multipart(body: bytes, content_type: str) -> tuple[dict[str, object], dict[str, Upload]]:
    """Split a multipart body into fields and files.

    Raises:
        ApiError: 400 if it is not multipart or cut short.
    """
    match = _BOUNDARY.search(content_type)
    if match is None:
        raise bad_request("multipart body has no boundary")
    # Every boundary but the first follows a line break that belongs to it, not to the part.
    parts = (b"\r\n" + body).split(b"\r\n--" + match[1].encode())
    if len(parts) < 2 or not parts[-1].startswith(b"--"):
        raise bad_request("multipart body is incomplete")
    fields: dict[str, object] = {}
    uploads: dict[str, Upload] = {}
    for part in parts[1:-1]:
        head, gap, content = part.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if not gap or name is None:
            raise bad_request("multipart body has a part without a name")
        file_name = _FILE_NAME.search(head)
        if file_name is None:
            fields[_quoted(name[1])] = _text(content)
        else:
            mime_type = _mime_type(head)
            uploads[_quoted(name[1])] = Upload(_quoted(file_name[1]) or "file", mime_type, content)
    return fields, uploads


def _quoted(raw: bytes) -> str:
    return _text(raw).replace('\\"', '"').replace("%22", '"')


def _mime_type(head: bytes) -> str:
    match = re.search(rb"(?i)content-type:\s*([^\s;]+)", head)
    return _text(match[1]) if match else "application/octet-stream"


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise bad_request("strings must be encoded in UTF-8") from error


def _json_object(body: bytes) -> dict[str, object]:
    try:
        value = load_json(body)
    except ValueError as error:
        raise bad_request("can't parse JSON object") from error
    if not isinstance(value, dict):
        raise bad_request("JSON object expected")
    return value
