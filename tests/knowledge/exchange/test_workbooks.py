"""Workbooks: what people see in them is read, and what could harm is refused."""

import io
import struct
import zipfile
from contextlib import suppress
from datetime import date, datetime, time
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.styles import NamedStyle
from openpyxl.worksheet.datavalidation import DataValidation

from knowledge.exchange import FileRefusedError, Reason
from knowledge.exchange.limits import (
    MAX_BUILT,
    MAX_CELL,
    MAX_COLUMNS,
    MAX_ELEMENTS,
    MAX_FORMAT,
    MAX_PARTS,
    MAX_UNPACKED,
)
from knowledge.exchange.sheets import read_table
from tests.knowledge.exchange.files import reasons, refusal, repacked, saved, xlsx_file

SHEET = "xl__worksheets__sheet1.xml"
PLAIN = xlsx_file([["Nr.", "Maßnahme"], ["1", "Kurs"]])
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def with_sheet(inside: str, *, before: str = "") -> bytes:
    """A workbook whose sheet is given as XML."""
    xml = f'{before}<worksheet xmlns="{NAMESPACE}">{inside}</worksheet>'
    return repacked(PLAIN, **{SHEET: xml.encode()})


def cells(content: bytes, **how: Any) -> list[tuple[str, ...]]:
    return [row.cells for row in read_table(content, "plan.xlsx", **how).rows]


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        ("Amt 50", "General", "Amt 50"),
        (3, "General", "3"),
        (3.0, "General", "3"),
        (2.5, "General", "2,5"),
        (1.1, "0.00", "1,10"),
        (45_000, "General", "45000"),
        (1234.5, '#,##0.00 "€"', "1.234,50 €"),
        (60_000, "#,##0 [$€-407]", "60.000 €"),
        (0.5, "0%", "50 %"),
        (0.125, "0.0%", "12,5 %"),
        (True, "General", "ja"),
        (False, "General", "nein"),
        (datetime.fromisoformat("2025-12-31"), "dd.mm.yyyy", "31.12.2025"),
        (date(2025, 12, 31), "yyyy-mm-dd", "31.12.2025"),
        (datetime.fromisoformat("2025-12-31T09:30"), "dd.mm.yyyy hh:mm", "31.12.2025"),
        (date(2025, 12, 1), "mm/yyyy", "Dezember 2025"),
        (date(2025, 12, 1), "[$-407]mmm yy;@", "Dezember 2025"),
        (date(2025, 1, 1), "yyyy", "2025"),
        (time(9, 30), "hh:mm", "09:30"),
        ("'=1+1", "General", "=1+1"),
    ],
)
def test_a_value_is_read_as_it_is_shown(value: object, number_format: str, text: str) -> None:
    workbook = Workbook()
    cell = workbook.worksheets[0].cell(1, 1)
    cell.value = value  # type: ignore[assignment]  # whatever a cell may hold
    cell.number_format = number_format
    assert cells(saved(workbook)) == [(text,)]


def test_a_number_that_is_not_typed_as_a_date_is_none() -> None:
    assert cells(with_sheet('<sheetData><row r="1"><c r="A1"><v>46022</v></c></row></sheetData>'))[
        0
    ] == ("46022",)


def test_a_date_outside_all_calendars_is_an_error_of_its_cell() -> None:
    workbook = Workbook()
    cell = workbook.worksheets[0].cell(1, 1)
    cell.value = 99_999_999
    cell.number_format = "dd.mm.yyyy"
    table = read_table(saved(workbook), "x.xlsx")
    assert reasons(table.findings) == [(Reason.FORMULA_ERROR, "A1")]


def test_a_formula_has_its_computed_value_or_is_named() -> None:
    rows = (
        '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><f>1+1</f></c>'
        '<c r="C1" t="str"><f>""</f><v></v></c><c r="D1" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
        '<c r="E1" t="str"><f>"a"</f><v>offen</v></c></row>'
    )
    table = read_table(with_sheet(f"<sheetData>{rows}</sheetData>"), "x.xlsx")
    assert table.rows[0].cells == ("2", "", "", "#DIV/0!", "offen")
    assert reasons(table.findings) == [
        (Reason.FORMULA_WITHOUT_VALUE, "B1"),
        (Reason.FORMULA_ERROR, "D1"),
    ]
    assert table.findings[1].text == "#DIV/0!"


def test_a_formula_of_a_program_that_computes_nothing_is_named() -> None:
    table = read_table(xlsx_file([["Summe", "=1+1"]]), "x.xlsx")
    assert reasons(table.findings) == [(Reason.FORMULA_WITHOUT_VALUE, "B1")]


def test_a_merged_cell_fills_the_rows_below_and_not_the_columns() -> None:
    content = xlsx_file(
        [["Feld", "Titel"], ["Sprache", "A"], [None, "B"], [None, None], ["Arbeit", None]],
        merged=["A2:A4", "A5:B5"],
    )
    assert cells(content) == [("Feld", "Titel"), ("Sprache", "A"), ("Sprache", "B"), ("Arbeit",)]


def test_the_first_visible_sheet_with_content_is_read_and_the_others_are_named() -> None:
    workbook = Workbook()
    workbook.worksheets[0].title = "Leer"
    for name in ("Versteckt", "Plan", "Archiv"):
        workbook.create_sheet(name).append([name])
    workbook["Versteckt"].sheet_state = "hidden"
    content = saved(workbook)
    table = read_table(content, "x.xlsx")
    assert (table.sheet, table.other_sheets) == ("Plan", ("Archiv",))
    assert read_table(content, "x.xlsx", sheet="Archiv").rows[0].cells == ("Archiv",)
    for name in ("Versteckt", "Leer", "Anderes"):
        finding = refusal(content, sheet=name)
        assert (finding.reason, finding.text) == (Reason.NO_SUCH_SHEET, name)


def test_what_openpyxl_does_not_know_is_passed_over_in_silence() -> None:
    workbook = Workbook()
    workbook.worksheets[0].append(["Maßnahme"])
    workbook.worksheets[0].add_data_validation(DataValidation(type="list", formula1='"a,b"'))
    workbook.add_named_style(NamedStyle(name="Eigene"))
    xml = zipfile.ZipFile(io.BytesIO(saved(workbook))).read("xl/worksheets/sheet1.xml").decode()
    extension = '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"/></extLst></worksheet>'
    content = repacked(saved(workbook), **{SHEET: xml.replace("</worksheet>", extension).encode()})
    assert cells(content) == [("Maßnahme",)]


def bomb(size: int) -> bytes:
    """A workbook with a part of so many bytes, which is small as long as it is packed."""
    content = io.BytesIO(PLAIN)
    with (
        zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/media/image1.xml", "w") as part,
    ):
        for _ in range(size // 65_536):
            part.write(b" " * 65_536)
    return content.getvalue()


def test_a_zip_bomb_is_refused_by_its_directory() -> None:
    content = bomb(100 * 1024 * 1024)
    assert len(content) < 200_000
    finding = refusal(content)
    assert (finding.reason, finding.limit) == (Reason.UNPACKS_TOO_LARGE, MAX_UNPACKED)


def test_a_part_that_is_packed_too_well_is_refused() -> None:
    assert refusal(bomb(20 * 1024 * 1024)).reason is Reason.UNPACKS_TOO_LARGE


def test_a_directory_that_lies_about_sizes_is_refused_while_reading() -> None:
    size = 100 * 1024 * 1024
    content = bomb(size)
    assert content.count(struct.pack("<I", size)) >= 1
    forged = content.replace(struct.pack("<I", size), struct.pack("<I", 1000))
    assert refusal(forged).reason is Reason.BROKEN


def test_many_parts_are_refused() -> None:
    parts = {f"xl__media__{number}.png": b"" for number in range(MAX_PARTS)}
    finding = refusal(repacked(PLAIN, **parts))
    assert (finding.reason, finding.limit) == (Reason.TOO_MANY_PARTS, MAX_PARTS)


@pytest.mark.parametrize(("root", "count"), [("sst", MAX_ELEMENTS), ("styleSheet", MAX_BUILT)])
def test_many_elements_are_refused_before_anything_is_built_of_them(root: str, count: int) -> None:
    # Not compressed, so that the ratio of sizes raises no suspicion.
    content = io.BytesIO(PLAIN)
    with zipfile.ZipFile(content, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("xl/extra.xml", f"<{root}>{'<b/>' * (count + 1)}</{root}>")
    finding = refusal(content.getvalue())
    assert (finding.reason, finding.limit) == (Reason.TOO_MANY_PARTS, MAX_ELEMENTS)


def test_many_rules_in_a_sheet_are_refused_as_they_would_be_built_as_a_whole() -> None:
    rules = '<cfRule type="cellIs" priority="1"/>' * (MAX_BUILT + 1)
    content = io.BytesIO(PLAIN)
    with zipfile.ZipFile(content, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("xl/extra.xml", f"<worksheet>{rules}</worksheet>")
    assert refusal(content.getvalue()).reason is Reason.TOO_MANY_PARTS


def test_a_text_that_is_kept_once_and_shown_in_every_cell_counts_every_time() -> None:
    text = "a" * MAX_CELL
    rows = MAX_UNPACKED // MAX_CELL // MAX_COLUMNS + 1
    content = xlsx_file([[text] * MAX_COLUMNS] * rows)
    assert len(content) < 400_000
    finding = refusal(content)
    assert (finding.reason, finding.limit) == (Reason.UNPACKS_TOO_LARGE, MAX_UNPACKED)


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(("length", "is_read"), [(MAX_FORMAT, True), (MAX_FORMAT + 1, False)])
def test_a_number_format_that_would_be_looked_at_for_hours_is_refused(
    length: int, is_read: bool
) -> None:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(["Kurs"])
    sheet["A1"].number_format = "[" * length
    content = saved(workbook)
    if is_read:
        assert cells(content) == [("Kurs",)]
    else:
        assert refusal(content).reason is Reason.BROKEN


def test_openpyxl_alone_would_expand_entities() -> None:
    content = with_sheet(
        '<sheetData><row r="1"><c r="A1" t="str"><v>&b;</v></c></row></sheetData>', before=LAUGHS
    )
    read = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    assert [cell.value for cell in next(read.worksheets[0].rows)] == ["hahaha"]
    read.close()
    assert refusal(content).reason is Reason.BROKEN


@pytest.mark.parametrize("part", [SHEET, "xl__workbook.xml", "xl__styles.xml", "xl__x.xml"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_in_every_part(part: str, encoding: str) -> None:
    xml = f'<?xml version="1.0" encoding="{encoding}"?>{LAUGHS}<x/>'
    assert refusal(repacked(PLAIN, **{part: xml.encode(encoding)})).reason is Reason.BROKEN


def test_an_external_entity_is_not_fetched() -> None:
    doctype = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    assert refusal(with_sheet("<sheetData/>&e;", before=doctype)).reason is Reason.BROKEN


def test_other_methods_of_packing_are_refused() -> None:
    content = io.BytesIO(PLAIN)
    with zipfile.ZipFile(content, "a", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("xl/extra.xml", b" " * 1_000_000)
    assert refusal(content.getvalue()).reason is Reason.BROKEN


def test_a_part_that_is_there_twice_is_refused() -> None:
    content = io.BytesIO(PLAIN)
    with (
        pytest.warns(UserWarning, match="Duplicate name"),
        zipfile.ZipFile(content, "a") as archive,
    ):
        archive.writestr("xl/workbook.xml", b"<x/>")
    assert refusal(content.getvalue()).reason is Reason.BROKEN


@pytest.mark.parametrize(
    "inside",
    [
        '<sheetData><row r="5"/><row r="4"/></sheetData>',
        '<sheetData><row r="99999999999"/></sheetData>',
        '<sheetData><row r="x"/></sheetData>',
        '<sheetData><row r="1"><c r="??"><v>1</v></c></row></sheetData>',
        '<sheetData><row r="1"><c r="A1" t="s"><v>99</v></c></row></sheetData>',
        '<sheetData><row r="1"><c r="A1" t="zz"><v>1</v></c><c',
    ],
)
def test_a_sheet_against_the_format_is_refused(inside: str) -> None:
    assert refusal(with_sheet(inside)).reason is Reason.BROKEN


def test_the_size_that_a_sheet_says_it_has_does_not_matter() -> None:
    inside = (
        '<dimension ref="A1:XFD1048576"/><sheetData>'
        '<row r="1"><c r="A1" t="str"><v>x</v></c></row>'
        '<row r="1048576"><c r="A1048576" t="str"><v>y</v></c></row></sheetData>'
    )
    table = read_table(with_sheet(inside), "x.xlsx")
    assert [(row.number, row.cells) for row in table.rows] == [(1, ("x",)), (1_048_576, ("y",))]


def test_merged_ranges_that_cover_everything_many_times_are_refused() -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="str"><v>x</v></c></row>' for n in range(1, 1001))
    ranges = '<mergeCell ref="A1:XFD1048576"/>' * 1_000
    inside = f"<sheetData>{rows}</sheetData><mergeCells>{ranges}</mergeCells>"
    assert refusal(with_sheet(inside)).reason is Reason.BROKEN


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, len(PLAIN) - 1), st.integers(0, 255)), max_size=20),
    st.integers(0, len(PLAIN)),
)
def test_a_damaged_workbook_is_read_or_refused(
    changes: list[tuple[int, int]], length: int
) -> None:
    damaged = bytearray(PLAIN)
    for place, byte in changes:
        damaged[place] = byte
    for content in (bytes(damaged), PLAIN[:length]):
        with suppress(FileRefusedError):
            read_table(content, "x.xlsx")


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from('<>/="cvrftsAB12 sheetData&;!'), max_size=200))
def test_a_sheet_of_any_markup_is_read_or_refused(inside: str) -> None:
    with suppress(FileRefusedError):
        read_table(with_sheet(inside), "x.xlsx")
