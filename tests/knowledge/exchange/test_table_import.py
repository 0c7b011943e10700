"""Tables as offices make them, from the file to the plan."""

import io
import zipfile
from typing import Any

import openpyxl
import pytest

from knowledge.entries import Aspect, Kind, Phase
from knowledge.exchange import ImportPlan, Reason
from knowledge.exchange.sheets import read_table
from knowledge.exchange.table_export import to_xlsx
from knowledge.partial_date import PartialDate
from tests.knowledge.exchange.files import (
    a_snapshot,
    csv_file,
    planned,
    published,
    reasons,
    refusal,
    saved,
    xlsx_file,
)
from tests.support.builders import an_entry

HEADER = ["Nr.", "Handlungsfeld", "Maßnahme", "Zuständigk.", "Termin", "Umsetzungsstand", "Kosten"]
ROWS = [
    ["1.1", "HF 1: Sprache", "Sprachkurse für Mütter", "Amt 50", "31.12.2025", "läuft", "5.000 €"],
    ["1.2", "HF 1: Sprache", "Lesepaten; Bücherkoffer", "Bücherei", "Ende 2026", "geplant", ""],
    ["2.1", "HF 2: Arbeit", "Jobmesse", "Amt 80", "12/2025", "erledigt", "1.234,50 €"],
]


def keys(plan: ImportPlan) -> list[str]:
    return [change.after.key for change in plan.new]


IMPORTED = ["PLAN-F1", "PLAN-F2", "PLAN-1-1", "PLAN-1-2", "PLAN-2-1"]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_csv_file_of_any_office(encoding: str, delimiter: str) -> None:
    plan = planned(csv_file([HEADER, *ROWS], encoding=encoding, delimiter=delimiter))
    assert keys(plan) == IMPORTED
    assert plan.is_ready
    entries = {entry.key: entry for entry in plan.entries}
    first = entries["PLAN-1-1"]
    assert (first.title, first.parent) == ("Sprachkurse für Mütter", "PLAN-F1")
    assert (first.phase, first.due) == (Phase.IN_PROGRESS, PartialDate(2025, 12, 31))
    assert entries["PLAN-1-2"].due == PartialDate.parse("Ende 2026")
    assert entries["PLAN-F1"].kind is Kind.FIELD
    assert entries["PLAN-F1"].title == "HF 1: Sprache"


def test_a_workbook_with_titles_merged_cells_and_a_total_row() -> None:
    rows: list[list[Any]] = [
        ["Maßnahmenplan Integration"],
        ["Stand: 31.12.2024"],
        [],
        [None, "Nr.", "Handlungsfeld", "Maßnahme", "Zuständigkeit", None, "Termin", "Status"],
        [None, None, None, None, "Federführung", "Beteiligte", None, None],
        [None, 1, "Sprache", "Sprachkurse", "Amt 50", "Verein", "2025", "läuft"],
        [None, 2, None, "Lesepaten", "Bücherei", None, "2026", "geplant"],
        [],
        [None, 3, "Arbeit", "Jobmesse", "Amt 80", None, "2025", "erledigt"],
        [None, "Summe", None, None, None, None, None, "=COUNTA(H6:H9)"],
    ]
    merged = ["A1:H1", "B4:B5", "C4:C5", "D4:D5", "E4:F4", "G4:G5", "H4:H5", "C6:C7"]
    plan = planned(xlsx_file(rows, merged=merged))
    assert plan.errors == ()
    assert reasons(plan.notices) == [(Reason.TOTAL_LEFT_OUT, 10)]
    parents = {entry.title: entry.parent for entry in plan.entries if entry.kind is Kind.MEASURE}
    assert parents == {"Sprachkurse": "PLAN-F1", "Lesepaten": "PLAN-F1", "Jobmesse": "PLAN-F2"}
    partners = [
        fact.text
        for entry in plan.entries
        for fact in entry.facts
        if fact.aspect is Aspect.PARTICIPANTS
    ]
    assert partners == ["Beteiligte: Verein"]


def test_a_broken_row_in_the_middle_is_named_and_the_others_are_planned() -> None:
    broken = ["1.3", "HF 1: Sprache", "Treff", "Amt 50", "31.02.2025", "läuft", ""]
    plan = planned(csv_file([HEADER, *ROWS[:2], broken, ROWS[2]]))
    (error,) = plan.errors
    assert (error.reason, error.cell, error.text) == (Reason.NOT_A_DATE, "E4", "31.02.2025")
    assert keys(plan) == IMPORTED
    assert not plan.is_ready


def test_a_sign_for_nothing_as_a_name_makes_no_measure_and_is_named() -> None:
    nameless = [[f"3.{n}", "", sign, "", "", "läuft", ""] for n, sign in enumerate(["k. A.", "–"])]
    plan = planned(csv_file([HEADER, *ROWS, *nameless]))
    assert keys(plan) == IMPORTED
    assert reasons(plan.errors) == [
        (Reason.MEASURE_MISSING, "C5"),
        (Reason.MEASURE_MISSING, "C6"),
    ]


def test_a_formula_without_a_value_is_named_with_its_cell() -> None:
    rows = [HEADER, *ROWS[:2], [*ROWS[2][:5], "=A1", ""]]
    plan = planned(xlsx_file(rows))
    assert reasons(plan.errors) == [(Reason.FORMULA_WITHOUT_VALUE, "F4")]
    assert keys(plan) == ["PLAN-F1", "PLAN-1-1", "PLAN-1-2"]


def test_empty_rows_and_columns_do_not_matter() -> None:
    spread = [[], *[[x for cell in row for x in ("", cell)] for row in [HEADER, *ROWS]], [], [""]]
    assert keys(planned(csv_file(spread))) == IMPORTED


def test_a_zip_bomb_of_100_megabytes_is_refused() -> None:
    content = io.BytesIO(xlsx_file([HEADER]))
    with (
        zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet2.xml", "w") as part,
    ):
        for _ in range(1600):
            part.write(b"<row/>" + b" " * 65_530)
    assert len(content.getvalue()) < 300_000
    assert refusal(content.getvalue()).reason is Reason.UNPACKS_TOO_LARGE


MANY = [
    [f"{n // 100}.{n % 100}", f"HF {n % 9}", f"Maßnahme {n}", "Amt", f"{n % 12 + 1}/2026", "läuft"]
    for n in range(5_000)
]


@pytest.mark.parametrize("make", [csv_file, xlsx_file])
def test_five_thousand_rows_are_planned_and_a_second_time_change_nothing(make: Any) -> None:
    content = make([HEADER, *MANY])
    plan = planned(content)
    assert len(plan.new) == 5_009
    assert plan.is_ready
    again = planned(content, published(plan, a_snapshot()))
    assert again.changes_nothing
    assert len(again.unchanged) == 5_000


def test_the_same_table_as_csv_and_as_workbook_is_the_same_import() -> None:
    rows = [HEADER, *ROWS]
    snapshot = published(planned(csv_file(rows)), a_snapshot())
    assert planned(xlsx_file(rows), snapshot).changes_nothing


def test_dates_and_amounts_of_a_workbook_are_those_that_are_shown() -> None:
    content = xlsx_file([HEADER, *ROWS])
    sheet_of = read_table(content, "x.xlsx")
    assert sheet_of.rows[1].cells[4] == "31.12.2025"


def test_measures_that_are_not_in_the_table_are_named_and_withdrawn_only_if_wanted() -> None:
    snapshot = published(planned(csv_file([HEADER, *ROWS])), a_snapshot())
    content = csv_file([HEADER, *ROWS[:2]])
    plan = planned(content, snapshot)
    assert [entry.key for entry in plan.missing] == ["PLAN-2-1"]
    assert plan.changes_nothing
    plan = planned(content, snapshot, withdraw_missing=True)
    assert [entry.key for entry in plan.withdrawn] == ["PLAN-2-1"]
    assert "PLAN-2-1" not in published(plan, snapshot).entries
    assert "PLAN-F2" in published(plan, snapshot).entries


def test_a_measure_of_a_faulty_row_is_not_missing() -> None:
    snapshot = published(planned(csv_file([HEADER, *ROWS])), a_snapshot())
    broken = [*ROWS[2][:4], "99.99.2025", *ROWS[2][5:]]
    plan = planned(csv_file([HEADER, *ROWS[:2], broken]), snapshot, withdraw_missing=True)
    assert (plan.missing, plan.withdrawn) == ((), ())
    assert len(plan.errors) == 1


@pytest.mark.parametrize("target", ["FEHLT", "PLAN-1"])
def test_a_plan_that_is_not_there_is_named(target: str) -> None:
    plan = planned(
        csv_file([HEADER]), a_snapshot(an_entry("PLAN-1", parent="PLAN")), target=target
    )
    assert [(error.reason, error.key) for error in plan.errors] == [(Reason.NO_SUCH_PLAN, target)]


def test_a_table_that_names_no_measures_is_refused_with_the_heading_it_lacks() -> None:
    plan = planned(csv_file([["Straße", "Ort"], ["Anger", "Erfurt"]]))
    assert [(error.reason, error.text) for error in plan.errors] == [
        (Reason.COLUMN_MISSING, "Maßnahme")
    ]


def test_a_table_of_a_body_may_hold_measures_of_its_plans() -> None:
    snapshot = published(planned(csv_file([HEADER, *ROWS])), a_snapshot())
    changed = [["PLAN-2-1", "HF 2: Arbeit", "Jobmesse", "Amt 80", "12/2025", "verschoben", ""]]
    plan = planned(csv_file([HEADER, *changed]), snapshot, target="STADT")
    assert [change.after.key for change in plan.changed] == ["PLAN-2-1"]
    assert plan.changed[0].after.phase is Phase.POSTPONED
    assert planned(to_xlsx(snapshot, "STADT"), snapshot, target="STADT").changes_nothing


def test_an_exported_table_that_was_edited_changes_what_was_edited() -> None:
    snapshot = published(planned(csv_file([HEADER, *ROWS])), a_snapshot())
    workbook = openpyxl.load_workbook(io.BytesIO(to_xlsx(snapshot, "PLAN")))
    sheet = workbook.worksheets[0]
    sheet.cell(2, 10).value = "umgesetzt"
    plan = planned(saved(workbook), snapshot, as_of=PartialDate(2026, 1))
    ((part, old, new),) = [(d.part, d.old, d.new) for d in plan.changed[0].differences]
    assert (part, old, new) == ("status", "läuft", "umgesetzt")
    assert len(plan.unchanged) == 2
