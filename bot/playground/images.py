"""Size of a picture, read from its first bytes."""

from __future__ import annotations

import struct
from typing import Final

from bot.playground.wire import bad_request

MAX_SIDES: Final = 10_000
MAX_RATIO: Final = 20
_PNG: Final = b"\x89PNG\r\n\x1a\n"
# Start-of-frame markers of JPEG; C4, C8 and CC are tables, not frames.
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def photo_size(content: bytes) -> tuple[int, int]:
    """Width and height in pixels of a PNG or JPEG.

    Raises:
        ApiError: 400 if it is neither, or larger or narrower than Telegram takes.
    """
    size = _png_size(content) or _jpeg_size(content)
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    if sum(size) > MAX_SIDES or max(size) > MAX_RATIO * min(size):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return size


def _png_size(content: bytes) -> tuple[int, int] | None:
    if not content.startswith(_PNG) or len(content) < 24:
        return None
    width, height = struct.unpack(">II", content[16:24])
    return int(width), int(height)


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    if not content.startswith(b"\xff\xd8"):
        return None
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        length, height, width = struct.unpack(">HxHH", content[at + 2 : at + 9])
        if content[at + 1] in _FRAMES:
            return int(width), int(height)
        at += 2 + int(length)
    return None
