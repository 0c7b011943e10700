"""Files of all kinds: read as rows, or refused with a reason."""

import io
import zipfile

import pytest

from knowledge.exchange import Reason
from knowledge.exchange.limits import MAX_BYTES, MAX_CELL, MAX_COLUMNS, MAX_ROWS
from knowledge.exchange.sheets import read_table
from tests.knowledge.exchange.files import csv_file, refusal, repacked, xlsx_file


def test_rows_have_their_numbers_and_clean_cells() -> None:
    table = read_table("\ufeffNr.;Titel;;\r\n\r\n1; Kurs\u00a0A ;'=1;\r\n;;\r\n".encode(), "x.csv")
    assert [(row.number, row.cells) for row in table.rows] == [
        (1, ("Nr.", "Titel")),
        (3, ("1", "Kurs A", "=1")),
    ]
    assert (table.sheet, table.other_sheets, table.findings) == (None, (), ())
    assert table.rows[0].cell(9) == ""


def test_csv_and_workbook_of_the_same_table_are_the_same_rows() -> None:
    rows = [["Nr.", "Maßnahme"], ["1", "Kurs"], ["", ""], ["2", "Treff\nund mehr"]]
    assert read_table(csv_file(rows), "a.csv").rows == read_table(xlsx_file(rows), "a.xlsx").rows


def test_what_a_file_is_shows_its_content_and_not_its_name() -> None:
    rows = [["Nr.", "Maßnahme"]]
    assert read_table(xlsx_file(rows), "plan.csv").rows == read_table(csv_file(rows), "x").rows


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("plan.xlsm", Reason.MACROS),
        ("PLAN.XLTM", Reason.MACROS),
        ("plan.xlsb", Reason.OLD_EXCEL),
    ],
)
def test_some_names_are_refused_whatever_they_hold(name: str, reason: Reason) -> None:
    assert refusal(xlsx_file([["Maßnahme"]]), name).reason is reason


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)


def zipped(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "reason", "text"),
    [
        (OLE, Reason.OLD_EXCEL, ""),
        (OLE + "EncryptedPackage".encode("utf-16-le"), Reason.ENCRYPTED, ""),
        (b"%PDF-1.7\n%\xe2\xe3", Reason.OTHER_FORMAT, "pdf"),
        (b"\xef\xbb\xbf\r\n<html><table><tr><td>Nr.", Reason.OTHER_FORMAT, "html"),
        (b"{\\rtf1 Plan}", Reason.OTHER_FORMAT, "rtf"),
        (b"\x89PNG\r\n\x1a\n", Reason.OTHER_FORMAT, "png"),
        (zipped("word/document.xml"), Reason.OTHER_FORMAT, "docx"),
        (zipped("mimetype", "content.xml"), Reason.OTHER_FORMAT, "ods"),
        (zipped("plan.txt"), Reason.OTHER_FORMAT, "zip"),
        (zipped("xl/workbook.bin"), Reason.OLD_EXCEL, ""),
        (b"PK\x03\x04 and nothing more", Reason.BROKEN, ""),
        (bytes(100), Reason.UNKNOWN_ENCODING, ""),
        (b"", Reason.EMPTY, ""),
        (b";;;\n\n  ;\n", Reason.EMPTY, ""),
        (xlsx_file([[None, " "]]), Reason.EMPTY, ""),
    ],
)
def test_other_files_are_refused_with_what_they_are(
    content: bytes, reason: Reason, text: str
) -> None:
    finding = refusal(content)
    assert (finding.reason, finding.text) == (reason, text)


def test_a_file_that_is_too_large_is_refused_before_it_is_looked_at() -> None:
    finding = refusal(b"a" * (MAX_BYTES + 1))
    assert (finding.reason, finding.limit) == (Reason.TOO_MANY_BYTES, MAX_BYTES)


@pytest.mark.parametrize("make", [csv_file, xlsx_file])
def test_too_many_rows_are_refused_and_blank_ones_do_not_count(make: type) -> None:
    rows = [["x", ""]] * MAX_ROWS
    assert len(read_table(make([[""]] * 5 + rows), "x").rows) == MAX_ROWS
    finding = refusal(make([*rows, ["x"]]))
    assert (finding.reason, finding.limit) == (Reason.TOO_MANY_ROWS, MAX_ROWS)


@pytest.mark.parametrize("make", [csv_file, xlsx_file])
def test_too_many_columns_are_refused_and_blank_ones_do_not_count(make: type) -> None:
    row = ["x"] * MAX_COLUMNS
    assert len(read_table(make([[*row, "", ""]]), "x").rows[0].cells) == MAX_COLUMNS
    finding = refusal(make([[*row, "", "x"]]))
    assert (finding.reason, finding.limit) == (Reason.TOO_MANY_COLUMNS, MAX_COLUMNS)


def test_a_cell_that_is_too_long_is_named() -> None:
    finding = refusal(csv_file([["a", "b"], ["c", "x" * (MAX_CELL + 1)]]))
    assert (finding.reason, finding.cell, finding.limit) == (Reason.CELL_TOO_LONG, "B2", MAX_CELL)


def test_a_workbook_with_a_program_is_refused_under_any_name() -> None:
    content = repacked(xlsx_file([["Maßnahme"]]), xl__vbaProject_bin=b"")
    content = content.replace(b"xl/vbaProject_bin", b"xl/vbaProject.bin")
    assert refusal(content, "plan.xlsx").reason is Reason.MACROS
