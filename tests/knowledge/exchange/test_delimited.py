"""CSV in the encodings and dialects of offices."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.exchange import FileRefusedError, Reason
from knowledge.exchange.delimited import records
from knowledge.exchange.limits import LAST_ROW, MAX_LINE
from tests.knowledge.exchange.files import csv_file, refusal

ROWS = [
    ["Nr.", "Maßnahme", "Zuständig", "Kosten"],
    ["1", "Sprachkurse; auch für Mütter", "Amt 50", "1.234,50 €"],
    ["2", "Zwei\nZeilen, mit Komma", 'Büro "Integration"', "2,5"],
    ["3", "Straßenfest", "", ""],
]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_encoding_and_delimiter_are_told(encoding: str, delimiter: str) -> None:
    assert list(records(csv_file(ROWS, delimiter=delimiter, encoding=encoding))) == ROWS


def test_the_euro_sign_and_quotes_of_windows_1252_are_read() -> None:
    content = "Maßnahme;Kosten\n„Café“ – neu;5 €\n".encode("cp1252")
    assert list(records(content))[1] == ["„Café“ – neu", "5 €"]


def test_big_endian_utf_16_is_read() -> None:
    content = b"\xfe\xff" + "Maßnahme;Amt\nKurs;50\n".encode("utf-16-be")
    assert list(records(content)) == [["Maßnahme", "Amt"], ["Kurs", "50"]]


def test_decimal_commas_do_not_hide_the_semicolon() -> None:
    content = b"Nr;Titel;Kosten\n" + b"1;Kurs;12,5\n" * 100
    assert list(records(content))[1] == ["1", "Kurs", "12,5"]


def test_semicolons_in_sentences_do_not_hide_the_comma() -> None:
    content = b"Titel,Amt\n" + b'"Kurs; Treff",50\n' * 100
    assert list(records(content))[1] == ["Kurs; Treff", "50"]


def test_title_rows_of_one_cell_do_not_hide_the_delimiter() -> None:
    content = "Maßnahmenplan, Stand 2025, Entwurf\n\nNr;Titel\n1;Kurs\n2;Treff\n".encode()
    assert list(records(content))[2:] == [["Nr", "Titel"], ["1", "Kurs"], ["2", "Treff"]]


def test_the_first_line_of_excel_names_the_delimiter_and_is_no_row() -> None:
    assert list(records(b"sep=|\r\nA;x|B\r\n")) == [["A;x", "B"]]


def test_blank_lines_are_counted() -> None:
    assert list(records(b"A;B\n\n1;2\n")) == [["A", "B"], [], ["1", "2"]]


@pytest.mark.parametrize("end", ["", "\n3;Kurs;50\n" * 50_000])
def test_a_quotation_that_does_not_close_is_refused_with_its_row(end: str) -> None:
    content = f'Nr;Titel;Amt\n1;Kurs;50\n2;"offen;50\n{end}'.encode()
    with pytest.raises(FileRefusedError) as refused:
        list(records(content))
    (finding,) = refused.value.findings
    assert (finding.reason, finding.row) == (Reason.OPEN_QUOTE, 3)


def test_a_quote_that_closes_too_early_is_refused_with_its_row() -> None:
    with pytest.raises(FileRefusedError) as refused:
        list(records(b'Titel;Amt\n"Haus" der Kulturen;50\n'))
    assert refused.value.findings[0].row == 2


@pytest.mark.parametrize(
    "content",
    [b"\x00\x01\x02;", b"\xef\xbb\xbf\xff;", "a;b".encode("utf-16-le"), b"\x81;\xff\x00"],
)
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(FileRefusedError) as refused:
        list(records(content))
    assert refused.value.findings[0].reason is Reason.UNKNOWN_ENCODING


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(FileRefusedError):
        list(records(content))


def test_a_line_of_millions_of_cells_is_refused_before_they_are_built() -> None:
    assert refusal(b"a;b\n" + b";" * (MAX_LINE + 1), "plan.csv").reason is Reason.TOO_MANY_COLUMNS


@pytest.mark.parametrize("line", [b"\n", b";\n"])
def test_millions_of_blank_lines_are_refused(line: bytes) -> None:
    assert refusal(b"a;b\n" + line * LAST_ROW, "plan.csv").reason is Reason.TOO_MANY_ROWS
