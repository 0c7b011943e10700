"""Which rows of a table are measures."""

from collections.abc import Sequence
from typing import Any

import pytest

from knowledge.entries import LONGEST_LINE
from knowledge.exchange import Column, Finding, Reason
from knowledge.exchange.columns import find_layout
from knowledge.exchange.records import Record, read_records
from knowledge.exchange.sheets import read_table
from tests.knowledge.exchange.files import csv_file, reasons, xlsx_file

HEADER = ["Nr.", "Maßnahme", "Status", "Kosten in €"]


def read(*rows: Sequence[Any], file: Any = csv_file) -> tuple[list[Record], list[Finding]]:
    table = read_table(file(rows), "x")
    return read_records(table, find_layout(table))


def test_blank_cells_and_signs_for_nothing_are_absent() -> None:
    (record,), findings = read(HEADER, ["1", "Kurs", "-", "k. A."])
    assert record == Record(2, {Column.NUMBER: "1", Column.MEASURE: "Kurs"})
    assert findings == []


@pytest.mark.parametrize(
    "total",
    [
        ["Summe", "", "", "500"],
        ["", "Gesamt", "", "500"],
        ["Gesamt: 12", "", "", ""],
        ["Gesamtsumme", "", "", "=SUMME(D2:D3)"],
        ["", "", "Zwischensumme HF 1", "5"],
        ["Summe", "2", "", "500"],
        ["Ergebnis", "", "", "500"],
        ["", "Gesamtergebnis", "", "500"],
        ["Anzahl", "12", "", ""],
        ["Summe", "5 Maßnahmen", "", "500"],
        ["", "5 Maßnahmen", "Summe", "500"],
        ["5 Maßnahmen", "Summe:", "", "500"],
        ["12", "Insgesamt", "", "500"],
    ],
)
def test_a_row_of_totals_is_left_out(total: list[str]) -> None:
    records, findings = read(HEADER, ["1", "Kurs", "", "500"], total)
    assert len(records) == 1
    assert reasons(findings) == [(Reason.TOTAL_LEFT_OUT, 3)]


@pytest.mark.parametrize(
    "row",
    [
        ["1", "Gesamtkonzept Sprache", "", ""],
        ["", "Gesamtelternvertretung", "läuft", ""],
        ["Gesamt", "Auswertung", "", ""],
        ["1", "Kurs", "insgesamt", "5"],
    ],
)
def test_a_measure_that_only_sounds_like_a_total_is_read(row: list[str]) -> None:
    records, findings = read(HEADER, row)
    assert (len(records), findings) == (1, [])


def test_a_line_above_its_measures_names_their_field() -> None:
    records, findings = read(
        HEADER,
        ["Handlungsfeld 1: Sprache"],
        ["1", "Kurs", "", ""],
        ["2", "Treff", "", ""],
        ["", "HF 2 Arbeit", "", ""],
        ["3", "Messe", "", ""],
    )
    assert [record.cells[Column.FIELD] for record in records] == [
        "Handlungsfeld 1: Sprache",
        "Handlungsfeld 1: Sprache",
        "HF 2 Arbeit",
    ]
    assert findings == []


def test_a_note_below_the_table_is_left_out_and_named() -> None:
    records, findings = read(HEADER, ["1", "Kurs", "", ""], ["* Stand: Entwurf", "", "", ""])
    assert len(records) == 1
    assert (findings[0].reason, findings[0].text) == (Reason.NOTE_LEFT_OUT, "* Stand: Entwurf")


def test_a_row_with_content_that_names_no_measure_is_a_fault() -> None:
    records, findings = read(HEADER, ["1", "", "läuft", ""], ["2", "Kurs", "", ""])
    assert [record.row for record in records] == [3]
    assert reasons(findings) == [(Reason.MEASURE_MISSING, "B2")]


SIGNS = ["k. A.", "-", "n. n.", "–", "/", "N.N.", "keine Angabe", "n/a", "…"]


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_for_nothing_is_no_name_of_a_measure(sign: str) -> None:
    records, findings = read(HEADER, ["1", sign, "läuft", ""], ["2", "Kurs", "", ""])
    assert [record.row for record in records] == [3]
    assert reasons(findings) == [(Reason.MEASURE_MISSING, "B2")]
    assert read(HEADER, ["2", "Kurs", "", ""], ["", sign, "Entwurf", ""]) == read(
        HEADER, ["2", "Kurs", "", ""], ["", "", "Entwurf", ""]
    )


def test_a_measure_that_is_called_like_a_sign_for_nothing_is_found_by_number_and_name() -> None:
    table = read_table(
        csv_file([HEADER, ["P-1", "k. A.", "", ""], ["P-2", "k. A.", "x", ""]]), "x"
    )
    records, findings = read_records(table, find_layout(table), known={("P-1", "k. A.")})
    assert [record.cells[Column.MEASURE] for record in records] == ["k. A."]
    assert reasons(findings) == [(Reason.MEASURE_MISSING, "B3")]


def test_repeated_headings_and_numbered_columns_are_passed_over() -> None:
    records, findings = read(
        HEADER, ["(1)", "(2)", "(3)", "(4)"], ["1", "Kurs", "", ""], HEADER, ["2", "Treff"]
    )
    assert [record.cells[Column.NUMBER] for record in records] == ["1", "2"]
    assert findings == []


def test_bare_amounts_have_the_unit_of_their_heading() -> None:
    records, _ = read(
        HEADER, ["1", "A", "", "1234,5"], ["2", "B", "", "12 T€"], ["3", "C", "", "offen"]
    )
    assert [r.cells[Column.COST] for r in records] == ["1.234,50 €", "12 T€", "offen"]
    records, _ = read(["Maßnahme", "Kosten (T€)"], ["A", "60"])
    assert records[0].cells[Column.COST] == "60 T€"
    records, _ = read(["Maßnahme", "Kosten"], ["A", "60"])
    assert records[0].cells[Column.COST] == "60"


def test_a_number_that_a_program_made_a_date_is_a_fault() -> None:
    records, findings = read(HEADER, ["01.02.2025", "Kurs", "", ""])
    assert records[0].faulty
    assert reasons(findings) == [(Reason.NUMBER_IS_A_DATE, "A2")]


def test_a_long_name_is_shortened_and_kept_whole_as_the_description() -> None:
    long = "Wir bieten Sprachkurse an. " * 12
    (plain, described), _ = read(
        ["Maßnahme", "Beschreibung"], [long, ""], [long, "Mit Kinderbetreuung."]
    )
    assert len(plain.cells[Column.MEASURE]) <= LONGEST_LINE
    assert plain.cells[Column.DESCRIPTION] == long.strip()
    assert described.cells[Column.DESCRIPTION] == f"{long.strip()}\nMit Kinderbetreuung."


def test_a_name_that_is_not_computed_is_not_called_missing() -> None:
    _, findings = read(
        HEADER, [1, "=A1", "läuft"], [2, "=A1", None], [3, None, "läuft"], file=xlsx_file
    )
    assert reasons(findings) == [
        (Reason.FORMULA_WITHOUT_VALUE, "B2"),
        (Reason.FORMULA_WITHOUT_VALUE, "B3"),
        (Reason.MEASURE_MISSING, "B4"),
    ]


def test_a_cell_that_cannot_be_read_makes_its_row_faulty_if_it_is_imported() -> None:
    (first, second), findings = read(
        ["Nr.", "Maßnahme", "Status", "Priorität"],
        [1, "Kurs", "=A1", 5],
        [2, "Treff", "läuft", "=A1"],
        ["Summe", None, "=A1", None],
        file=xlsx_file,
    )
    assert (first.faulty, second.faulty) == (True, False)
    assert reasons(findings) == [
        (Reason.FORMULA_WITHOUT_VALUE, "C2"),
        (Reason.TOTAL_LEFT_OUT, 4),
    ]
