"""Reading workbooks (XLSX): values as people see them, and nothing that could harm.

Before openpyxl sees a workbook, every part of it is run through a parser that builds nothing:
it counts elements, refuses document type declarations (openpyxl by itself lets entities be
expanded), and notes what openpyxl's frugal mode does not tell: which cells are merged, and which
formulas carry no computed value.
"""

from __future__ import annotations

import re
import warnings
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from io import BytesIO
from typing import IO
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.cell import coordinate_to_tuple, range_boundaries

from knowledge.exchange.findings import FileRefusedError, Finding, Reason
from knowledge.exchange.limits import (
    LAST_ROW,
    MAX_BUILT,
    MAX_COLUMNS,
    MAX_ELEMENTS,
    MAX_FORMAT,
    MAX_PARTS,
    MAX_RATIO,
    MAX_ROWS,
    MAX_UNPACKED,
)
from knowledge.partial_date import PartialDate

_CHUNK = 65_536
_STREAMED, _UNREAD = ("worksheet", "sst"), ("pivotCacheRecords",)
"""Roots of parts that openpyxl reads piece by piece, and not at all."""

_PIECES = frozenset(
    {"row", "c", "v", "f", "is", "si", "t", "r", "rPr"}
    | {"b", "i", "u", "sz", "color", "rFont", "family", "charset", "scheme"}
)
"""What sheets and tables of texts consist of; whatever else stands in them is built as a whole."""

_MACROS = re.compile(r"vbaProject\.bin$|/macrosheets/", re.IGNORECASE)
_OTHER = {
    "word/document.xml": "docx",
    "ppt/presentation.xml": "pptx",
    "content.xml": "ods",
}


@dataclass(slots=True)
class Sheet:
    """A worksheet as read.

    Attributes:
        name: Its name.
        others: Names of the other visible sheets that have content.
        rows: Texts of the rows that have content, by row number.
        findings: Cells that cannot be read.
    """

    name: str
    others: tuple[str, ...]
    rows: dict[int, list[str]]
    findings: list[Finding]


def read(content: bytes, *, sheet: str | None = None) -> Sheet:
    """Read one worksheet: the named one, or the first visible one that has content.

    A merged cell's text also stands in the rows below that it covers, not in the columns.

    Raises:
        FileRefusedError: if the workbook is too large, broken, or has no such sheet. Of a broken
            one the cause is chained, since it could as well be a fault of ours.
    """
    try:
        with ZipFile(BytesIO(content)) as archive:
            _check(archive)
            outlines = _outlines(archive)
        with warnings.catch_warnings():  # about parts of workbooks that are of no interest here
            warnings.simplefilter("ignore")
            return _read(content, sheet, outlines)
    except FileRefusedError:
        raise
    except Exception as exc:  # whatever zipfile and openpyxl stumble over: the file is hostile
        raise FileRefusedError(Finding(Reason.BROKEN)) from exc


def _check(archive: ZipFile) -> None:
    """Refuse by the directory alone what is no workbook, or too much of one."""
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if len(parts) > MAX_PARTS:
        raise FileRefusedError(Finding(Reason.TOO_MANY_PARTS, limit=MAX_PARTS))
    unpacked, packed = (sum(p.file_size for p in parts), sum(p.compress_size for p in parts))
    if unpacked > MAX_UNPACKED or unpacked > max(packed, _CHUNK) * MAX_RATIO:
        raise FileRefusedError(Finding(Reason.UNPACKS_TOO_LARGE, limit=MAX_UNPACKED))
    if any(_MACROS.search(name) for name in names):
        raise FileRefusedError(Finding(Reason.MACROS))
    if "xl/workbook.bin" in names:
        raise FileRefusedError(Finding(Reason.OLD_EXCEL))
    if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
        known = [text for name, text in _OTHER.items() if name in names]
        raise FileRefusedError(Finding(Reason.OTHER_FORMAT, text=known[0] if known else "zip"))
    if any(part.flag_bits & 1 for part in parts):
        raise FileRefusedError(Finding(Reason.ENCRYPTED))
    # Other methods can blow up a small block without any bound.
    allowed = all(part.compress_type in (ZIP_STORED, ZIP_DEFLATED) for part in parts)
    if not allowed or len(names) < len(parts):
        raise FileRefusedError(Finding(Reason.BROKEN))


@dataclass(slots=True)
class _Outline:
    """What a part of a workbook looks like from outside.

    Attributes:
        filled: Whether any cell has content.
        merged: Ranges of merged cells.
        uncomputed: Cells with a formula and without a value.
        last_column: The last column with content.
    """

    filled: bool = False
    merged: list[str] = field(default_factory=list)
    uncomputed: list[str] = field(default_factory=list)
    last_column: int = 0


class _Scanner:
    """Runs parts through expat, keeping an account of all their elements."""

    def __init__(self) -> None:
        self._elements = 0

    def scan(self, source: IO[bytes]) -> _Outline:
        """Read one part to its end, or to where it ceases to be XML."""
        parser = expat.ParserCreate()
        cells = _Cells()
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = cells.start
        parser.EndElementHandler = cells.end
        parser.CharacterDataHandler = cells.characters
        parser.buffer_text = True
        try:
            while chunk := source.read(_CHUNK):
                parser.Parse(chunk)
                if self._elements + cells.elements > MAX_ELEMENTS or cells.built > MAX_BUILT:
                    raise FileRefusedError(Finding(Reason.TOO_MANY_PARTS, limit=MAX_ELEMENTS))
        except expat.ExpatError:
            pass  # a picture; should it be a sheet, openpyxl stumbles at the same place
        self._elements += cells.elements
        return cells.outline


def _refuse_doctype(*_: object) -> None:
    raise FileRefusedError(Finding(Reason.BROKEN))


class _Cells:
    """Handlers that take from a worksheet what openpyxl's frugal mode leaves out."""

    def __init__(self) -> None:
        self.outline = _Outline()
        self.elements = self.built = 0
        self._root = ""
        self._row = 0
        self._cell, self._type = "", ""
        self._formula = self._value = self._in_value = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self.elements += 1
        local = name.rpartition(":")[2]
        if self.elements == 1:
            self._root = local
        if self._root not in _UNREAD and not (self._root in _STREAMED and local in _PIECES):
            self.built += 1
        match local:
            case "c":
                self._cell, self._type = attributes.get("r", ""), attributes.get("t", "")
                self._formula = self._value = False
            case "f":
                self._formula = True
            case "v" | "t":
                self._in_value = True
            case "row":
                number = int(attributes.get("r", self._row + 1))
                if not self._row < number <= LAST_ROW:  # openpyxl would pass over it in silence
                    raise FileRefusedError(Finding(Reason.BROKEN))
                self._row = number
            case "numFmt" if len(attributes.get("formatCode", "")) > MAX_FORMAT:
                raise FileRefusedError(Finding(Reason.BROKEN))
            case "mergeCell":
                self.outline.merged.append(attributes.get("ref", ""))

    def characters(self, text: str) -> None:
        if self._in_value and not text.isspace():
            self._value = True

    def end(self, name: str) -> None:
        match name.rpartition(":")[2]:
            case "v" | "t":
                self._in_value = False
            case "c":
                self._end_cell()

    def _end_cell(self) -> None:
        if self._value:
            self.outline.filled = True
            if self._cell:
                column = coordinate_to_tuple(self._cell)[1]
                self.outline.last_column = max(self.outline.last_column, column)
        elif self._formula and self._type != "str":  # a computed empty text has this type
            self.outline.uncomputed.append(self._cell)


def _outlines(archive: ZipFile) -> dict[str, _Outline]:
    scanner = _Scanner()
    outlines = {}
    for part in archive.infolist():
        with archive.open(part) as source:
            outlines[part.filename] = scanner.scan(source)
    return outlines


def _read(content: bytes, wanted: str | None, outlines: Mapping[str, _Outline]) -> Sheet:
    reader = ExcelReader(BytesIO(content), read_only=True, data_only=True, keep_links=False)
    reader.read()
    paths = {sheet.name: relation.target for sheet, relation in reader.parser.find_sheets()}
    filled = [
        worksheet.title
        for worksheet in reader.wb.worksheets
        if worksheet.sheet_state == "visible" and outlines[paths[worksheet.title]].filled
    ]
    if wanted is not None and wanted not in filled:
        raise FileRefusedError(Finding(Reason.NO_SUCH_SHEET, text=wanted))
    if not filled:
        raise FileRefusedError(Finding(Reason.EMPTY))
    name = wanted or filled[0]
    outline = outlines[paths[name]]
    if outline.last_column > MAX_COLUMNS:
        raise FileRefusedError(Finding(Reason.TOO_MANY_COLUMNS, limit=MAX_COLUMNS))
    worksheet = reader.wb[name]
    findings = [
        Finding(Reason.FORMULA_WITHOUT_VALUE, row=row, column=column)
        for row, column in map(coordinate_to_tuple, outline.uncomputed)
    ]
    rows: dict[int, list[str]] = {}
    # Bounds of our own: those that the file states may be anything.
    lines = worksheet.iter_rows(max_row=LAST_ROW, max_col=MAX_COLUMNS)
    blank: object = None
    for number, line in enumerate(lines, start=1):
        if line is blank:  # openpyxl gives the same one for every row of a gap
            continue
        texts = [_text(cell.value, cell.number_format or "") for cell in line]
        if not any(texts):
            blank = line
            continue
        if len(rows) == MAX_ROWS:
            raise FileRefusedError(Finding(Reason.TOO_MANY_ROWS, limit=MAX_ROWS))
        rows[number] = texts
        findings += [
            Finding(Reason.FORMULA_ERROR, row=number, column=column, text=text)
            for column, (cell, text) in enumerate(zip(line, texts, strict=True), start=1)
            if cell.data_type == "e"
        ]
    _fill_down(rows, outline.merged)
    others = tuple(other for other in filled if other != name)
    return Sheet(name, others, rows, findings)


def _fill_down(rows: Mapping[int, list[str]], merged: Sequence[str]) -> None:
    """Write a merged cell's text into the rows with content that it covers."""
    numbers = sorted(rows)
    budget = len(rows) * MAX_COLUMNS  # merged ranges of a sound sheet do not overlap
    for reference in merged:
        left, top, _, bottom = (bound or 0 for bound in range_boundaries(reference))
        if left > MAX_COLUMNS or top not in rows:
            continue
        for number in numbers[bisect_left(numbers, top + 1) : bisect_left(numbers, bottom + 1)]:
            budget -= 1
            if budget < 0:
                raise FileRefusedError(Finding(Reason.BROKEN))
            rows[number][left - 1] = rows[number][left - 1] or rows[top][left - 1]


def _text(value: object, number_format: str) -> str:
    """A cell's value as the person sees it, in German notation."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "ja" if value else "nein"
        case int() | float():
            return _number(value, number_format)
        case datetime() | date():
            return _date(value, number_format)
        case time():
            return value.isoformat("minutes")
    return str(value)


_NOT_SHOWN = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_EURO = re.compile(r"€|\bEUR\b|\[\$€|\bEuro\b")
_DECIMALS = re.compile(r"0[.,](0+)")


def _date(value: datetime | date, number_format: str) -> str:
    """A date with those parts that its format shows: "12/2025" is not the first of December."""
    shown = _NOT_SHOWN.sub("", number_format).lower()
    if "d" in shown or not ("m" in shown or "y" in shown):
        return PartialDate(value.year, value.month, value.day).german()
    return PartialDate(value.year, value.month if "m" in shown else None).german()


def _number(value: float, number_format: str) -> str:
    """A number with the decimals, the percent sign and the euro sign that its format shows.

    >>> _number(1234.5, '#,##0.00 "€"'), _number(0.5, "0%"), _number(1.1, "0.00"), _number(3.0, "")
    ('1.234,50 €', '50 %', '1,10', '3')
    """
    shown = number_format.partition(";")[0]
    decimals = _DECIMALS.search(shown)
    if "%" in shown:
        return f"{_digits(round(value * 100, 6), 0 if not decimals else len(decimals[1]))} %"
    if _EURO.search(shown):
        whole = float(value).is_integer()
        text = f"{value:,.{0 if whole else 2}f}".translate(str.maketrans(",.", ".,"))
        return f"{text} €"
    return _digits(value, len(decimals[1]) if decimals else None)


def _digits(value: float, decimals: int | None) -> str:
    if decimals is not None:
        return f"{value:.{decimals}f}".replace(".", ",")
    if float(value).is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value).replace(".", ",")
