"""Writing the measures of a plan as a table that German spreadsheet programs open.

The columns are those of an import: read back unchanged, a table changes nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from knowledge.entries import Kind
from knowledge.exchange.cells import cells_of
from knowledge.exchange.columns import HEADINGS, Column
from knowledge.exchange.texts import neutral
from knowledge.snapshot import Snapshot

SHEET = "Maßnahmen"

_WIDTHS: Mapping[Column, int] = {Column.NUMBER: 14, Column.MEASURE: 45, Column.DESCRIPTION: 45}
_WIDTH = 24
"""Characters; what is longer is wrapped."""

_WRAPPED, _BOLD = Alignment(wrap_text=True, vertical="top"), Font(bold=True)


def to_csv(snapshot: Snapshot, key: str) -> bytes:
    """The measures below a plan or body as CSV, in the dialect of a German Excel.

    UTF-8 with a byte order mark, semicolons, line ends as on Windows.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADINGS[column] for column in Column)
    writer.writerows(_rows(snapshot, key))
    return text.getvalue().encode("utf-8-sig")


def to_xlsx(snapshot: Snapshot, key: str) -> bytes:
    """The measures below a plan or body as a workbook with one sheet.

    Every cell is text: a spreadsheet program turns neither dates nor numbers into others. Unlike
    the rest of the core it is not the same byte for byte: openpyxl notes when it wrote.
    """
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(SHEET)

    def cell(text: str, font: Font | None = None) -> Cell:
        made = WriteOnlyCell(sheet, text or None)
        if text:
            made.data_type = "s"  # also "#NV", which would count as an error
        made.alignment = _WRAPPED
        if font:
            made.font = font
        return made

    for position, column in enumerate(Column, start=1):
        width = _WIDTHS.get(column, _WIDTH)
        sheet.column_dimensions[get_column_letter(position)].width = width
    sheet.freeze_panes = "A2"
    sheet.append([cell(HEADINGS[column], _BOLD) for column in Column])
    for row in _rows(snapshot, key):
        sheet.append([cell(text) for text in row])
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def _rows(snapshot: Snapshot, key: str) -> Iterator[list[str]]:
    for entry in snapshot.below(key):
        if entry.kind is Kind.MEASURE:
            cells = cells_of(entry, snapshot.entries.get(entry.parent or ""))
            yield [neutral(cells[column]) for column in Column]
