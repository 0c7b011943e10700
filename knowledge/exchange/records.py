"""The rows of a table that are measures, without totals, section headings and other lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

from knowledge.entries import LONGEST_LINE
from knowledge.exchange.columns import Column, Layout
from knowledge.exchange.findings import Finding, Reason
from knowledge.exchange.sheets import Row, Table
from knowledge.exchange.texts import is_number, money, one_line, says_nothing, title, unit
from knowledge.german import fold

_TOTAL = re.compile(
    r"(?:(?:zwischen|gesamt)?summen?|gesamt|insgesamt|total|gesamtkosten)\b"
    r"|(?:(?:gesamt|teil)?ergebnis|anzahl)$"  # as Excel and LibreOffice call them
)
_TOTAL_ALONE = re.compile(
    r"(?:(?:zwischen|gesamt|teil)?summen?|(?:gesamt|teil)?ergebnis|insgesamt|gesamt|total"
    r"|gesamtkosten)[ :=.]*"
)
_COUNT = re.compile(r"\d+ (?:einzel|teil)?(?:massnahmen?|vorhaben|projekte?|eintrae?ge?)\b")
"""How a row of totals counts the measures above it, in the place of a name."""

_SECTION = re.compile(
    r"(?:handlungsfeld|hf|themenfeld|aktionsfeld|handlungsbereich|handlungsschwerpunkt"
    r"|themenbereich|leitthema)\b"
)
_DAY = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}")
_AMOUNTS = (Column.COST, Column.FUNDING)


@dataclass(frozen=True, slots=True)
class Record:
    """A row that is a measure.

    Attributes:
        row: Its number in the sheet.
        cells: Clean texts by column; what is empty or says nothing is absent.
        faulty: Whether a cell of it cannot be read, so that it must not be imported.
    """

    row: int
    cells: Mapping[Column, str]
    faulty: bool = False


def read_records(
    table: Table,
    layout: Layout,
    known: Container[tuple[str, str]] = frozenset(),
    name_of: Callable[[str], str | None] = lambda _: None,
) -> tuple[list[Record], list[Finding]]:
    """Read the rows below the headings.

    A field of action may stand in a column, or in a line of its own above its measures. A sign
    for "nothing here" is no title, except where a measure is called so already.

    Args:
        table: The table.
        layout: What its columns mean.
        known: Numbers and titles of measures as an export writes them.
        name_of: The title of the measure that a number means, for a table without titles.
    """
    findings: list[Finding] = []
    records = list(_records(table, layout, known, name_of, findings))
    return records, findings


def _records(
    table: Table,
    layout: Layout,
    known: Container[tuple[str, str]],
    name_of: Callable[[str], str | None],
    findings: list[Finding],
) -> Iterator[Record]:
    headers = {row.cells for row in table.rows if row.number in layout.header}
    unreadable = _unreadable(table, layout)
    units = {heading.column: unit(heading.text) for heading in layout.headings}
    named = layout.positions.get(Column.MEASURE)
    field = None
    for row in table.rows:
        if row.number <= max(layout.header) or row.cells in headers or _counts_columns(row):
            continue
        cells = _cells(row, layout, known)
        filled = [text for text in row.cells if not says_nothing(text)]
        if not filled:
            continue
        if named is None and (title_of := name_of(cells.get(Column.NUMBER, ""))):
            cells[Column.MEASURE] = title_of
        name = cells.get(Column.MEASURE, filled[0])
        is_known = (cells.get(Column.NUMBER, ""), name) in known
        total = None if is_known else _total(name, filled)
        if total is not None:
            findings.append(Finding(Reason.TOTAL_LEFT_OUT, row=row.number, text=total))
        elif len(filled) == 1 and Column.FIELD not in layout.positions and _is_section(filled[0]):
            field = one_line(filled[0])
        elif Column.MEASURE in cells:
            if field is not None:
                cells[Column.FIELD] = field
            faults = list(_faults(row, cells, layout)) + unreadable.get(row.number, [])
            findings += faults
            yield Record(row.number, _settled(cells, units), faulty=bool(faults))
        elif faults := [f for f in unreadable.get(row.number, []) if f.column == named]:
            findings += faults  # the name is there, but not computed
        elif len(filled) == 1:
            findings.append(Finding(Reason.NOTE_LEFT_OUT, row=row.number, text=filled[0]))
        elif named is None and Column.NUMBER in cells:
            number = cells[Column.NUMBER]
            findings.append(Finding(Reason.NO_SUCH_NUMBER, row=row.number, text=number))
        else:
            findings.append(Finding(Reason.MEASURE_MISSING, row=row.number, column=named))


def _total(name: str, filled: Sequence[str]) -> str | None:
    """The cell by which a row is one of totals; None if it is none.

    Beside it, in the place of a name, there may be the number of the measures above. A field of
    action may be called "Gesamt", and a group of people "insgesamt": what has a name of its own
    beside them is a measure.

    Args:
        name: What names the measure, if the row is one.
        filled: All cells that say something.
    """
    if _TOTAL_ALONE.fullmatch(fold(name)) or (name == filled[0] and _TOTAL.match(fold(name))):
        return name
    if not is_number(name) and not _COUNT.fullmatch(fold(name)):
        return None
    if _TOTAL.match(fold(filled[0])):
        return filled[0]
    return next((text for text in filled if _TOTAL_ALONE.fullmatch(fold(text))), None)


def _unreadable(table: Table, layout: Layout) -> Mapping[int, list[Finding]]:
    """Cells that cannot be read, by row, as far as their columns are imported."""
    imported = set(layout.positions.values())
    found: dict[int, list[Finding]] = {}
    for finding in table.findings:
        if finding.row is not None and finding.column in imported:
            found.setdefault(finding.row, []).append(finding)
    return found


def _counts_columns(row: Row) -> bool:
    """Whether a row numbers the columns, as forms of German offices have it below the headings."""
    digits = [text.strip("()") for text in row.cells if text]
    return len(digits) > 2 and digits == [str(n) for n in range(1, len(digits) + 1)]


def _is_section(text: str) -> bool:
    return len(text) <= LONGEST_LINE and _SECTION.match(fold(text)) is not None


def _cells(row: Row, layout: Layout, known: Container[tuple[str, str]]) -> dict[Column, str]:
    texts = {column: row.cell(position) for column, position in layout.positions.items()}
    cells = {column: text for column, text in texts.items() if not says_nothing(text)}
    name = texts.get(Column.MEASURE, "")
    if (texts.get(Column.NUMBER, ""), name) in known:
        cells[Column.MEASURE] = name
    return cells


def _faults(row: Row, cells: Mapping[Column, str], layout: Layout) -> Iterator[Finding]:
    number = cells.get(Column.NUMBER, "")
    if _DAY.fullmatch(number):
        column = layout.positions[Column.NUMBER]
        yield Finding(Reason.NUMBER_IS_A_DATE, row=row.number, column=column, text=number)


def _settled(cells: dict[Column, str], units: Mapping[Column | None, str]) -> dict[Column, str]:
    """Cells with amounts in one form, and with a title that fits."""
    for column in _AMOUNTS:
        if column in cells:
            text = cells[column]
            cells[column] = money(f"{text} {units[column]}".strip() if is_number(text) else text)
    whole = cells[Column.MEASURE]
    cells[Column.MEASURE] = title(whole)
    if len(one_line(whole)) > LONGEST_LINE:
        described = cells.get(Column.DESCRIPTION)
        cells[Column.DESCRIPTION] = f"{whole}\n{described}" if described else whole
    return cells
