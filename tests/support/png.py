"""Makes screenshots small: few colours and the best compression take a third of the bytes.

As PNG is written down in https://www.w3.org/TR/png-3/. A dependency for one picture format, and
only for the pictures of a document, would be out of proportion.
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST_COLOURS = 256
_TRUE_COLOUR, _PALETTE = 2, 3
_PIXEL = 3
"""Bytes of a pixel: red, green, blue."""


def with_palette(png: bytes) -> bytes:
    """Reduce a picture to its 256 most frequent colours; rarer ones become the nearest of them.

    Args:
        png: A picture with 8 bits each for red, green and blue, as Chromium writes it.

    Raises:
        ValueError: if it is another kind of picture.
    """
    chunks = list(_chunks(png))
    header = chunks[0][1]
    width, height, depth, kind, *_, interlaced = struct.unpack(">IIBBBBB", header)
    if (depth, kind, interlaced) != (8, _TRUE_COLOUR, 0):
        raise ValueError("not a picture of 8 bits per colour")
    packed = b"".join(data for name, data in chunks if name == b"IDAT")
    lines = [
        [bytes(line[at : at + _PIXEL]) for at in range(0, len(line), _PIXEL)]
        for line in _unfiltered(zlib.decompress(packed), width * _PIXEL)
    ]
    counted = Counter(colour for line in lines for colour in line)
    palette = [colour for colour, _ in counted.most_common(_MOST_COLOURS)]
    numbers = {colour: _nearest(colour, palette) for colour in counted}
    # Each line begins with the number of its filter; palettes compress best without one.
    indexed = b"".join(b"\0" + bytes(numbers[colour] for colour in line) for line in lines)
    return _SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, _PALETTE, 0, 0, 0)),
            (b"PLTE", b"".join(palette)),
            (b"IDAT", zlib.compress(indexed, 9)),
            (b"IEND", b""),
        )
    )


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(png):
        (size,) = struct.unpack_from(">I", png, at)
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        at += size + 12


def _unfiltered(packed: bytes, size: int) -> Iterator[bytearray]:
    """The lines, each of which is stored as its difference from what stands left and above."""
    above = bytearray(size)
    for start in range(0, len(packed), size + 1):
        line = bytearray(packed[start + 1 : start + 1 + size])
        for i in range(size):
            left, corner = (line[i - _PIXEL], above[i - _PIXEL]) if i >= _PIXEL else (0, 0)
            line[i] = (line[i] + _predicted(packed[start], left, above[i], corner)) % 256
        yield line
        above = line


def _predicted(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 4:  # Paeth: whichever is nearest to left + up - corner
        near = left + up - corner
        return min((left, up, corner), key=lambda value: abs(near - value))
    return (0, left, up, (left + up) // 2)[kind]


def _nearest(colour: bytes, palette: list[bytes]) -> int:
    def distance(number: int) -> int:
        return sum((a - b) ** 2 for a, b in zip(colour, palette[number], strict=True))

    return min(range(len(palette)), key=distance)
