"""Reading delimited text (CSV) in the encodings and dialects that offices produce."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from knowledge.exchange.findings import FileRefusedError, Finding, Reason
from knowledge.exchange.limits import MAX_COLUMNS, MAX_LINE

DELIMITERS = ";,\t|"
"""In the order of their likelihood in Germany, where the comma divides decimals."""

SAMPLE = 200
"""Records by which the delimiter is told."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


def records(content: bytes) -> Iterator[list[str]]:
    """The records of a file, blank ones included, so that they can be counted.

    Raises:
        FileRefusedError: while iterating, if the encoding is unknown, a line is endless, or a
            quotation is not closed.
    """
    text = _decoded(content)
    declared = _DECLARED.match(text)  # Excel's own first line, which it does not show
    if declared is not None:
        text = text[declared.end() :]
    delimiter = declared[1] if declared else _delimiter(text)
    read = 0
    try:
        for record in _parsed(text, delimiter, strict=True):
            yield record
            read += 1
    except csv.Error as exc:
        raise FileRefusedError(Finding(Reason.OPEN_QUOTE, row=read + 1)) from exc


def _decoded(content: bytes) -> str:
    encodings = [name for mark, name in _BOMS if content.startswith(mark)]
    for encoding in encodings or ("utf-8", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:  # as pictures, programs and UTF-16 without a mark have it
            return text
    raise FileRefusedError(Finding(Reason.UNKNOWN_ENCODING))


def _parsed(text: str, delimiter: str, *, strict: bool) -> Iterator[list[str]]:
    return csv.reader(_lines(text), delimiter=delimiter, strict=strict)


def _lines(text: str) -> Iterator[str]:
    for line in io.StringIO(text, newline=""):
        if len(line) > MAX_LINE:  # millions of cells would be built of it before anybody counts
            raise FileRefusedError(Finding(Reason.TOO_MANY_COLUMNS, limit=MAX_COLUMNS))
        yield line


def _delimiter(text: str) -> str:
    """The delimiter that cuts most records into equally many cells, and into many."""
    return max(DELIMITERS, key=lambda delimiter: _fit(text, delimiter))


def _fit(text: str, delimiter: str) -> int:
    try:
        widths = Counter(map(len, islice(_parsed(text, delimiter, strict=False), SAMPLE)))
    except csv.Error:
        return 0
    # Commas and semicolons in sentences cut a few records alike; squares let these few count less.
    return max(((width - 1) * count**2 for width, count in widths.items() if width), default=0)
