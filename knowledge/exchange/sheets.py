"""A file that somebody sent, as rows of clean texts with their places.

Whatever cannot be read is refused with a reason; nothing of a file is ever executed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath

from knowledge.exchange import delimited, workbooks
from knowledge.exchange.findings import FileRefusedError, Finding, Reason
from knowledge.exchange.limits import (
    LAST_ROW,
    MAX_BYTES,
    MAX_CELL,
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_UNPACKED,
)
from knowledge.exchange.texts import clean, original


@dataclass(frozen=True, slots=True)
class Row:
    """A row that has content.

    Attributes:
        number: Its place as spreadsheet programs count, from 1.
        cells: Clean texts from the first column to the last filled one; "" where empty.
    """

    number: int
    cells: tuple[str, ...]

    def cell(self, column: int) -> str:
        """The text in a column, from 1; "" beyond the last one."""
        return self.cells[column - 1] if column <= len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as the file has it, not yet understood.

    Attributes:
        rows: The rows with content, in order.
        sheet: Name of the worksheet it was read from; None for CSV.
        other_sheets: Further worksheets with content, which were not read.
        findings: Cells that cannot be read.
    """

    rows: tuple[Row, ...]
    sheet: str | None = None
    other_sheets: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


_REFUSED_NAMES = {
    ".xlsm": Reason.MACROS,
    ".xltm": Reason.MACROS,
    ".xlam": Reason.MACROS,
    ".xlsb": Reason.OLD_EXCEL,
}
_OTHER_NAMES = frozenset(
    {".pdf", ".doc", ".docx", ".odt", ".rtf", ".ods", ".html", ".png", ".jpg"}
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How files of Office 2003 begin, and those with a password."""

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OTHER = ((b"%PDF-", "pdf"), (b"{\\rtf", "rtf"), (b"<", "html"), (b"\x89PNG", "png"))


def read_table(content: bytes, name: str, *, sheet: str | None = None) -> Table:
    """Read a CSV file or one worksheet of an XLSX file.

    Args:
        content: The file.
        name: Its name. What a file is shows its content; the name only tells what is refused.
        sheet: The worksheet to read, instead of the first one with content.

    Raises:
        FileRefusedError: with the reason.
    """
    if len(content) > MAX_BYTES:
        raise FileRefusedError(Finding(Reason.TOO_MANY_BYTES, limit=MAX_BYTES))
    suffix = PurePath(name).suffix.lower()
    refused = _REFUSED_NAMES.get(suffix)
    if refused is not None:
        raise FileRefusedError(Finding(refused))
    if suffix in _OTHER_NAMES:
        raise FileRefusedError(Finding(Reason.OTHER_FORMAT, text=suffix[1:]))
    if content.startswith(b"PK"):
        read = workbooks.read(content, sheet=sheet)
        table = Table(_rows(read.rows.items()), read.name, read.others, tuple(read.findings))
    elif content.startswith(_OLE):
        encrypted = _ENCRYPTED in content
        raise FileRefusedError(Finding(Reason.ENCRYPTED if encrypted else Reason.OLD_EXCEL))
    else:
        table = Table(_rows(enumerate(_records(content), start=1)))
    if not table.rows:
        raise FileRefusedError(Finding(Reason.EMPTY))
    return table


def _records(content: bytes) -> Iterator[list[str]]:
    head = content[:1024].lstrip(b"\xef\xbb\xbf \r\n\t")
    for start, text in _OTHER:
        if head.startswith(start):
            raise FileRefusedError(Finding(Reason.OTHER_FORMAT, text=text))
    return delimited.records(content)


def _rows(numbered: Iterable[tuple[int, list[str]]]) -> tuple[Row, ...]:
    rows: list[Row] = []
    size = 0
    for number, texts in numbered:
        # A workbook keeps a text once and may show it in every cell.
        size += sum(map(len, texts))
        if size > MAX_UNPACKED:
            raise FileRefusedError(Finding(Reason.UNPACKS_TOO_LARGE, limit=MAX_UNPACKED))
        if number > LAST_ROW:
            raise FileRefusedError(Finding(Reason.TOO_MANY_ROWS, limit=MAX_ROWS))
        row = Row(number, _cells(number, texts))
        if not row.cells:
            continue
        if len(row.cells) > MAX_COLUMNS:
            raise FileRefusedError(Finding(Reason.TOO_MANY_COLUMNS, row=number, limit=MAX_COLUMNS))
        if len(rows) == MAX_ROWS:
            raise FileRefusedError(Finding(Reason.TOO_MANY_ROWS, limit=MAX_ROWS))
        rows.append(row)
    return tuple(rows)


def _cells(number: int, texts: list[str]) -> tuple[str, ...]:
    for column, text in enumerate(texts, start=1):
        if len(text) > MAX_CELL:
            raise FileRefusedError(
                Finding(Reason.CELL_TOO_LONG, row=number, column=column, limit=MAX_CELL)
            )
    cells = [original(clean(text)) for text in texts]
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)
