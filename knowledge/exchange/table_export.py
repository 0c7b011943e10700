"""Writing the measures of a plan as a table that German spreadsheet programs open.

The columns are those of an import: read back unchanged, a table changes nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

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
WIDTH = 24
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
    """The measures below a plan or body as a workbook with one sheet."""
    widths = [_WIDTHS.get(column, WIDTH) for column in Column]
    headings = [HEADINGS[column] for column in Column]
    return write_workbook(SHEET, headings, _rows(snapshot, key), widths=widths)


def write_workbook(
    sheet: str, headings: Sequence[str], rows: Iterable[Sequence[str]], *, widths: Sequence[int]
) -> bytes:
    """A workbook with one sheet that nothing computes in: every cell is text.

    So a spreadsheet program turns neither dates nor numbers into others. Unlike the rest of the
    core it is not the same byte for byte: openpyxl notes when it wrote.

    Args:
        sheet: What the sheet is called.
        headings: The first row.
        rows: The other rows, their texts made harmless by `neutral`.
        widths: Of the columns, in characters.
    """
    workbook = Workbook(write_only=True)
    page = workbook.create_sheet(sheet)

    def cell(text: str, font: Font | None = None) -> Cell:
        made = WriteOnlyCell(page, text or None)
        if text:
            made.data_type = "s"  # also "#NV", which would count as an error
        made.alignment = _WRAPPED
        if font:
            made.font = font
        return made

    for position, width in enumerate(widths, start=1):
        page.column_dimensions[get_column_letter(position)].width = width
    page.freeze_panes = "A2"
    page.append([cell(heading, _BOLD) for heading in headings])
    for row in rows:
        page.append([cell(text) for text in row])
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def _rows(snapshot: Snapshot, key: str) -> Iterator[list[str]]:
    for entry in snapshot.below(key):
        if entry.kind is Kind.MEASURE:
            cells = cells_of(entry, snapshot.entries.get(entry.parent or ""))
            yield [neutral(cells[column]) for column in Column]
